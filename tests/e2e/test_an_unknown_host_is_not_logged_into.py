"""A host whose key was never trusted, or is another now, learns no user and no key of ours."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.fleet import Fleet
from tests.integration.own_sshd import OwnSshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OwnSshd]:
    folder = tmp_path / "sshd"
    folder.mkdir()
    own = OwnSshd(folder)
    own.start()
    yield own
    own.stop()


def test_it_is_refused_before_authentication(fleet: Fleet, sshd: OwnSshd) -> None:
    hosts = fleet.folder / "hosts.yml"
    text = hosts.read_text("utf-8").replace("ansible_port: 22022", f"ansible_port: {sshd.port}")
    hosts.write_text(text, "utf-8")

    for known in ("", _another_key(sshd)):
        (fleet.home / "known_hosts").write_text(known, "utf-8")
        refused = fleet.wpstate("apply", "shop", "--yes", code=3)
        assert refused.slugs() == {"observe.host_key"}
        assert "mend   wpstate trust shop\n" in refused.out
    (fleet.home / "known_hosts").unlink()
    assert "add --yes" in fleet.wpstate("trust", "shop", code=64).err
    assert not (fleet.home / "known_hosts").exists()
    log = sshd.log_text()
    assert "preauth" in log
    assert "wpl-duo" not in log


def _another_key(sshd: OwnSshd) -> str:
    other = sshd.folder / "other"
    command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other)
    subprocess.run(command, check=True)
    kind, blob, *_ = other.with_suffix(".pub").read_text("utf-8").split()
    return f"[127.0.0.1]:{sshd.port} {kind} {blob}\n"
