"""A site that is reached through another machine is planned, changed and proved like any other."""

from getpass import getuser
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.integration.lab_accounts import LAB
from tests.integration.own_sshd import OwnSshd


@pytest.mark.xdist_group("atelier")
def test_a_run_goes_through_the_jump_host_from_plan_to_proof(
    take: Take, fleet: Fleet, tmp_path: Path
) -> None:
    take("atelier")
    jump = OwnSshd(tmp_path / "jump", AuthorizedKeysFile=LAB / "keys/controller_ed25519.pub")
    hosts = fleet.folder / "hosts.yml"
    text = hosts.read_text("utf-8").replace("    atelier:\n", "    atelier:\n      jump: bastion\n")
    entry = f"{{ansible_host: 127.0.0.1, ansible_port: {jump.port}, ansible_user: {getuser()}}}"
    text = text.replace("  hosts:\n", f"  jumps:\n    bastion: {entry}\n  hosts:\n", 1)
    hosts.write_text(text, "utf-8")
    jump.start()
    try:
        assert "trust" in fleet.wpstate("plan", "atelier", code=3).out
        fleet.wpstate("trust", "atelier", "--yes")
        fleet.pin("atelier", "lab-guestbook", "1.1")
        fleet.wpstate("apply", "atelier", "--yes")
        assert "In sync" in fleet.wpstate("plan", "atelier").out
        entered = jump.log.read_text().count("Accepted publickey")
    finally:
        jump.stop()
    # The run's own connection and Ansible's, beside those of three other commands.
    assert entered >= 4
    assert "Connection refused" in fleet.wpstate("plan", "atelier", code=3).out
