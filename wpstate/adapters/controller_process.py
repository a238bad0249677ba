"""This process as a lock names it, and whether the process that a lock names is gone.

Only a process of this very machine, since this boot and in this process namespace, can be judged;
about all others nobody knows, and their heartbeat decides (safetynet/holder.sh).
"""

import getpass
import hashlib
import os
import re
import socket
from pathlib import Path

_PROC = Path("/proc")
_NUMBER = re.compile(r"[0-9]{1,10}")


def machine() -> str:
    """A name for this machine, boot and process namespace; empty where the system has none.

    Containers may share a host name or a boot; their process namespaces differ (namespaces(7)).
    """
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return ""
    text = f"{socket.gethostname()} {boot} {namespace}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def process() -> str:
    """This process: its number and, since numbers are used again, the tick in which it began."""
    return f"{os.getpid()}.{_began(os.getpid())}"


def account() -> str:
    """Who runs this; a container's number may have no name (getpwuid(3))."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # Python 3.13 raises the other one
        return f"uid-{os.getuid()}"


def is_gone(on_machine: str, was: str) -> bool:
    """Whether that process is known to have ended. False where nobody can tell."""
    number, _, began = was.partition(".")
    if not on_machine or on_machine != machine() or not _NUMBER.fullmatch(number) or not began:
        return False
    return _began(int(number)) != began


def _began(number: int) -> str:
    """Field 22 of stat (proc(5)); empty for a process that is gone or a zombie."""
    try:
        text = (_PROC / str(number) / "stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]
