"""What YAML's parser says, in plain words with a mend.

The sentences are libyaml's (0.2.5, src/scanner.c and src/parser.c, as PyYAML 6.0 hands them on).
Where a sentence is unknown the general answer is still a Problem.
"""

import re

import yaml

from wpstate.desired.secrets import without_secrets
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan

_TAB_IN_INDENT = re.compile(r" *\t")

# Where the parser notices these is not where they began.
_BEGINS_EARLIER = frozenset({"yaml.unclosed", "yaml.unclosed_text", "yaml.colon_missing"})

# What libyaml says: slug, what, mend.
_SENTENCES = (
    (
        "mapping values are not allowed",
        "yaml.colon",
        "a colon stands where no key can be",
        "put quotes round a text that holds `: `, and indent with care",
    ),
    (
        "could not find expected ':'",
        "yaml.colon_missing",
        "a key has no colon",
        "write `key: value`, with a space after the colon",
    ),
    (
        "',' or ']'",
        "yaml.unclosed",
        "a list is not closed, or its entries are not parted",
        "close the list with `]`, and put quotes round a text that holds `: `",
    ),
    (
        "',' or '}'",
        "yaml.unclosed",
        "a map is not closed, or its entries are not parted",
        "close the map with `}`, and put quotes round a text that holds `: `",
    ),
    (
        "unexpected end of stream",
        "yaml.unclosed_text",
        "a quoted text is not closed",
        "close the text with the quote it began with",
    ),
    (
        "cannot start any token",
        "yaml.special_character",
        "a text begins with a character that YAML keeps for itself",
        "put quotes round the text",
    ),
    (
        "escape character",
        "yaml.escape",
        "an escape in double quotes is unknown",
        "use single quotes, which know no escapes",
    ),
    (
        "escape code",
        "yaml.escape",
        "an escape in double quotes is unknown",
        "use single quotes, which know no escapes",
    ),
    (
        "block sequence entries are not allowed",
        "yaml.indentation",
        "a list entry stands where no list can be",
        "put the entry on its own line, two spaces deeper than its key",
    ),
    (
        "did not find expected key",
        "yaml.indentation",
        "this line does not fit the lines above it",
        "give keys of one map the same indentation, and quote texts that hold quotes",
    ),
    (
        "expected '-' indicator",
        "yaml.indentation",
        "this line does not fit the list above it",
        "begin each entry of a list with `- `, all at the same indentation",
    ),
)


def syntax_problem(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """The problem behind a parser's error, placed at the line to look at."""
    mark = getattr(error, "problem_mark", None)
    sentence = getattr(error, "problem", None) or ""
    if mark is None:
        return _general(SourceSpan(file, 1, 1))
    lines = text.splitlines()
    span = SourceSpan(file, mark.line + 1, mark.column + 1)
    line = lines[mark.line] if mark.line < len(lines) else ""
    tab = _TAB_IN_INDENT.match(line)
    if tab:
        return Problem(
            "yaml.tab",
            "line is indented with a tab",
            SourceSpan(file, span.line, tab.end()),
            why="YAML counts spaces only",
            mend="indent with two spaces",
        )
    opened = getattr(error, "context_mark", None)
    for part, slug, what, mend in _SENTENCES:
        if part not in sentence:
            continue
        if slug in _BEGINS_EARLIER and opened is not None and opened.line < mark.line:
            span = SourceSpan(file, opened.line + 1, opened.column + 1)
        return Problem(slug, what, span, found=_shown(lines, span.line), mend=mend)
    return _general(span, _shown(lines, span.line))


def _general(span: SourceSpan, found: str | None = None) -> Problem:
    return Problem(
        "yaml.syntax",
        "file is not valid YAML",
        span,
        found=found,
        mend="write `key: value` lines, indented with two spaces",
    )


def _shown(lines: list[str], number: int) -> str | None:
    if not 0 < number <= len(lines) or not lines[number - 1].strip():
        return None
    line = without_secrets(lines[number - 1].strip())
    return line if len(line) <= 80 else line[:79] + "…"
