"""Passes that nobody watches: where nothing is to do they cost a look and nothing else, and a
service that is stopped in the middle of a change leaves its site whole."""

import os
import pwd
import re
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site

_ACCOUNT = "    {name}:\n      ansible_user: {account}\n"
_COUNTING = """
import os, sys

def _count(event, args):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        line = " ".join(map(str, args[1] if event == "subprocess.Popen" else args))
        file = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line.replace(chr(10), " ").encode() + b"\\n")
        os.close(file)

sys.addaudithook(_count)
"""


@contextmanager
def _counted_php(fleet: Fleet, *sites: Site) -> Iterator[Path]:
    """What wpstate takes for PHP on these sites' account writes down each start."""
    account = pwd.getpwnam(sites[0].account)
    php, log = Path(account.pw_dir, "counted-php"), Path(account.pw_dir, "counted-php.log")
    php.write_text(f'#!/bin/sh\necho "$*" >>{shlex.quote(str(log))}\nexec php "$@"\n')
    php.chmod(0o755)
    log.touch()
    os.chown(log, account.pw_uid, account.pw_gid)
    hosts = fleet.folder / "hosts.yml"
    text = hosts.read_text("utf-8")
    for site in sites:
        entry = _ACCOUNT.format(name=site.name, account=site.account)
        assert entry in text
        text = text.replace(entry, f"{entry}      php: {php}\n")
    hosts.write_text(text, "utf-8")
    try:
        yield log
    finally:
        php.unlink()
        log.unlink()


@pytest.mark.xdist_group("shop")
def test_where_nothing_is_to_do_a_pass_is_one_php_for_an_account(
    take: Take, fleet: Fleet, tmp_path: Path
) -> None:
    sites = take("blog", "shop")
    started = tmp_path / "started"
    started.touch()
    (tmp_path / "counting").mkdir()
    (tmp_path / "counting" / "sitecustomize.py").write_text(_COUNTING.format(log=str(started)))
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("mode: apply\n")
    fleet.git("init", "-q", "-b", "main")
    with _counted_php(fleet, *sites) as log:
        fleet.commit("In sync")
        paths = f"{tmp_path / 'counting'}:{os.environ.get('PYTHONPATH', '')}"
        done = fleet.wpstate("reconcile", "--once", "blog", "shop", PYTHONPATH=paths)
        assert "Pass: 2 of 2 sites in sync." in done.out
        assert len(log.read_text().splitlines()) == 1
        # On this machine: git is asked for the revision, and there is no Ansible.
        assert {Path(line.split()[0]).name for line in started.read_text().splitlines()} == {"git"}

        # What is counted so is seen where there is something to do.
        fleet.pin("shop", "akismet", "{version: 5.5, state: active}")
        fleet.commit("Something to do")
        fleet.wpstate("reconcile", "--once", "shop", PYTHONPATH=paths)
        assert len(log.read_text().splitlines()) > 2
        assert re.search("ansible", started.read_text())


def _metrics(fleet: Fleet) -> dict[str, str]:
    lines = fleet.wpstate("metrics").out.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


@pytest.mark.xdist_group("getenv")
def test_a_service_that_is_stopped_in_a_change_leaves_the_site_whole(
    take: Take, fleet: Fleet, tmp_path: Path
) -> None:
    (site,) = take("getenv")
    fleet.pin("getenv", "lab-guestbook", "1.1")
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("mode: apply\nreconcile: {every: 12h, jitter: 1s}\n")
    before = site.whole()
    service = fleet.start("reconcile", "getenv")
    until(service, "post-check")
    service.send_signal(signal.SIGTERM)
    out, err = service.communicate(timeout=200)
    assert service.returncode == 0, out + err
    site.assert_as(before)
    assert not (site.state / "lock").exists()
    told = _metrics(fleet)
    assert told['wpstate_rollback_total{tier="whole"}'] == "1"
    assert told['wpstate_apply_total{outcome="rolled_back"}'] == "1"

    # The pass was not brought to its end by itself: the next service makes it up at once.
    file = tmp_path / "wpstate.prom"
    service = fleet.start("reconcile", "getenv", "--metrics", str(file))
    assert service.stderr
    assert any("the next pass begins at" in line for line in service.stderr)
    service.send_signal(signal.SIGTERM)
    service.communicate(timeout=200)
    assert service.returncode == 0
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    told = _metrics(fleet)
    assert told['wpstate_apply_total{outcome="applied"}'] == "1"
    assert told['wpstate_site_up{site="getenv"}'] == "1"
    assert file.read_text().endswith("# EOF\n")
