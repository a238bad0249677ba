"""Faults between controller and host: sessions killed, connections cut, reset, stalled or down."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.faults.fault import Fault
from tests.faults.line import Line, line_to
from tests.faults.scene import Scene, family

LAB_SSHD_PORT = 22022
STALLED_S = 20.0


@contextmanager
def _through_a_line(scene: Scene) -> Iterator[None]:
    """The fleet reaches the site's host through the line; its key is known there too."""
    with line_to(LAB_SSHD_PORT) as scene.line:
        hosts = scene.fleet.folder / "hosts.yml"
        text = hosts.read_text("utf-8")
        asked = f"ansible_port: {LAB_SSHD_PORT}"
        assert asked in text
        hosts.write_text(text.replace(asked, f"ansible_port: {scene.line.port}"), "utf-8")
        known = scene.fleet.home / "known_hosts"
        keys = known.read_text("utf-8")
        known.write_text(
            keys + keys.replace(f"[127.0.0.1]:{LAB_SSHD_PORT}", f"[127.0.0.1]:{scene.line.port}")
        )
        yield


def _on(strike: Callable[[Line], None]) -> Callable[[Scene], None]:
    def struck(scene: Scene) -> None:
        assert scene.line
        strike(scene.line)

    return struck


def _stall_a_while(line: Line) -> None:
    line.stall()

    def end() -> None:
        line.cut()
        line.up()

    threading.Timer(STALLED_S, end).start()


def _kill_sessions(scene: Scene) -> None:
    """The host's own side of each connection of this controller, as its processes."""
    ours = {f"pid={process}," for process in family(scene.controller)}
    told = subprocess.run(
        ("ss", "-tnpH", "state", "established"), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    ports = {
        found[1]
        for line in told
        if any(process in line for process in ours)
        and (found := re.search(rf"\S+:(\d+)\s+\S+:{LAB_SSHD_PORT}\s", line))
    }
    for line in told:
        found = re.search(rf"\S+:{LAB_SSHD_PORT}\s+\S+:(\d+)\s", line)
        if found and found[1] in ports:
            for process in re.findall(r'"sshd",pid=(\d+)', line):
                with suppress(OSError):
                    os.kill(int(process), signal.SIGKILL)


def _heal(scene: Scene) -> None:
    if scene.line:
        scene.line.up()


SESSIONS = Fault("SSH sessions killed", _kill_sessions)
CUT = Fault("connections cut", _on(Line.cut), _heal, _through_a_line)
RESET = Fault("connections reset", _on(Line.reset), _heal, _through_a_line)
STALLED = Fault("connections stalled", _on(_stall_a_while), _heal, _through_a_line)
DOWN = Fault("line down for good", _on(Line.down), _heal, _through_a_line)
