"""Reads what the host says about tables (safetynet/tiers.sh, restore_database.sh): fields parted by
tabs, untrusted as all of its answers."""

from wpstate.adapters.safety_net_problems import untrusted
from wpstate.model.table import Fate, TableLeft, TableOffer

_FATES = {fate.value: fate for fate in Fate}


def read_offer(site: str, line: str) -> TableOffer:
    """`name TAB fate TAB newer TAB changed`. Raises Failed (`net.untrusted`)."""
    name, fate, newer, changed = _fields(line, 4)
    if fate not in _FATES:
        raise untrusted(site, "a table with an unknown fate")
    return TableOffer(name, _FATES[fate], _count(newer), _count(changed))


def read_left(line: str) -> TableLeft:
    """`name TAB rows TAB why`."""
    name, rows, why = _fields(line, 3)
    return TableLeft(name, _count(rows), why)


def read_carried(line: str) -> tuple[str, int]:
    """`name TAB rows`."""
    name, rows = _fields(line, 2)
    return name, _count(rows) or 0


def _fields(line: str, count: int) -> tuple[str, ...]:
    fields = line.split("\t", count - 1)
    return (*fields, *("" for _ in range(count - len(fields))))


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
