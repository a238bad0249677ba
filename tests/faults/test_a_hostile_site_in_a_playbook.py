"""What a hostile host answers to the playbooks: never a command on the controller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.hostile_host import HostileHost
from wpstate.adapters.ansible import AnsiblePlaybooks
from wpstate.adapters.ansible_files import Connection
from wpstate.model.state import Json


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[HostileHost]:
    host = HostileHost(tmp_path / "host")
    yield host
    host.stop()


def variables(hostile: HostileHost, php: Path) -> Json:
    run_dir = hostile.wp_path / "run"
    run_dir.mkdir()
    places = dict.fromkeys(("wp_path", "content_dir", "plugins_dir"), str(hostile.wp_path))
    where = {"run": "r", "run_dir": str(run_dir), "state_dir": str(run_dir), "php": str(php)}
    update = {
        "kind": "plugins",
        "slug": "akismet",
        "file": "akismet/akismet.php",
        "action": "update",
    }
    active = {"version": "5.7.2", "active": True, "was_active": True, "purge_data": False}
    return {
        "wpstate": {**places, **where, "token": "t" * 64, "timeout_s": 20},
        "core": None,
        "languages": [],
        "packages": [{**update, **active}],
        "boot": {"upgrade_database": False, "locale": None},
    }


def run(hostile: HostileHost, does: str, given: object = None) -> tuple[bool, str]:
    """Whether the apply playbook was well, and what it says of its failure."""
    php = hostile.php("apply", does, given)
    connection = Connection((hostile.known_hosts,), hostile.sshd.user_key)
    playbooks = AnsiblePlaybooks(connection)
    result = playbooks.run("apply", hostile.site(php), variables(hostile, php), 40)
    return result.ok, result.failure.message if result.failure else ""


def test_an_answer_never_gives_ansible_another_connection(
    hostile: HostileHost, tmp_path: Path
) -> None:
    canary, ssh = tmp_path / "CANARY", tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\ntouch {canary}\nexec ssh "$@"\n')
    ssh.chmod(0o755)
    taken_over = {"ansible_ssh_executable": str(ssh)}
    said = {
        "changed": True,
        "add_host": {"host_name": "site", "groups": [], "host_vars": taken_over},
        "ansible_facts": taken_over,
    }

    ok, message = run(hostile, "answer(given)", said)

    assert not canary.exists()
    assert not ok
    assert "add_host" in message


def test_an_answer_is_no_template(hostile: HostileHost, tmp_path: Path) -> None:
    canary = tmp_path / "CANARY"
    bite = f"{{{{ lookup('pipe', 'touch {canary}') }}}}"
    said = {"changed": True, "swapped": [{"slug": bite, "from": bite}], "diff": {"before": bite}}
    run(hostile, "answer(given)", said)
    assert not canary.exists()


@pytest.mark.parametrize(
    "does",
    [
        'answer(b"[" * 500_000)',
        'answer({"failed": True, "msg": "\\ud800\\x1b]0;x\\x07\\n::error::\\u202e" * 3000})',
        'answer({"changed": True}, "0" * 32)',
        'out.write(b"\\x1b[2J::set-env name=A::B\\n" * 1000)',
        'answer({"failed": {"a": []}, "diff": 7, "msg": ["\x1b"], "swapped": 5})',
    ],
    ids=["deep", "escapes", "nonce", "noise", "shapes"],
)
def test_a_senseless_answer_is_a_failure(hostile: HostileHost, does: str) -> None:
    ok, message = run(hostile, does)
    assert not ok
    assert message
    assert len(message) <= 2000
    assert all(char.isprintable() or char == "\n" for char in message)
