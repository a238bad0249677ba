"""Characters that a fleet file may not hold, found before any parser sees them.

A reviewer must read what the program reads: nothing invisible, nothing that changes the order of
reading, no line break that editors do not count.
"""

import re
from collections.abc import Iterator

from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan

MAX_REPORTED = 20
"""Problems of this sort shown for one file: a binary file has thousands."""

_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, and NEL, which YAML 1.1 takes for a new line
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the order of reading
    "\u2028\u2029"  # line breaks to YAML 1.1, not to editors
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


def refused_characters(file: str, text: str) -> Iterator[Problem]:
    """One problem per character, in order, at most MAX_REPORTED.

    Bytes that are not UTF-8 are expected as lone surrogates (Python's `surrogateescape`).
    """
    for count, found in enumerate(_REFUSED.finditer(text), start=1):
        if count > MAX_REPORTED:
            return
        start = found.start()
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        yield _problem(found.group(), SourceSpan(file, line, column))


def refused_in_value(text: str, span: SourceSpan) -> Problem | None:
    """The same rule for a decoded scalar: YAML's escapes can write what the file does not hold."""
    if text.isprintable():
        return None
    found = _REFUSED.search(text)
    return _problem(found.group(), span) if found else None


def _problem(character: str, span: SourceSpan) -> Problem:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return Problem(
            "yaml.encoding",
            "file is not UTF-8 text",
            span,
            found=f"byte 0x{code - 0xDC00:02X}",
            why="names and texts would come out garbled on the site",
            mend="save the file as UTF-8",
        )
    if character == "\ufeff":
        return Problem(
            "yaml.byte_order_mark",
            "file holds a byte order mark",
            span,
            found="U+FEFF",
            why="it is invisible and becomes part of the first key",
            mend="save the file as UTF-8 without byte order mark",
        )
    return Problem(
        "yaml.character",
        "file holds a character that cannot be seen",
        span,
        found=f"U+{code:04X}",
        why="a reviewer must be able to read all that the program reads",
        mend="delete the character",
    )
