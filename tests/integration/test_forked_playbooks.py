"""A playbook whose Ansible is forked from a prepared process is as one that starts by itself: its
own settings, its certain end here and on the host, and nothing left of it."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.integration.lab_site import CHECKOUT, borrowed
from tests.integration.test_ansible import eventually, hang_below, php_of, private_dirs
from tests.roles.role_site import CONNECTION, TOKEN, RoleSite, artifact, plugin
from wpstate.adapters.ansible import AnsiblePlaybooks
from wpstate.adapters.ansible_files import environment_of_server
from wpstate.adapters.ansible_start import begin_server
from wpstate.adapters.interrupts import deaf_at_first
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Failed
from wpstate.ports import WaitingPlaybook

_CONTROLLER = """
import socket, sys, time
from tests.integration.lab_site import as_lab_site
from tests.roles.role_site import CONNECTION, RoleSite
from wpstate.adapters.ansible import AnsiblePlaybooks
site = RoleSite(as_lab_site("pagecache"))
playbooks = AnsiblePlaybooks(CONNECTION, server=socket.socket(fileno=int(sys.argv[1])))
waiting = playbooks.start("apply", site.site, site.apply_vars())
waiting.open_gate()
print("waiting", flush=True)
time.sleep(60)
"""


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("pagecache", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


@pytest.fixture
def hanging(site: RoleSite) -> Path:
    return hang_below(site)


@pytest.fixture
def server() -> Iterator["_Server"]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, deaf_at_first():  # as where a run is begun
        process = begin_server(theirs, environment_of_server())
    yield _Server(ours, process)
    ours.close()
    assert process.wait(20) in {0, -signal.SIGKILL}


class _Server:
    def __init__(self, control: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        self.control, self.process = control, process

    @property
    def number(self) -> int:
        return self.control.fileno()


def _in(*private: Path) -> list[Path]:
    """Processes, of which each run's are in its folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "cwd").readlink() in private:
                found.append(folder)
    return found


Start = Callable[[], WaitingPlaybook]


@pytest.fixture
def start(site: RoleSite, server: _Server) -> Iterator[Start]:
    """Begins a playbook that changes nothing; what became of it, it is ended."""
    with ExitStack() as begun:
        shells = begun.enter_context(
            SshShells(KnownHosts(CONNECTION.known_hosts[0]), CONNECTION.key_file)
        )

        def one() -> WaitingPlaybook:
            forked = AnsiblePlaybooks(CONNECTION, shells, server=server.control)
            waiting = forked.start("apply", site.site, site.apply_vars())
            begun.callback(waiting.cancel)
            return waiting

        yield one


def test_it_does_what_one_does_that_starts_by_itself(site: RoleSite, server: _Server) -> None:
    alone = AnsiblePlaybooks(CONNECTION)
    forked = AnsiblePlaybooks(CONNECTION, server=server.control)
    assert site.stage(artifact("akismet", "5.7.2")).ok
    asked = site.apply_vars(plugin("akismet", "update", "5.7.2"))
    waiting = forked.start("apply", site.site, asked)
    # It came of the server: no Python was started for it.
    at_work = _in(*private_dirs(site))
    assert sum(_parent(each) == server.process.pid for each in at_work) == 1
    assert site.plugins()["akismet"] == ("5.5", "inactive")
    waiting.open_gate()
    first = waiting.wait(60)
    assert first.ok, first.failure
    assert site.plugins()["akismet"] == ("5.7.2", "inactive")
    again = [each.run("apply", site.site, site.apply_vars(), 60) for each in (alone, forked)]
    assert again[0].results == again[1].results
    assert [each.ok for each in again] == [True, True]
    assert private_dirs(site) == []


def test_a_failure_is_told_alike(site: RoleSite, server: _Server) -> None:
    asked = site.apply_vars(plugin("akismet", "update", "9.9"))
    told = [
        AnsiblePlaybooks(CONNECTION, server=one).run("apply", site.site, asked, 60).failure
        for one in (None, server.control)
    ]
    assert told[0] is not None
    assert told[0] == told[1]


