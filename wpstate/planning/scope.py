"""Which tables are dumped while visitors wait, and which were copied before.

A table that is copied before the freeze and has not moved since is in the snapshot as surely as one
dumped under it. One that visitors go on writing is not: it must not be one that the changes write.
Whether a table moved is the safety net's to prove (safetynet/large_tables.sh).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatch

from wpstate.model.change import Change
from wpstate.model.observed import Database, LargeTable
from wpstate.model.state import kind_of, name_of
from wpstate.planning.follows import follows_of
from wpstate.resources.core import TABLES
from wpstate.resources.registry import KIND

COPIED_EARLY = ("InnoDB", "MyISAM")
"""Engines whose UPDATE_TIME tells of every write (MariaDB 10.11, MySQL 8.0). Aria's lags behind."""

LOGS = (
    "*_log", "*_logs", "actionscheduler_logs", "aiowps_*", "burst_*", "cerber_*",
    "independent_analytics_*", "itsec_logs", "koko_analytics_*", "matomo_log_*", "redirection_404",
    "simple_history*", "slim_stats*", "statify", "statistics_*", "wfhits", "wflogins",
    "wsal_*", "yoast_seo_links",
)  # fmt: skip
"""Tables, without their prefix, in which plugins only note what happened. They grow without end and
no update of a plugin rests on them."""


class _Rank(IntEnum):
    TOUCHED = 0
    CORE = 1
    OTHER = 2
    LOG = 3


@dataclass(frozen=True, slots=True)
class Scope:
    frozen_bytes: int
    """Of tables that are dumped under the freeze."""
    touched_bytes: int
    """What of these the changes can touch: no plan can leave it out."""
    before: tuple[str, ...]
    """Tables copied before the freeze, sorted; empty where everything is dumped under it."""


def scope(
    database: Database | None,
    changes: Iterable[Change],
    room_bytes: int,
    *,
    named: Iterable[str] = (),
) -> Scope:
    """What is dumped under a freeze that has time for `room_bytes`, tables with indexes.

    First what the changes can touch, whether there is room or not: `options`, tables called after a
    changed plugin, `named` ones (full names, found in its code), all of core's where core changes;
    then, smallest first and while there is room, core's, others, logs.
    """
    if database is None:
        return Scope(0, 0, ())
    ranked = _ranked(database, tuple(changes), frozenset(named))
    small_bytes = max(0, database.size_bytes - sum(table.size_bytes for _, table in ranked))
    touched = sum(table.size_bytes for rank, table in ranked if rank is _Rank.TOUCHED)
    taken, before = small_bytes + touched, []
    for rank, table in ranked:
        if rank is _Rank.TOUCHED:
            continue
        if taken + table.size_bytes <= room_bytes or table.engine not in COPIED_EARLY:
            taken += table.size_bytes
        else:
            before.append(table.name)
    return Scope(taken, small_bytes + touched, tuple(sorted(before)))


def _ranked(
    database: Database, changes: tuple[Change, ...], named: frozenset[str]
) -> list[tuple[_Rank, LargeTable]]:
    written = {"options", *(t for c in changes for t in KIND[kind_of(c.address)].touches)}
    written |= {table for one in follows_of(changes) for table in one.tables}
    plugins = tuple(name_of(c.address) for c in changes if kind_of(c.address) == "plugins")
    found = []
    for table in database.large_tables:
        short = table.name.removeprefix(database.prefix)
        if any(fnmatch(short, pattern) for pattern in LOGS):
            rank = _Rank.LOG
        elif (
            table.name in named
            or any(fnmatch(short, pattern) for pattern in written)
            or _called_after(short, plugins)
        ):
            rank = _Rank.TOUCHED
        elif short in TABLES:
            rank = _Rank.CORE
        else:
            rank = _Rank.OTHER
        found.append((rank, table))
    return sorted(found, key=lambda pair: (pair[0], pair[1].size_bytes, pair[1].name))


def _called_after(table: str, plugins: tuple[str, ...]) -> bool:
    """`lab_guestbook_entries` is called after the plugin `lab-guestbook`."""
    spelled = tuple(slug.replace("-", "_").lower() for slug in plugins)
    return any(table.lower() == slug or table.lower().startswith(f"{slug}_") for slug in spelled)
