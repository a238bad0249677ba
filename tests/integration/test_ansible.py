"""The adapter: text never becomes a template, a run ends for certain, a token stays nowhere."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.lab_site import CHECKOUT, borrowed
from tests.roles.role_site import CONNECTION, TOKEN, RoleSite, artifact, playbooks, plugin
from wpstate.adapters.ansible import AnsiblePlaybooks
from wpstate.adapters.ansible_events import Events
from wpstate.adapters.ansible_files import Connection, unsafe_yaml
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.shared_knocks import SharedKnocks
from wpstate.adapters.shut_hosts import DatabaseShutHosts
from wpstate.adapters.ssh import SshShells
from wpstate.adapters.ssh_doors import Doors, place
from wpstate.model.problem import Failed, Refused
from wpstate.model.secret import Secret
from wpstate.model.site import Account, Host, Site

HANG = "<?php if (PHP_SAPI === 'cli') { touch(__DIR__ . '/hangs'); while (true) { sleep(1); } }"
SNIPPET = """
import sys, time
from tests.integration.lab_site import as_lab_site
from tests.roles.role_site import RoleSite, playbooks
site = RoleSite(as_lab_site("pagecache"))
waiting = playbooks().start("apply", site.site, site.apply_vars())
if sys.argv[1] == "open":
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


def hang_below(site: RoleSite) -> Path:
    """Any boot of WordPress from the command line hangs; the file appears once it does."""
    folder = site.lab.path / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    os.chown(folder, site.account.pw_uid, site.account.pw_gid)
    (folder / "hang.php").write_text(HANG)
    return folder / "hangs"


def processes_with(text: str) -> list[str]:
    """Command lines of living processes that name `text`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if text in words and entry.parent.name != str(os.getpid()):
                found.append(words)
    return found


def php_of(site: RoleSite) -> list[str]:
    """Command-line PHP of the site's account, its FPM pool left out."""
    listed = subprocess.run(
        ("ps", "-u", site.account.pw_name, "-o", "args="), capture_output=True, text=True
    )
    return [
        line
        for line in listed.stdout.splitlines()
        if "php" in line and "pool" not in line and "<defunct>" not in line
    ]


def private_dirs(site: RoleSite) -> list[Path]:
    """Private folders of runs on this site; other tests have theirs beside them."""
    found = []
    for variables in Path("/dev/shm").glob("wpstate-*/vars.yml"):
        with contextlib.suppress(OSError):
            if str(site.lab.path) in variables.read_text():
                found.append(variables.parent)
    return found


def eventually(true: object, limit_s: float = 10.0) -> bool:
    assert callable(true)
    until = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_strings_stay_strings_and_are_no_templates(tmp_path: Path) -> None:
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import is_trusted_as_template

    values = ["6.10", "no", "0" * 64, "1e3", "2026-11-22", "{{ 1 }}", "é\n\x07\u2028😀\"'\\", ""]
    (tmp_path / "vars.yml").write_text(unsafe_yaml({"deep": [{"list": values}], "number": 5}))

    loaded = DataLoader().load_from_file(str(tmp_path / "vars.yml"), trusted_as_template=True)

    assert loaded == {"deep": [{"list": values}], "number": 5}
    assert not any(is_trusted_as_template(value) for value in loaded["deep"][0]["list"])
    with pytest.raises(ValueError, match="plain word"):
        unsafe_yaml({"{{ key }}": 1})


def test_a_failure_is_bounded_and_holds_no_secret_and_no_terminal_codes() -> None:
    events = Events([Secret("s3cret")])
    answer = {"msg": "\x1b[2J\u202e s3cret " + "x" * 9000, "refused": True, "failed": True}
    line = json.dumps({"event": "failed", "task": "Swap", "res": answer})
    events.feed(line[:50].encode())
    events.feed(f"{line[50:]}\n".encode() + b'{"event": "end", "status": "done"}\n')

    result = events.result(1.0)

    assert not result.ok
    assert result.failure is not None
    assert result.failure.refused
    assert len(result.failure.message) == 2000
    assert result.failure.message.startswith("\ufffd[2J\ufffd *** xxx")
    assert "s3cret" not in repr(result)


def test_a_process_that_ends_without_a_word_is_a_failure() -> None:
    events = Events([])
    events.feed(b'{"event": "ok", "task": "Swap", "res": {"changed": true}}\n')
    events.feed(b"")

    assert not events.result(1.0).ok


def test_text_of_a_site_never_becomes_a_template(site: RoleSite, tmp_path: Path) -> None:
    canary = tmp_path / "CANARY"
    bite = f"{{{{ lookup('pipe', 'touch {canary}') }}}}"
    for key in ("slug", "version", "file"):
        site.apply(site.apply_vars(plugin("akismet", "update", "5.7.2") | {key: bite}))
    for key in ("run", "wp_path", "plugins_dir", "token"):
        site.apply(site.apply_vars(plugin("akismet", "update", "5.7.2"), **{key: bite}))
    site.apply(site.apply_vars(core={"from": bite, "to": bite}))
    for key in ("slug", "version", "sha256"):
        site.stage(artifact("akismet", "5.7.2") | {key: bite})
    site.stage(artifact("akismet", "5.7.2", old_files=[bite]))
    elsewhere = Site(site.site.id, site.site.host, f"http://127.0.0.1/{bite}")
    playbooks().run("apply", elsewhere, site.apply_vars(), 60)

    assert not canary.exists()


