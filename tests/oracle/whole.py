"""All that an update can touch on a lab site, seen by root on the lab's machine.

Like the rest of the oracle it imports nothing of wpstate: find, sha256sum and the database client.
"""

import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

_SOCKET = "/var/lib/wpstate-lab/run/mysqld.sock"


@dataclass(frozen=True, slots=True)
class Whole:
    tree: str
    """Every entry with type, mode, size, time and link, every file with its sha256."""
    tables: str
    """Definitions with AUTO_INCREMENT, rows, CHECKSUM TABLE, views and triggers."""


def whole(root: Path, database: str, prefix: str, neighbour: str = "") -> Whole:
    """`neighbour`: the longer prefix of another site in the same database."""
    tables = (f"{_SOCKET}:{database}", prefix, *filter(None, (neighbour,)))
    running = (_start("tree.sh", str(root)), _start("tables.sh", *tables))
    return Whole(*map(_said, running))


def unlike(before: Whole, after: Whole) -> list[str]:
    """The lines that only one of them has, marked - and +; empty for equal."""
    old = Counter(before.tree.splitlines() + before.tables.splitlines())
    new = Counter(after.tree.splitlines() + after.tables.splitlines())
    return [f"- {line[:300]}" for line in old - new] + [f"+ {line[:300]}" for line in new - old]


def _start(script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ("sh", str(Path(__file__).with_name(script)), *arguments),
        stdout=subprocess.PIPE, encoding="utf-8", errors="surrogateescape",
    )  # fmt: skip


def _said(running: "subprocess.Popen[str]") -> str:
    said, _ = running.communicate(timeout=120)
    assert running.returncode == 0
    return said
