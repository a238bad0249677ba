"""What authors say of their versions: HTML of a directory to lines of plain text.

Anybody may write there. Lines are short, few and harmless to look at; whoever sends them on to a
forge takes `inert` ones, which mention nobody, close nothing and skip nothing.
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from wpstate.resources.foreign_text import visible

MOST_CHARACTERS = 200_000
_MOST_LINES = 300
_LINE = 160
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "div", "ul", "ol", "li", "br", "tr", "table", "blockquote", "pre"}
_VERSION = re.compile(r"[0-9]+(\.[0-9A-Za-z-]+)*")
_REFERENCE = re.compile(r"([@#!&~%$^]|(?<!\S)/)(?=[\w\"'])")
_BRACKETS = str.maketrans("[]<>`{}", "()‹›'()")


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        if tag in _BLOCKS:
            self.lines.append("* " if tag == "li" else "= " if tag in _HEADINGS else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)
        if tag in _HEADINGS:
            self.lines[-1] += " ="
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.lines[-1] += data


def changelog_lines(html: str) -> tuple[str, ...]:
    """Headings as `= 5.7.3 =`, items as `* Fixed it.`"""
    reader = _Lines()
    reader.feed(html[:MOST_CHARACTERS])
    reader.close()
    tidy = (" ".join(line.split()) for line in reader.lines)
    kept = (visible(line, _LINE) for line in tidy if line.strip("*= "))
    return tuple(line for _, line in zip(range(_MOST_LINES), kept, strict=False))


def until_version(lines: Iterable[str], approved: str) -> tuple[str, ...]:
    """Down to the heading of the version that is approved already."""
    found: list[str] = []
    for line in lines:
        version = _VERSION.search(line)
        if line.startswith("= ") and version and version[0] == approved:
            break
        found.append(line)
    return tuple(found)


def inert(line: str) -> str:
    """A forge finds no person, issue, address, command or word to skip its checks in it."""
    line = line.translate(_BRACKETS).replace("***", "*").replace("://", ": //")
    line = re.sub(r"\bwww\.", "www .", line, flags=re.IGNORECASE)
    line = re.sub(r"\b(GH)-(?=[0-9])", r"\1 - ", line, flags=re.IGNORECASE)
    return _REFERENCE.sub(r"\1 ", line)