def test_an_address_that_ssh_would_read_as_an_option_is_refused(site: RoleSite) -> None:
    for account in (Account("-oProxyCommand=id", 22, "a"), Account("h", 22, "-lroot")):
        host = Host(account, site.site.host.wp_path)
        with pytest.raises(Refused, match=r"host\.address"):
            playbooks().run("apply", Site(site.site.id, host, "http://h"), site.apply_vars(), 60)


def test_nothing_happens_before_the_gate_opens(site: RoleSite) -> None:
    assert site.stage(artifact("akismet", "5.7.2")).ok
    change = plugin("akismet", "update", "5.7.2")

    waiting = playbooks().start("apply", site.site, site.apply_vars(change))
    time.sleep(0.5)
    before = site.plugins()["akismet"]
    waiting.open_gate()
    applied = waiting.wait(60)

    assert before == ("5.5", "inactive")
    assert applied.ok
    assert site.plugins()["akismet"] == ("5.7.2", "inactive")


def test_the_token_is_in_no_command_line_and_no_file_is_left(site: RoleSite) -> None:
    waiting = playbooks().start("apply", site.site, site.apply_vars())
    seen = processes_with(TOKEN)
    waiting.open_gate()
    result = waiting.wait(60)

    assert result.ok
    assert seen == []
    assert private_dirs(site) == []
    on_host = subprocess.run(
        ("grep", "-rl", TOKEN, site.account.pw_dir), capture_output=True, text=True
    )
    assert on_host.stdout == ""
    assert TOKEN not in repr(result)


def test_cancel_ends_it_here_and_on_the_host(site: RoleSite, hanging: Path) -> None:
    shells = SshShells(KnownHosts(CONNECTION.known_hosts[0]), CONNECTION.key_file)
    with shells:
        waiting = AnsiblePlaybooks(CONNECTION, shells).start("apply", site.site, site.apply_vars())
        waiting.open_gate()
        assert eventually(hanging.exists)
        (private,) = private_dirs(site)
        began = time.monotonic()
        waiting.cancel()
        took_s = time.monotonic() - began
        waiting.cancel()

    assert took_s < 15
    assert eventually(lambda: php_of(site) == [], 15)
    assert processes_with(str(private)) == []


def test_a_timeout_ends_it_and_names_the_task(site: RoleSite, hanging: Path) -> None:
    shells = SshShells(KnownHosts(CONNECTION.known_hosts[0]), CONNECTION.key_file)
    with shells:
        waiting = AnsiblePlaybooks(CONNECTION, shells).start("apply", site.site, site.apply_vars())
        waiting.open_gate()
        result = waiting.wait(3)

    assert result.failure is not None
    assert result.failure.task == "Start WordPress once"
    assert "3 s" in result.failure.message
    assert eventually(lambda: php_of(site) == [], 2)


def test_a_hang_of_wordpress_is_ended_on_the_host_without_us(site: RoleSite, hanging: Path) -> None:
    result = playbooks().run("apply", site.site, site.apply_vars(timeout_s=2), 60)

    assert result.failure is not None
    assert result.failure.message == "could not load WordPress: it hung for 2 s and was ended"
    assert eventually(lambda: php_of(site) == [], 2)


@pytest.mark.parametrize("gate", ["closed", "open"])
def test_nothing_outlives_a_killed_controller(site: RoleSite, hanging: Path, gate: str) -> None:
    controller = subprocess.Popen(
        (sys.executable, "-c", SNIPPET, gate), stdout=subprocess.PIPE, cwd=CHECKOUT
    )
    assert controller.stdout is not None
    assert controller.stdout.readline() == b"waiting\n"
    if gate == "open":
        assert eventually(hanging.exists)
    (private,) = private_dirs(site)
    assert processes_with(str(private))
    controller.send_signal(signal.SIGKILL)
    controller.wait()

    assert eventually(lambda: private_dirs(site) == [])
    assert eventually(lambda: processes_with(str(private)) == [])


def test_an_unknown_host_key_stops_the_start(site: RoleSite, tmp_path: Path) -> None:
    nobody = Connection((tmp_path / "known_hosts",), CONNECTION.key_file)

    with pytest.raises(Failed, match=r"playbook\.start") as told:
        AnsiblePlaybooks(nobody).start("apply", site.site, site.apply_vars())

    assert "key" in (told.value.problems[0].found or "").lower()


def test_the_users_own_ansible_takes_no_part(
    site: RoleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ansible.cfg").write_text("[defaults]\nroles_path = /nowhere\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSIBLE_CONFIG", str(tmp_path / "ansible.cfg"))
    monkeypatch.setenv("ANSIBLE_ROLES_PATH", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", shlex.quote("/nowhere"))

    assert playbooks().run("apply", site.site, site.apply_vars(), 60).ok


def test_its_connection_is_counted_beside_ours(site: RoleSite, tmp_path: Path) -> None:
    host = replace(site.site.host, connections_per_minute=50)
    knocks, doors = SharedKnocks(tmp_path), Doors()
    memory = DatabaseShutHosts(SqliteDatabase(tmp_path / "ledger"), is_there=False)
    doors.share(memory, knocks, heeds=False)
    with SshShells(KnownHosts(CONNECTION.known_hosts[0]), CONNECTION.key_file, doors) as shells:
        shells.of(host).run("true", timeout_s=20)
        counted = AnsiblePlaybooks(CONNECTION, shells, wait_for_turn=shells.let_another_in)
        result = counted.run("apply", replace(site.site, host=host), site.apply_vars(), 120)
    assert result.ok
    here = place(host.account)
    assert knocks.take(here, 2, 1e9) > 0
    assert knocks.take(here, 3, 1e9) == 0
