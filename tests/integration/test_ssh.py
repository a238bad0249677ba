"""Commands over SSH against real servers: streams, deadlines, limits, host keys."""

import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration import lab_accounts
from tests.integration.own_sshd import OwnSshd, make_key
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh import SshShell, SshShells
from wpstate.model.problem import Failed, Refused, WpstateError
from wpstate.model.site import Account, Host

EIGHT_MB = bytes(range(256)) * 31_250


@pytest.fixture(scope="module")
def shell() -> Iterator[SshShell]:
    with lab_accounts.shells() as shells:
        yield shells.of(lab_accounts.site("getenv").host)


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OwnSshd]:
    server = OwnSshd(tmp_path)
    server.start()
    yield server
    server.stop()


def slug_of(error: pytest.ExceptionInfo[WpstateError]) -> str:
    return error.value.problems[0].slug


def test_a_command_gets_its_input_and_gives_both_outputs_and_its_exit_code(shell: SshShell) -> None:
    result = shell.run("cat; printf err >&2; exit 3", b"in\0put", timeout_s=10)
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"in\0put", b"err")


def test_large_streams_in_all_directions_at_once_do_not_block_each_other(shell: SshShell) -> None:
    began_s = time.monotonic()
    command = "head -c 4000000 /dev/zero >&2; cat"
    result = shell.run(command, EIGHT_MB, timeout_s=30, max_bytes=1 << 25)
    assert result.stdout == EIGHT_MB
    assert len(result.stderr) == 4_000_000
    assert time.monotonic() - began_s < 15


def test_a_command_may_end_without_reading_its_input(shell: SshShell) -> None:
    assert shell.run("exit 5", EIGHT_MB, timeout_s=10).exit_code == 5


def test_a_signal_is_told_from_an_exit_code(shell: SshShell) -> None:
    assert shell.run("kill -9 $$", timeout_s=10).exit_code == -1


@pytest.mark.parametrize("command", ["sleep 30", "while :; do echo x; sleep 0.1; done"])
def test_the_deadline_holds_for_the_silent_and_for_the_talkative(
    shell: SshShell, command: str
) -> None:
    shell.run("true", timeout_s=10)
    began_s = time.monotonic()
    with pytest.raises(Failed) as error:
        shell.run(command, timeout_s=1)
    assert slug_of(error) == "host.timeout"
    assert time.monotonic() - began_s < 10


def test_endless_output_is_cut_off(shell: SshShell) -> None:
    began_s = time.monotonic()
    with pytest.raises(Failed) as error:
        shell.run("yes", timeout_s=30, max_bytes=1 << 20)
    assert slug_of(error) == "host.too_much_output"
    assert time.monotonic() - began_s < 10


def test_the_deadline_covers_a_host_that_accepts_and_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        account = Account("127.0.0.1", mute.getsockname()[1], "nobody")
        began_s = time.monotonic()
        with SshShells(KnownHosts(tmp_path / "known")) as shells, pytest.raises(Failed) as error:
            shells.of(Host(account, "/")).run("true", timeout_s=1)
    assert slug_of(error) == "host.unreachable"
    assert time.monotonic() - began_s < 15


def test_a_host_that_talks_for_ever_instead_of_ssh_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            line, _ = server.accept()
            with line:
                try:
                    while True:
                        line.sendall(b"HTTP/1.1 200 \x1b[2J OK\r\n" * 100)
                except OSError:
                    return

        threading.Thread(target=talk, daemon=True).start()
        account = Account("127.0.0.1", server.getsockname()[1], "nobody")
        with SshShells(KnownHosts(tmp_path / "known")) as shells, pytest.raises(Failed) as error:
            shells.of(Host(account, "/")).run("true", timeout_s=3)
    assert slug_of(error) == "host.unreachable"
    assert "\x1b" not in str(error.value.problems[0])


def test_threads_share_one_connection_to_an_account() -> None:
    host = lab_accounts.site("getenv").host
    with lab_accounts.shells() as shells, ThreadPoolExecutor(20) as pool:
        results = pool.map(
            lambda n: shells.of(host).run(f"echo {n} $SSH_CONNECTION", timeout_s=30).stdout.split(),
            range(20),
        )
        answers = [(int(words[0]), words[2]) for words in results]
    assert [number for number, _ in answers] == list(range(20))
    assert len({source_port for _, source_port in answers}) == 1