def test_two_beside_each_other_share_nothing(site: RoleSite, start: Start) -> None:
    one = start()
    (private,) = private_dirs(site)
    two = start()
    assert len({each.name for each in _in(*private_dirs(site))} - {""}) >= 4
    one.cancel()
    assert not private.exists()
    assert _in(private) == []
    two.open_gate()
    assert two.wait(60).ok


def test_none_of_it_is_deaf_to_a_signal(site: RoleSite, start: Start) -> None:
    start()
    at_work = _in(*private_dirs(site))
    masks = {
        line.split()[1]
        for each in at_work
        for line in (each / "status").read_text().splitlines()
        if line.startswith("SigBlk:")
    }
    assert len(at_work) >= 2
    assert {int(mask, 16) for mask in masks} == {0}


def test_a_server_that_cannot_import_ansible_has_each_start_by_itself(site: RoleSite) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        process = begin_server(theirs, environment_of_server() | {"ANSIBLE_FORKS": "no number"})
        theirs.close()
        forked = AnsiblePlaybooks(CONNECTION, server=ours)
        ran = [forked.run("apply", site.site, site.apply_vars(), 60) for _ in range(2)]
    assert [(each.ok, each.failure) for each in ran] == [(True, None)] * 2
    assert process.wait(20) == 0
    assert private_dirs(site) == []


def test_the_token_is_in_no_command_line_and_no_environment(
    site: RoleSite, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_ROLES_PATH", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", shlex.quote("/nowhere"))
    waiting = start()
    at_work = _in(*private_dirs(site))
    assert len(at_work) >= 2  # the shim, Ansible
    for process in at_work:
        for name in ("cmdline", "environ"):
            with suppress(OSError):  # one that has ended meanwhile
                text = (process / name).read_bytes()
                assert TOKEN.encode() not in text
                assert b"/nowhere" not in text
    waiting.open_gate()
    assert waiting.wait(60).ok
    assert private_dirs(site) == []


def test_cancel_ends_it_here_and_on_the_host(site: RoleSite, start: Start, hanging: Path) -> None:
    waiting = start()
    waiting.open_gate()
    assert eventually(hanging.exists)
    (private,) = private_dirs(site)
    waiting.cancel()
    assert eventually(lambda: php_of(site) == [], 15)
    assert _in(private) == []
    assert private_dirs(site) == []


@pytest.mark.parametrize("with_server", [False, True])
def test_nothing_outlives_a_killed_controller(
    site: RoleSite, server: _Server, hanging: Path, with_server: bool
) -> None:
    controller = subprocess.Popen(
        (sys.executable, "-c", _CONTROLLER, str(server.number)),
        stdout=subprocess.PIPE, cwd=CHECKOUT, pass_fds=(server.number,),
    )  # fmt: skip
    assert controller.stdout is not None
    assert controller.stdout.readline() == b"waiting\n"
    assert eventually(hanging.exists)
    (private,) = private_dirs(site)
    if with_server:
        server.process.kill()
    controller.kill()
    controller.wait()
    assert eventually(lambda: private_dirs(site) == [])
    assert eventually(lambda: _in(private) == [])


def test_without_its_server_it_starts_by_itself(site: RoleSite, server: _Server) -> None:
    server.process.kill()
    server.process.wait()
    forked = AnsiblePlaybooks(CONNECTION, server=server.control)
    assert forked.run("apply", site.site, site.apply_vars(), 60).ok


def test_a_server_that_sleeps_is_not_waited_for_for_ever(site: RoleSite, server: _Server) -> None:
    os.kill(server.process.pid, signal.SIGSTOP)
    forked = AnsiblePlaybooks(CONNECTION, server=server.control)
    with pytest.raises(Failed, match=r"playbook\.start"):
        forked.start("apply", site.site, site.apply_vars(), within_s=1)
    os.kill(server.process.pid, signal.SIGCONT)
    # What it begins once it wakes has nothing to do, and ends at once.
    assert eventually(lambda: private_dirs(site) == [])
    assert forked.run("apply", site.site, site.apply_vars(), 60).ok


def _parent(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])
