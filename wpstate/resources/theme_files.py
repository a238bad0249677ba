"""Whether a theme's code is as the fleet keeps it: names of what differs, and the lines that do.

Reading a site's files is left to probe/kinds/content.php, keeping copies to adapters.kept_files.
"""

import base64
import binascii
import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from wpstate.model.state import Address, Json, State
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind_looks import Files, Shown

THEME_FILES: Final = Address("content.theme_files")
LOCKED: Final = State(value="as locked")
MOST_FILES: Final = 3000
MOST_BYTES: Final = 40 << 20
"""Of the files of one theme that count."""
_CODE = re.compile(r".+\.(?:php|css|js|html|json)", re.IGNORECASE)
_PLAIN = re.compile(r"(?!.*(?:^|/)\.)[A-Za-z0-9._ @+-]{1,100}(?:/[A-Za-z0-9._ @+-]{1,100}){0,9}")
_MOST_NAMED: Final = 8
_MOST_DIFFS: Final = 5
_MOST_LINES: Final = 40
_LINE_CHARACTERS: Final = 160
_DIFFED_BYTES: Final = 65_536
_DIFFED_LINES: Final = 2000


def counts(path: str) -> bool:
    """Whether a file of a theme is code or makes what visitors see."""
    return _CODE.fullmatch(path) is not None


def is_plain(path: str) -> bool:
    """Whether a path that a site names may be one below a folder of ours."""
    return _PLAIN.fullmatch(path) is not None


def compared(files: Files) -> Shown:
    """The active theme and its parent beside what the fleet keeps of them."""
    found: list[Difference] = []
    active = themes(files.ask(question()))
    for theme in active:
        kept = files.kept(theme.slug, theme.version)
        if kept is None:
            name = visible(f"{theme.slug} {theme.version}".strip(), 100)
            mend = f"wpstate lock --theme-files SITE keeps a copy of {name}"
            return Shown(THEME_FILES, State(value=f"{name} is not kept"), (mend,))
        found += differences(theme, kept)
    if not active:
        return Shown(THEME_FILES, State(value="no theme could be read"))
    wanted = wanted_texts(found)
    now = texts(files.ask(question(wanted))) if wanted else {}
    return Shown(THEME_FILES, told(found), diff(found, now))


def question(wanted: Json | None = None) -> Json:
    """What probe/kinds/content.php is asked about themes: hashes, or the texts of some files by
    theme; of all where none is named."""
    nothing: Json = {"home": None, "pages": [], "forms": None}
    return {**nothing, "themes": wanted is None, "texts": wanted}


@dataclass(frozen=True, slots=True)
class Theme:
    """An active theme, or the parent of one, as the probe found it."""

    slug: str
    version: str
    hashes: Mapping[str, str]
    """sha256 by path; empty for what is too large to be read."""


@dataclass(frozen=True, slots=True)
class Difference:
    theme: str
    path: str
    sort: str
    """`changed`, `added`, `removed`."""
    before: bytes | None


def themes(answer: Json) -> tuple[Theme, ...]:
    """Of an answer that its schema has passed; None of them where nothing was asked."""
    found = answer.get("themes")
    return tuple(
        Theme(each["slug"], each["version"], each["files"])
        for each in (found if isinstance(found, list) else ())
    )


def differences(theme: Theme, kept: Mapping[str, bytes]) -> Iterator[Difference]:
    """By path: what is there and not kept, kept and not there, or other than it was."""
    for path in sorted({*theme.hashes, *(path for path in kept if counts(path))}):
        before, now = kept.get(path), theme.hashes.get(path)
        if before is None:
            yield Difference(theme.slug, path, "added", None)
        elif now is None:
            yield Difference(theme.slug, path, "removed", before)
        elif hashlib.sha256(before).hexdigest() != now:
            yield Difference(theme.slug, path, "changed", before)


def told(found: Iterable[Difference]) -> State:
    """`header.php changed, x.php added`, or that all is as locked."""
    names = [f"{visible(each.path, 100)} {each.sort}" for each in found]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return State(value=", ".join(names[:_MOST_NAMED]) + more) if names else LOCKED


def wanted_texts(found: Iterable[Difference]) -> Json:
    """Of which files the text is needed for a diff, by theme: the first few."""
    wanted: dict[str, list[str]] = {}
    for each in [one for one in found if one.sort != "removed"][:_MOST_DIFFS]:
        wanted.setdefault(each.theme, []).append(each.path)
    return dict(wanted)


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it is on the site now."""

    content: bytes
    at: datetime


def texts(answer: Json) -> Mapping[tuple[str, str], Written]:
    """Contents by theme and path, as the probe packed them."""
    found: dict[tuple[str, str], Written] = {}
    packed: Any = answer.get("texts")
    for each in packed if isinstance(packed, list) else ():
        try:
            content = base64.b64decode("".join(each["parts"]), validate=True)
        except binascii.Error:
            continue
        at = datetime.fromtimestamp(each["written_at"], UTC)
        found[each["theme"], each["path"]] = Written(content, at)
    return found


def diff(found: Iterable[Difference], now: Mapping[tuple[str, str], Written]) -> tuple[str, ...]:
    """At most forty lines of a unified diff, each harmless to look at."""
    lines: list[str] = []
    for each in found:
        written = now.get((each.theme, each.path))
        if written is None:
            continue
        before, after = each.before or b"", written.content
        if max(len(before), len(after)) > _DIFFED_BYTES:
            lines.append(f"{visible(each.path, 100)}: too large for a diff")
            continue
        lines += difflib.unified_diff(
            _lines(before),
            _lines(after),
            "/dev/null" if each.before is None else f"kept/{each.path}",
            f"site/{each.path}",
            tofiledate=f"{written.at:%Y-%m-%d %H:%M} UTC",
            n=1,
            lineterm="",
        )
        if len(lines) > _MOST_LINES:
            break
    cut = [*lines[: _MOST_LINES - 1], "…"] if len(lines) > _MOST_LINES else lines
    return tuple(visible(line.replace("\t", "    "), _LINE_CHARACTERS) for line in cut)


def _lines(content: bytes) -> list[str]:
    """Cut: comparing takes time with the square of them."""
    return content.decode("utf-8", "replace").splitlines()[:_DIFFED_LINES]