def test_a_lost_connection_is_never_taken_for_a_command_that_a_signal_ended() -> None:
    """Threads change places often, so that one reads its channel while the others are closed."""
    host = lab_accounts.site("getenv").host
    kept_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(8):
            with lab_accounts.shells() as shells, ThreadPoolExecutor(8) as pool:
                shell = shells.of(host)
                waiting = [pool.submit(shell.run, "sleep 20", timeout_s=30) for _ in range(7)]
                with suppress(Failed):
                    shell.run("sleep 0.2; kill $(ps -o ppid= -p $$); sleep 5", timeout_s=10)
                for command in waiting:
                    with pytest.raises(Failed) as error:
                        command.result()
                    assert slug_of(error) == "host.unreachable"
    finally:
        sys.setswitchinterval(kept_s)


def test_a_command_without_input_finds_its_input_empty() -> None:
    host = lab_accounts.site("getenv").host
    with lab_accounts.shells() as shells:
        assert shells.of(host).run("cat; echo over", timeout_s=10).stdout == b"over\n"


def test_a_connection_that_died_is_opened_again() -> None:
    host = lab_accounts.site("getenv").host
    with lab_accounts.shells() as shells:
        shell = shells.of(host)
        with pytest.raises(Failed) as error:
            shell.run("kill $(ps -o ppid= -p $$); sleep 5", timeout_s=10)
        assert slug_of(error) == "host.unreachable"
        assert shell.run("echo back", timeout_s=10).stdout == b"back\n"


def test_a_shell_can_become_the_owner_of_the_site(sshd: OwnSshd) -> None:
    known_hosts = KnownHosts(sshd.folder / "known")
    known_hosts.pin(sshd.account, known_hosts.offered(sshd.account, 5))
    with SshShells(known_hosts, sshd.user_key) as shells:
        host = Host(sshd.account, "/", run_as="wpl-layout")
        result = shells.of(host).run("id -un; echo $HOME; cat", b"in", timeout_s=10)
    home = str(lab_accounts.LAB / "homes/wpl-layout")
    assert result.stdout.decode().split() == ["wpl-layout", home, "in"]


def test_only_the_named_key_is_offered(
    sshd: OwnSshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key(tmp_path / "stranger")
    (tmp_path / ".ssh").mkdir()
    shutil.copy2(sshd.user_key, tmp_path / ".ssh" / "id_ed25519")  # would open the door
    monkeypatch.setenv("HOME", str(tmp_path))
    known_hosts = KnownHosts(sshd.folder / "known")
    known_hosts.pin(sshd.account, known_hosts.offered(sshd.account, 5))
    with SshShells(known_hosts, tmp_path / "stranger") as shells, pytest.raises(Failed) as error:
        shells.of(sshd.host).run("true", timeout_s=5)
    assert slug_of(error) == "host.auth"
    assert sshd.log_text().count("Failed publickey") == 1


def test_an_unknown_host_key_is_refused_before_any_authentication(sshd: OwnSshd) -> None:
    with (
        SshShells(KnownHosts(sshd.folder / "known"), sshd.user_key) as shells,
        pytest.raises(Refused) as error,
    ):
        shells.of(sshd.host).run("true", timeout_s=5)
    problem = error.value.problems[0]
    assert problem.slug == "host.key_unknown"
    assert f"wpstate trust 127.0.0.1:{sshd.port}" in (problem.mend or "")
    assert "publickey" not in sshd.log_text()


@pytest.mark.parametrize("line", ["{name} {other}", "@revoked {name} {real}\n{name} {real}"])
def test_a_changed_or_revoked_host_key_is_refused_before_any_authentication(
    sshd: OwnSshd, line: str
) -> None:
    known = sshd.folder / "known"
    keys = {
        "name": f"[127.0.0.1]:{sshd.port}",
        "real": (sshd.folder / "host.pub").read_text().strip(),
        "other": (sshd.folder / "user.pub").read_text().strip(),
    }
    known.write_text(line.format(**keys) + "\n")
    with SshShells(KnownHosts(known), sshd.user_key) as shells, pytest.raises(Refused) as error:
        shells.of(sshd.host).run("true", timeout_s=5)
    expected = "host.key_unknown" if "revoked" in line else "host.key_changed"
    assert slug_of(error) == expected
    assert "publickey" not in sshd.log_text()
