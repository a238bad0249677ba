"""What the listing of a zip must be before any site may get its bytes.

Reading zips is left to adapters.artifact_zips, what the files say about themselves to
resources.packages. A listing is untrusted: names are shown escaped and cut.
"""

import re
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wpstate.model.problem import Problem
from wpstate.resources.foreign_text import visible

MOST_ZIP_BYTES = 512 << 20
MOST_ENTRIES = 20_000
MOST_UNPACKED_BYTES = 500_000_000
MOST_RATIO = 100
TINY_BYTES = 1 << 20
"""Below this an entry may shrink as well as it likes: a blank image does."""
LONGEST_PATH_BYTES = 512
LONGEST_PART_BYTES = 255
"""NAME_MAX of Linux file systems."""
STORED, DEFLATED = 0, 8
LOCAL_HEADER_BYTES = 30
"""Without the name (PKWARE APPNOTE 6.3.10, 4.3.7)."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
_LONGEST_SHOWN = 120
_GET_ANOTHER = "get the zip from its author again, or leave this version out"


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One line of a zip's central directory."""

    name: str
    """As stored; a folder ends with a slash."""
    size_bytes: int
    packed_bytes: int
    crc: int = 0
    offset: int = 0
    """Where its local header begins in the file."""
    mode: int = 0
    """Unix file mode, 0 where the zip has none."""
    method: int = DEFLATED
    encrypted: bool = False
    legacy_name: bool = False
    """The name is beyond ASCII and not marked as UTF-8, so each unpacker guesses."""
    second_name: bool = False
    """An extra field gives another name, which some unpackers prefer."""

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def listing_problems(top_folder: str | None, entries: Sequence[ZipEntry]) -> tuple[Problem, ...]:
    """Every rule that the listing breaks, one problem a rule; empty for a good zip.

    Without a top folder the zip must hold files alone, and no folder.

    Rules over several entries are judged only once every single entry is sound.
    """
    if len(entries) > MOST_ENTRIES:
        return (_problem("artifact.entries", "the zip holds too many entries", f"{len(entries)}"),)
    single = tuple(
        _problem(slug, what, _shown(offenders))
        for slug, what, breaks in _ENTRY_RULES
        if (offenders := [entry.name for entry in entries if breaks(entry)])
    )
    return single or tuple(_whole_listing(top_folder, entries))


def is_safe_path(path: str) -> bool:
    """Whether a relative path stays in its folder and is a name that every host can keep."""
    return not (_leaves(path) or _is_hard_to_keep(path))


def _leaves(path: str) -> bool:
    climbs = any(part in ("", ".", "..") for part in path.removesuffix("/").split("/"))
    return climbs or "\\" in path or path[1:2] == ":"


def _is_hard_to_keep(path: str) -> bool:
    parts = path.removesuffix("/").split("/")
    return (
        _UNPRINTABLE.search(path) is not None
        or len(_bytes(path)) > LONGEST_PATH_BYTES
        or any(len(_bytes(part)) > LONGEST_PART_BYTES for part in parts)
        or any(_DEVICE.fullmatch(part) for part in parts)
    )


def _is_special(entry: ZipEntry) -> bool:
    sort = stat.S_IFMT(entry.mode)
    return sort not in (0, stat.S_IFDIR if entry.is_folder else stat.S_IFREG)


def _is_bomb(entry: ZipEntry) -> bool:
    return entry.size_bytes > max(TINY_BYTES, MOST_RATIO * entry.packed_bytes)


_ENTRY_RULES: tuple[tuple[str, str, Callable[[ZipEntry], bool]], ...] = (
    (
        "artifact.path",
        "the zip holds a path that leaves its folder",
        lambda entry: _leaves(entry.name),
    ),
    (
        "artifact.name",
        "the zip holds a name that hosts cannot keep safely",
        lambda entry: _is_hard_to_keep(entry.name),
    ),
    (
        "artifact.ambiguous",
        "the zip can be read in two ways",
        lambda entry: entry.legacy_name or entry.second_name,
    ),
    ("artifact.link", "the zip holds a link, a device or a mislabelled file", _is_special),
    ("artifact.encrypted", "the zip is encrypted", lambda entry: entry.encrypted),
    (
        "artifact.compression",
        "the zip is packed in a way that hosts cannot unpack",
        lambda entry: entry.method not in (STORED, DEFLATED),
    ),
    ("artifact.bomb", "the zip unpacks to far more than it is", _is_bomb),
)


def _whole_listing(top_folder: str | None, entries: Sequence[ZipEntry]) -> Iterable[Problem]:
    files = [entry for entry in entries if not entry.is_folder]
    if not files:
        yield _problem("artifact.empty", "the zip holds no file", None)
        return
    if top_folder is None:
        if folders := [entry.name for entry in entries if "/" in entry.name]:
            yield _problem("artifact.folder", "the zip must hold no folder", _shown(folders))
    elif strangers := [e.name for e in entries if not e.name.startswith(f"{top_folder}/")]:
        yield _problem(
            "artifact.folder",
            "the zip must hold one folder, named as the component",
            _shown(strangers),
            f'pack everything into one folder "{top_folder}", and nothing beside it',
        )
    if colliding := _colliding(entries):
        what = "the zip holds two entries that are one file on some hosts"
        yield _problem("artifact.duplicate", what, _shown(colliding))
    if overlapping := _overlapping(entries):
        yield _problem("artifact.ambiguous", "the zip's entries overlap", _shown(overlapping))
    unpacked = sum(entry.size_bytes for entry in entries)
    if unpacked > MOST_UNPACKED_BYTES:
        yield _problem("artifact.too_large", "the zip unpacks to too much", f"{unpacked} bytes")
    packed = sum(entry.packed_bytes for entry in entries)
    if unpacked > max(TINY_BYTES, MOST_RATIO * packed):
        found = f"{packed} bytes unpack to {unpacked}"
        yield _problem("artifact.bomb", "the zip unpacks to far more than it is", found)


def _colliding(entries: Sequence[ZipEntry]) -> list[str]:
    """Same names, names that differ in case or accents' form only, files that are folders too."""
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    folders: set[str] = set()
    for entry in entries:
        parts = entry.name.removesuffix("/").split("/")
        paths = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        folders.update(paths if entry.is_folder else paths[:-1])
        for path in paths:
            spellings[unicodedata.normalize("NFC", path).casefold()].add(path)
    times = Counter(entry.name.removesuffix("/") for entry in entries)
    several = {spelling for group in spellings.values() if len(group) > 1 for spelling in group}
    both = {entry.name for entry in entries if entry.name in folders}
    return sorted(several | both | {name for name, count in times.items() if count > 1})


def _overlapping(entries: Sequence[ZipEntry]) -> list[str]:
    """Entries that begin inside the one before: how small zips hold huge files."""
    in_order = sorted(entries, key=lambda entry: entry.offset)
    return [
        after.name
        for before, after in pairwise(in_order)
        if after.offset < before.offset + LOCAL_HEADER_BYTES + before.packed_bytes
    ]


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _shown(names: Sequence[str]) -> str:
    first = f'"{visible(names[0], _LONGEST_SHOWN)}"'
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"


def _problem(slug: str, what: str, found: str | None, mend: str = _GET_ANOTHER) -> Problem:
    return Problem(slug, what, found=found, mend=mend)
