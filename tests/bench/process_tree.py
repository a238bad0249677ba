"""Runs a command and watches the memory of it and of all that it started on this machine."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LOOK_EACH_S = 0.05


@dataclass(frozen=True, slots=True)
class Ran:
    took_s: float
    memory_bytes: int
    """The most that the processes had resident together; what they share counts for each."""
    output: bytes


def watched(
    command: Sequence[str | Path], env: Mapping[str, str], *, good: Sequence[int] = (0,)
) -> Ran:
    """Raises RuntimeError where its exit code is none of `good`."""
    began_s = time.perf_counter()
    ran = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    most = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_EACH_S):
            most[0] = max(most[0], resident_bytes(ran.pid))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    output, complaints = ran.communicate()
    took_s = time.perf_counter() - began_s
    ended.set()
    looking.join()
    if ran.returncode not in good:
        said = (complaints + output).decode(errors="replace")[-2000:]
        raise RuntimeError(f"{command[0]} ended with {ran.returncode}: {said}")
    return Ran(took_s, most[0], output)


def resident_bytes(root: int) -> int:
    """Of a process and all below it (proc(5): stat, fields 4 and 24)."""
    parents: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        pages[pid] = int(fields[21])
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        total += pages.get(pid, 0)
        todo += parents.get(pid, [])
    return total * _PAGE_BYTES
