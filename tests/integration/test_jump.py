"""Through a jump host: our own connections, host keys, sftp, and Ansible's ssh."""

import getpass
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.own_sshd import OwnSshd, make_key
from wpstate.adapters.ansible_files import Connection, environment
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Failed, Refused
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.workflows.trust import offers, trust


class Way:
    """An sshd that is reached through another, and that one through a third."""

    def __init__(self, folder: Path, **of_jump: object) -> None:
        key = folder / "key of ours, 100%"
        make_key(key)
        shutil.copy(f"{key}.pub", folder / "ours.pub")
        opened = {"AuthorizedKeysFile": folder / "ours.pub", "Subsystem": "sftp internal-sftp"}
        self.outer = OwnSshd(folder / "outer", **opened)
        self.jump = OwnSshd(folder / "jump", **opened, **of_jump)
        self.target = OwnSshd(folder / "target", **opened)
        self.key = key
        self.known = folder / "known hosts, 100%"
        user = getpass.getuser()
        outer = Account("127.0.0.1", self.outer.port, user)
        jump = Account("127.0.0.1", self.jump.port, user, outer)
        self.account = Account("127.0.0.1", self.target.port, user, jump)
        self.host = Host(self.account, "/nowhere")
        self.site = Site(SiteId("shop"), self.host, "http://127.0.0.1")

    def start(self) -> None:
        for sshd in (self.outer, self.jump, self.target):
            sshd.start()

    def stop(self) -> None:
        for sshd in (self.outer, self.jump, self.target):
            sshd.stop()

    def shells(self) -> SshShells:
        return SshShells(KnownHosts(self.known), self.key)

    def trust(self) -> None:
        with self.shells() as shells:
            for offer in offers([self.site], "shop", shells):
                trust(offer, shells, lambda _: True)


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    made = Way(tmp_path)
    made.start()
    yield made
    made.stop()


def entries(sshd: OwnSshd) -> int:
    return sshd.log.read_text().count("Accepted publickey")


def test_commands_and_files_go_through_and_each_machine_is_logged_in_to_once(way: Way) -> None:
    way.trust()
    before = [entries(sshd) for sshd in (way.outer, way.jump, way.target)]
    with way.shells() as shells:
        shell = shells.of(way.host)
        for _ in range(3):
            assert shell.run("cat; echo $SSH_CONNECTION", b"in ", timeout_s=20).exit_code == 0
        shells.send_file(way.host, "/tmp/wpstate-jump-test", b"x" * 100_000)
    after = [entries(sshd) for sshd in (way.outer, way.jump, way.target)]
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1, 1]


def test_each_key_on_the_way_is_asked_about_from_the_outside_in(way: Way) -> None:
    with way.shells() as shells, pytest.raises(Refused) as error:
        shells.of(way.host).run("true", timeout_s=10)
    assert f"wpstate trust 127.0.0.1:{way.outer.port}" in (error.value.problems[0].mend or "")
    assert entries(way.outer) == 0
    with way.shells() as shells:
        seen = []
        for offer in offers([way.site], "shop", shells):
            seen.append(offer.account.port)
            trust(offer, shells, lambda _: True)
    assert seen == [way.outer.port, way.jump.port, way.target.port]
    way.jump.stop()
    way.jump.new_host_key()
    way.jump.start()
    with way.shells() as shells, pytest.raises(Refused) as error:
        shells.of(way.host).run("true", timeout_s=10)
    assert [p.slug for p in error.value.problems] == ["host.key_changed"]
    assert str(way.jump.port) in (error.value.problems[0].key or "")
    assert entries(way.target) == 0


def test_a_jump_host_that_forwards_nothing_or_is_away_is_named(tmp_path: Path) -> None:
    closed = Way(tmp_path)
    closed.start()
    try:
        closed.trust()
        closed.target.stop()
        with closed.shells() as shells, pytest.raises(Failed) as error:
            shells.of(closed.host).run("true", timeout_s=10)
        (problem,) = error.value.problems
        assert problem.slug == "host.unreachable"
        assert "cannot reach it" in (problem.found or "")
        assert f"-J root@127.0.0.1:{closed.outer.port}" in (problem.mend or "").replace(
            getpass.getuser(), "root"
        )
        closed.jump.stop()
        with closed.shells() as shells, pytest.raises(Failed) as error:
            shells.of(closed.host).run("true", timeout_s=10)
        assert str(closed.jump.port) in (error.value.problems[0].key or "")
    finally:
        closed.stop()


def test_a_connection_whose_jump_host_died_is_opened_again(way: Way) -> None:
    way.trust()
    with way.shells() as shells:
        shell = shells.of(way.host)
        assert shell.run("echo 1", timeout_s=20).stdout == b"1\n"
        with pytest.raises(Failed):  # sshd -> its session -> the shell
            shells.of(Host(way.account.way[0], "/")).run(
                "kill $(ps -o ppid= -p $$); sleep 5", timeout_s=10
            )
        assert shell.run("echo 2", timeout_s=20).stdout == b"2\n"


def test_the_ssh_of_ansible_goes_the_same_way_and_trusts_the_same_keys(
    way: Way, tmp_path: Path
) -> None:
    words = shlex.split(
        environment(tmp_path, Connection((way.known,), way.key), way.account)["ANSIBLE_SSH_ARGS"]
    )
    argv = ("ssh", *words, "-o", "ControlMaster=no", "-p", str(way.target.port), "127.0.0.1")
    stranger = subprocess.run((*argv, "echo there"), capture_output=True, timeout=30)
    assert stranger.returncode != 0
    assert entries(way.outer) == 0
    way.trust()
    ran = subprocess.run((*argv, "echo there"), capture_output=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (0, b"there\n"), ran.stderr
    assert min(entries(sshd) for sshd in (way.outer, way.jump, way.target)) >= 1
    # A jump host that is another by now gets no further: neither the outer nor its own ssh asks.
    for sshd in (way.outer, way.jump):
        sshd.stop()
        key = (sshd.folder / "host").read_bytes()
        sshd.new_host_key()
        sshd.start()
        arrived = entries(way.target)
        strange = subprocess.run((*argv, "echo there"), capture_output=True, timeout=30)
        assert strange.returncode != 0
        assert entries(way.target) == arrived
        sshd.stop()
        (sshd.folder / "host").write_bytes(key)
        sshd.start()
    assert subprocess.run((*argv, "true"), capture_output=True, timeout=30).returncode == 0
