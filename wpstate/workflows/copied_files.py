"""Fetches the bytes of a site's own code for lines of a site file that need them. Read-only there.

Which files those are is left to the kinds, writing them into the fleet to adapters.fleet_writing.
"""

import hashlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace

from wpstate.desired.folder import MOST_CODE_BYTES
from wpstate.model.imported import Written
from wpstate.model.problem import Failed
from wpstate.ports import HostShell

_WITHIN_S = 60.0
_NO_BYTES = "its bytes could not be copied: it is too large, or may not be read"


def with_bytes(
    lines: Iterable[Written], shell: HostShell
) -> tuple[tuple[Written, ...], Mapping[str, bytes]]:
    """The lines, and by path what the fleet must hold for them. A file that is too large, cannot be
    read or is no longer what was observed is left to whoever put it there, with a comment."""
    kept: list[Written] = []
    files: dict[str, bytes] = {}
    for line in lines:
        if line.copy is None:
            kept.append(line)
            continue
        content = _content(shell, line.copy.place)
        if content is None or hashlib.sha256(content).hexdigest() != line.copy.sha256:
            kept.append(replace(line, value=line.copy.otherwise, copy=None, comment=_NO_BYTES))
        else:
            kept.append(line)
            files[line.copy.path] = content
    return tuple(kept), files


def _content(shell: HostShell, place: str) -> bytes | None:
    # To be sure of an end: the name of a pipe would be waited on for ever.
    path = shlex.quote(place)
    command = f"test -f {path} && exec cat <{path}"
    try:
        read = shell.run(command, timeout_s=_WITHIN_S, max_bytes=MOST_CODE_BYTES)
    except Failed as error:
        if error.problems[0].slug == "host.too_much_output":
            return None
        raise
    return read.stdout if read.exit_code == 0 and len(read.stdout) <= MOST_CODE_BYTES else None
