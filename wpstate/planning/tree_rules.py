"""Which files a run may have changed: what was planned, what the site keeps for itself, no more.

The list of changes is left to the safety net.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Protocol

_EXECUTABLE = re.compile(
    r"php\d?|phps|pht|phtml?|phar|inc|cgi|pl|py|rb|sh|bash|exe|so|htaccess|ini|aspx?|jsp|shtml"
)


class Changed(Protocol):
    """A file that was added, changed or removed (`ports.TreeChange`)."""

    @property
    def path(self) -> str: ...


def unplanned(
    changes: Iterable[Changed],
    planned: Sequence[str],
    may_change: Sequence[str],
    *,
    content: str = "wp-content",
    uploads: str | None = None,
) -> tuple[str, ...]:
    """Paths that changed though nobody planned it, sorted.

    `planned` are files or folders that the run itself put there or took away; a folder ended by a
    slash with all that is in it, else the entry alone. `may_change` are the
    policy's globs (`*` within a folder, `**` across). `content` and `uploads` are written as the
    changes' paths are. Below uploads anything may change but what a web server might execute, by
    any of its suffixes; that passes only where a glob names the suffix itself.
    """
    uploads = uploads or f"{content}/uploads"
    free = (
        f"{content}/cache/**",
        f"{content}/debug.log",
        f"{content}/upgrade*/**",
        *may_change,
    )
    return tuple(
        sorted(
            change.path
            for change in changes
            if not any(_covers(entry, change.path) for entry in planned)
            and not _free(change.path, free, uploads)
        )
    )


def _free(path: str, globs: Sequence[str], uploads: str) -> bool:
    if not _below(path, uploads):
        return any(_pattern(glob).fullmatch(path) for glob in globs)
    if not is_executable(path):
        return True
    return any(is_executable(glob) and _pattern(glob).fullmatch(path) is not None for glob in globs)


def is_executable(path: str) -> bool:
    """Whether a web server might run the file: also `shell.php.jpg`, `.htaccess`, `.user.ini`."""
    name = path.rpartition("/")[2].lower()
    return any(_EXECUTABLE.fullmatch(part) for part in name.split(".")[1:])


def _covers(planned: str, path: str) -> bool:
    return path == planned.rstrip("/") or (planned.endswith("/") and path.startswith(planned))


def _below(path: str, prefix: str) -> bool:
    folder = prefix.rstrip("/")
    return path == folder or path.startswith(f"{folder}/")


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    regex = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(regex.get(part) or re.escape(part) for part in parts), re.DOTALL)
