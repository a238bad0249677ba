"""A site that lies, talks without end, or not at all: it harms nothing but its own result."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.builders import nothing_asked
from tests.faults.hostile_host import HostileHost
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.observer import ProbeObserver
from wpstate.adapters.ssh import SshShells

WPSTATE = Path(sys.executable).with_name("wpstate")
MEMORY_KB = 150 << 10
SGR = re.compile(r"\x1b\[[0-9;]*m")
ERASED = re.compile(r"\r(\x1b\[[0-9]+A)?\x1b\[J")
"""How the live table goes back to its first line; no payload holds it."""
CANARY = "CANARY-6b1f"
PAYLOADS = {
    "jinja": f"{{{{ lookup('pipe', 'touch {CANARY}') }}}}",
    "jinja-block": f"{{% for x in lookup('pipe','touch {CANARY}') %}}{{% endfor %}}",
    "shell": f"'; touch {CANARY}; $(touch {CANARY}) `touch {CANARY}` ${{IFS}}|touch {CANARY}",
    "option": f"-oProxyCommand=touch${{IFS}}{CANARY}",
    "php": f"<?php touch('{CANARY}'); ?>",
    "escape": "\x1b[2J\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x1bP+q\x1b\\",
    "c1": "\x9b2J\x9d0;title\x9c\x84\x85",
    "bidi": "\u202egpj.exe\u202c\u2066\u2069\u200f\u061c",
    "hidden": "a\u200bb\ufeffc\xadd\U000e0041\u2028e\u2029f",
    "github": "x\n::set-env name=PATH::/tmp\n ::add-mask::x\n##[add-path]/tmp",
    "azure": "##vso[task.setvariable variable=x]y",
    "gitlab": "x\r\x1b[0Ksection_start:1:a[collapsed=true]\r\x1b[0K",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;",
    "markdown": "[x](javascript:alert(1)) ![x](http://evil.example) | a | `b` @everyone <!-- #1",
    "surrogate": "\ud800\udfff\udc00",
    "paths": "../../../../etc/passwd\x00.php",
}  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[HostileHost]:
    host = HostileHost(tmp_path / "host")
    yield host
    host.stop()


@pytest.fixture
def fleet(tmp_path: Path, hostile: HostileHost) -> Path:
    """A fleet without sites, and a controller that trusts the host."""
    folder = tmp_path / "fleet"
    (folder / "sites").mkdir(parents=True)
    (folder / "fleet.yml").write_text("name: prey\n")
    (folder / "catalog.yml").write_text("core: 7.1.1\nplugins: {akismet: 5.7.2}\n")
    (folder / "catalog.lock.yml").write_text(
        f"core: {{7.1.1: {{sha256: '{'a' * 64}', database: 60717}}}}\n"
        f"plugins: {{akismet: {{5.7.2: {{sha256: '{'b' * 64}'}}}}}}\n"
    )
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "known_hosts").write_text(hostile.known_hosts.read_text())
    return folder


def settle(fleet: Path, hostile: HostileHost, programs: dict[str, Path]) -> None:
    """Give each of these `php` a site in the fleet."""
    account = hostile.sshd.account
    lines = ["all:", f"  vars: {{ansible_host: {account.address}, ansible_port: {account.port},"]
    lines += [f"    ansible_user: {account.user}}}", "  hosts:"]
    for name, php in programs.items():
        (hostile.wp_path / name).mkdir()
        lines.append(f"    {name}: {{wp_path: {hostile.wp_path / name}, php: {php}}}")
        site = "url: http://127.0.0.1:9\ncore: approved\nplugins: {akismet: approved}\n"
        (fleet / "sites" / f"{name}.yml").write_text(site)
    (fleet / "hosts.yml").write_text("\n".join(lines) + "\n")


def environment(fleet: Path, hostile: HostileHost) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(fleet.parent / "home"),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "GITHUB_ACTIONS": "true",
        "WPSTATE_HOME": str(fleet.parent / "home"),
        "WPSTATE_SSH_KEY": str(hostile.sshd.user_key),
    }


def on_a_terminal(fleet: Path, hostile: HostileHost, *words: str) -> tuple[int, str]:
    """Exit code, and all that a person would see."""
    terminal, tty = pty.openpty()
    running = subprocess.Popen(
        (WPSTATE, *words), cwd=fleet, env=environment(fleet, hostile),
        stdin=tty, stdout=tty, stderr=tty, start_new_session=True,
    )  # fmt: skip
    os.close(tty)
    seen = b""
    while running.poll() is None or select.select([terminal], [], [], 0)[0]:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 1 << 16)
            except OSError:  # EIO: nobody holds the other end any more
                break
    os.close(terminal)
    return running.wait(), ERASED.sub("", seen.decode("utf-8").replace("\r\n", "\n"))


def in_pipes(fleet: Path, hostile: HostileHost, *words: str) -> tuple[int, str, str, int]:
    """Exit code, stdout, stderr, and the most memory that the controller held, in KB."""
    with (fleet.parent / "out").open("w+b") as out, (fleet.parent / "err").open("w+b") as err:
        running = subprocess.Popen(
            (WPSTATE, *words), cwd=fleet, env=environment(fleet, hostile),
            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        )  # fmt: skip
        most_kb = 0
        while running.poll() is None:
            # Not wait4(2)'s figure: that begins with what this process held when it forked.
            with suppress(OSError, IndexError):
                told_kb = Path(f"/proc/{running.pid}/status").read_text().split("VmHWM:")[1]
                most_kb = max(most_kb, int(told_kb.split()[0]))
            time.sleep(0.02)
        out.seek(0)
        err.seek(0)
        told = out.read().decode("utf-8"), err.read().decode("utf-8")
        return running.returncode, *told, most_kb


def assert_harmless(shown: str) -> None:
    """No byte that a terminal obeys but our own colours, no line that a CI system obeys."""
    text = SGR.sub("", shown)
    wrong = {char for char in text if not char.isprintable() and char != "\n"}
    assert not wrong, f"{wrong!r} in {text[:3000]!r}"
    assert "##vso[" not in text
    assert "##[" not in text
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert not commands
    assert "Traceback" not in text
    assert "bug in wpstate" not in text


def observation(text: str) -> dict[str, Any]:
    """A document of the right shape with this text wherever one may stand."""
    file = f"akismet/{text}.php"
    headers = ("name", "requires_wp", "requires_php", "author", "text_domain", "update_uri")
    plugin = {"file": file, **dict.fromkeys(headers, text)}
    state = {"present": True, "version": text, "value": text}
    return {
        "core": {"version": text, "db_version": 1, "locale": text},
        "paths": dict.fromkeys(("wp", "config", "content", "plugins", "uploads"), f"/x/{text}")
        | {"state": f"/tmp/{text}"},
        "options": dict.fromkeys(("siteurl", "home", "WPLANG", "template", "stylesheet"), text),
        "plugins": [
            plugin | {"active": True, "version": text},
            plugin | {"active": True, "version": "5.5", "file": "akismet/akismet.php"},
            plugin | {"active": False, "version": text, "file": f"{text}/x.php"},
        ],
        "mu_plugins": [text],
        "dropins": [text],
        "object_cache": text,
        "multisite": False,
        "free_bytes": 1 << 40,
        "code_bytes": 1000,
        "state": {
            "applied": {"format": 1, "run": text, "at": text, "values": {"core.version": state}},
            "used": [text],
            "quarantine": {"format": 1, "changes": {"plugins.akismet": state}},
        },
        "faults": [],
    }


LYING = """
sites = [{"id": site["id"], **given[site["id"]]} for site in request["sites"]]
probe({"format": 1, "php": "8.2\\x1b[2J", "sites": sites})
"""


def test_no_text_of_a_site_is_obeyed(fleet: Path, hostile: HostileHost) -> None:
    lies = {name: observation(payload) for name, payload in PAYLOADS.items()}
    fault = {"code": "database_down", "detail": "".join(PAYLOADS.values())}
    lies["fault"] = {"faults": [fault]}
    settle(fleet, hostile, dict.fromkeys(lies, hostile.php("lying", LYING, lies)))
    plan = str(fleet / "a.plan")

    for words in (
        ("observe",),
        ("plan", "--out", plan),
        ("plan", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("show", plan),
        ("show", plan, "--format", "markdown"),
    ):
        code, shown = on_a_terminal(fleet, hostile, *words)
        assert code in (0, 1, 3), shown
        assert_harmless(shown)
        assert "jinja" in shown
    code, out, err, _ = in_pipes(fleet, hostile, "observe", "--format", "json")
    assert_harmless(out)
    assert_harmless(err)
    assert "\x1b" not in out + err
    assert {one["site"] for one in json.loads(out)} == set(lies)

    # Nothing of it comes to a shell or a template here, nor does wpstate bring it to one there.
    for name in ("jinja", "shell", "escape"):
        code, shown = on_a_terminal(fleet, hostile, "apply", name, "--yes")
        assert code in (1, 3), shown
        assert_harmless(shown)
    code, shown = on_a_terminal(fleet, hostile, "runs")
    assert code == 0
    assert_harmless(shown)
    assert not list(fleet.parent.rglob(CANARY))
    assert not (Path.home() / CANARY).exists()


FLOODS = {
    "endless": "while True: out.write(b'x' * 65536)",
    "endless-stderr": "while True: sys.stderr.buffer.write(b'x' * 65536)",
    "a-line-of-4-MiB": "out.write(b'x' * ((1 << 22) - 100))",
    "too-many-lists": "probe(b'[' + b'[],' * 1_300_000 + b'0]')",
    "deep": "probe(b'[' * 140_000 + b']' * 140_000)",
    "many-lists": 'probe(b\'{"format":1,"php":"8","sites":[\' + b\'[],\' * 5_000_000 + b\'0]}\')',
    "many-keys": "probe(('{' + ','.join('\"%d\":0' % n for n in range(299_000)) + '}').encode())",
    "wide-text": "probe(('{\"a\":\"\U0001f600' + 'x' * 4_000_000 + '\"}').encode())",
    "controls": "probe(b'{\"a\":\"' + b'\\\\u0007' * 690_000 + b'\"}')",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_ends_and_fills_no_memory(flood: str, fleet: Path, hostile: HostileHost) -> None:
    settle(fleet, hostile, {"evil": hostile.php(flood, FLOODS[flood])})
    began = time.monotonic()
    code, out, err, memory_kb = in_pipes(fleet, hostile, "observe")
    assert time.monotonic() - began < 30
    assert code == 1
    assert "untrusted_output" in out
    assert_harmless(out + err)
    assert 10 << 10 < memory_kb < MEMORY_KB


SENSELESS = {
    "no-frame": "out.write(b'hello')",
    "nothing": "pass",
    "two-frames": "probe({}); probe({})",
    "wrong-nonce": "probe({}, '0' * 32)",
    "cut-short": "probe({}); out.flush(); os._exit(0)",
    "no-utf-8": "probe(b'\\xff\\xfe')",
    "not-json": "probe(b'{')",
    "another-site": 'probe({"format": 1, "php": "8", "sites": [{"id": "other", "faults": []}]})',
    "a-list": "probe(b'[]')",
    "nan": 'probe(b\'{"format": NaN, "php": "8", "sites": []}\')',
    "big-number": "probe(b'{\"format\": ' + b'9' * 10000 + b'}')",
    "escapes": "sys.stderr.write('\\x1b]0;x\\x07\\n::error::x\\u202e'); sys.exit(3)",
    "not-php": "sys.exit(127)",
    "killed": "os.kill(os.getpid(), 9)",
}


def test_a_senseless_answer_is_a_fault(fleet: Path, hostile: HostileHost) -> None:
    settle(fleet, hostile, {n: hostile.php(n, does) for n, does in SENSELESS.items()})
    code, out, err, _ = in_pipes(fleet, hostile, "observe", "--format", "json")
    assert code == 1
    assert_harmless(out + err)
    for seen in json.loads(out):
        assert [fault["code"] for fault in seen["faults"]] in (
            ["untrusted_output"], ["php_wrong_binary"],
        ), seen  # fmt: skip
        assert seen["resources"] == {}


SLOW = {
    "silent": "time.sleep(60)",
    "a-byte-now-and-then": "while True: out.write(b'x'); out.flush(); time.sleep(0.05)",
    "a-byte-at-a-time": "while True: os.write(1, b'x')",
}


@pytest.mark.parametrize("slow", SLOW)
def test_a_slow_answer_ends_at_its_deadline(slow: str, hostile: HostileHost) -> None:
    site = hostile.site(hostile.php(slow, SLOW[slow]))
    began = time.monotonic()
    with SshShells(KnownHosts(hostile.known_hosts), hostile.sshd.user_key) as shells:
        observer = ProbeObserver(shells, SystemClock(), timeout_s=3)
        seen = observer.observe([nothing_asked(site)])[site.id]
        took_s = time.monotonic() - began
    assert took_s < 20
    assert seen.faults[0].code in ("timeout", "untrusted_output")


def test_a_silent_site_holds_up_no_other(hostile: HostileHost) -> None:
    silent = hostile.site(hostile.php("silent", SLOW["silent"]), "silent")
    honest = hostile.site(hostile.php("h", LYING, {"honest": observation("5.5")}), "honest")
    with SshShells(KnownHosts(hostile.known_hosts), hostile.sshd.user_key) as shells:
        observer = ProbeObserver(shells, SystemClock(), timeout_s=3)
        seen = observer.observe([nothing_asked(silent), nothing_asked(honest)])
    assert [fault.code for fault in seen[honest.id].faults] == ["state_damaged"]
    assert [fault.code for fault in seen[silent.id].faults] == ["timeout"]
