"""A site is frozen only once the playbook that changes it is up, connected and at its gate."""

import pwd
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until

_WRAPPER = """#!/bin/sh
[ ! -e "$HOME/cold" ] || exit 1
exec php "$@"
"""


@pytest.mark.xdist_group("opcache")
def test_a_playbook_that_does_not_come_to_its_gate_freezes_nobody(take: Take, fleet: Fleet) -> None:
    (site,) = take("opcache")
    home = Path(pwd.getpwnam(site.account).pw_dir)
    php, cold = home / "php-of-the-test", home / "cold"
    php.write_text(_WRAPPER)
    php.chmod(0o755)
    hosts = fleet.folder / "hosts.yml"
    line = f"ansible_user: {site.account}\n"
    hosts.write_text(hosts.read_text().replace(line, f"{line}      php: {php}\n", 1))
    # Nothing to bring, so that the apply playbook is the first to need the host's PHP.
    fleet.pin("opcache", "lab-guestbook", "{version: 1.0, state: inactive}")
    before = site.whole()
    try:
        running = fleet.start("apply", "opcache", "--yes")
        until(running, "stage")
        cold.touch()
        out, err = running.communicate(timeout=120)
    finally:
        cold.unlink(missing_ok=True)
        php.unlink()

    assert running.returncode == 1, f"{out}\n{err}"
    run = fleet.last_run("opcache")
    assert [reason["slug"] for reason in run["reasons"]] == ["playbook.start"]
    phases = [
        line.split()[3]
        for line in (site.state / "journal").read_text().splitlines()
        if line.split()[2] == run["id"]
    ]
    assert "stage" in phases
    assert "freeze" not in phases
    site.assert_as(before)


@pytest.mark.xdist_group("opcache")
def test_bytes_that_cannot_be_brought_freeze_nobody(take: Take, fleet: Fleet) -> None:
    (site,) = take("opcache")
    fleet.pin("opcache", "lab-guestbook", "1.1")
    site.write("wp-content/plugins/lab-guestbook/own.php", "<?php // this site's alone\n")
    before = site.whole()
    refused = fleet.wpstate("apply", "opcache", "--yes", code=3)
    run = fleet.last_run("opcache")

    assert [reason["slug"] for reason in run["reasons"]] == ["stage.refused"], refused
    assert "own.php" in run["reasons"][0]["found"]
    assert "freeze" not in [phase["phase"] for phase in run["phases"]]
    site.assert_as(before)
