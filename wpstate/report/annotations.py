"""Findings as the commands of GitHub Actions that show them at their lines (workflow commands, as
actions/toolkit writes them). A step may have ten errors, ten warnings and ten notices; GitHub drops
what comes after without a word, so here the last one says how many there are.
"""

from collections.abc import Iterable, Iterator

from wpstate.report.told import Level, Told

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_MOST = 10
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def annotations(several: Iterable[Told], *, prefix: str = "") -> Iterator[str]:
    """One line each, gravest first. `prefix`: of the fleet folder in its repository."""
    by_level: dict[Level, list[Told]] = {level: [] for level in Level}
    for told in several:
        by_level[told.level].append(told)
    for level, kept in by_level.items():
        shown = kept if len(kept) <= _MOST else kept[: _MOST - 1]
        for told in shown:
            where = told.where
            properties = {
                "file": f"{prefix}{where.file}",
                "line": str(where.line),
                "col": str(where.column),
                "title": told.rule,
            }
            listed = ",".join(f"{k}={_escaped(v, _PROPERTY)}" for k, v in properties.items())
            yield f"::{_COMMANDS[level]} {listed}::{_escaped(told.shown, _DATA)}"
        if len(shown) < len(kept):
            left = len(kept) - len(shown)
            yield f"::{_COMMANDS[level]} title=wpstate::{left} more are in the summary and the plan"


def _escaped(text: str, signs: dict[str, str]) -> str:
    for sign, written in signs.items():
        text = text.replace(sign, written)
    return text
