"""Keeps what feeds say, in SQLite on the controller: the last good copy of each, whole or not.

Fetching is left to adapters.fact_documents, reading to fact_reading, meaning to resources.feeds.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from wpstate.adapters.fact_reading import Tally, read_facts
from wpstate.adapters.fact_rows import SCHEMA, judge, marks_of, row_of
from wpstate.model.facts import FactSource, FeedState, Known, Listing, Part, Vulnerability
from wpstate.model.problem import Failed, Problem
from wpstate.ports.facts import Opened
from wpstate.resources.feeds.registry import FEEDS

_AT_ONCE = 400
_WAIT_S = 120.0
"""While another command takes a large feed in."""
_WANTED_FOR = timedelta(days=30)


class SqliteFactStore:
    """Facts of the fleet's sources. Fleets may share a store; each sees its own sources."""

    def __init__(self, path: Path, sources: Sequence[FactSource], fleet_folder: Path) -> None:
        self._path = path
        self._sources = tuple(sources)
        self._fleet_folder = fleet_folder

    def known(self, parts: Collection[Part], at: datetime) -> Known:
        """Raises Failed (`facts.unreadable`)."""
        asked, states = sorted(parts), self.states(at)
        found: dict[Part, list[Vulnerability]] = {}
        listed: dict[Part, list[Listing]] = {}
        covered: set[Part] = set()
        with self._open() as database:
            notices = dict(database.execute("SELECT id, text FROM notice").fetchall())
            for source, state in zip(self._sources, states, strict=True):
                if state.kept_at is None:
                    continue
                feed = FEEDS[source.feed]
                tells = state.is_fresh and feed.tells_vulnerabilities
                covered.update(part for part in asked if tells and feed.covers(part))
                for part, vulnerability, listing, marks in self._facts(database, source, asked):
                    if tells:
                        covered.add(part)
                    if vulnerability:
                        one = msgspec.json.decode(vulnerability, type=Vulnerability)
                        since = _first_kept(database, one)
                        shown = tuple(notices[mark] for mark in msgspec.json.decode(marks))
                        found.setdefault(part, []).append(replace(one, notices=shown, since=since))
                    if listing:
                        one_listing = msgspec.json.decode(listing, type=Listing)
                        listed.setdefault(part, []).append(one_listing)
        return Known(
            at,
            states,
            {part: tuple(each) for part, each in found.items()},
            {part: tuple(each) for part, each in listed.items()},
            frozenset(covered),
        )

    def states(self, at: datetime) -> tuple[FeedState, ...]:
        """Raises Failed (`facts.unreadable`)."""
        with self._open() as database:
            return tuple(self._state(database, source, at) for source in self._sources)

    def want(self, parts: Collection[Part], at: datetime) -> None:
        """Raises Failed (`facts.unreadable`)."""
        rows = [(sort, name, at.isoformat()) for sort, name in parts]
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", rows)

    def wanted(self, at: datetime) -> tuple[Part, ...]:
        """Raises Failed (`facts.unreadable`)."""
        since = ((at - _WANTED_FOR).isoformat(),)
        with self._open() as database:
            query = "SELECT sort, name FROM wanted WHERE seen_at >= ? ORDER BY sort, name"
            return tuple(database.execute(query, since).fetchall())

    def etag(self, source: FactSource) -> str | None:
        """Raises Failed (`facts.unreadable`)."""
        query = "SELECT etag FROM feed WHERE name = ? AND place = ? AND kept_at IS NOT NULL"
        with self._open() as database:
            row = database.execute(query, (source.feed, self._place(source))).fetchone()
        return row[0] if row else None

    def take(
        self, source: FactSource, opened: Opened, at: datetime, *, even_if_smaller: bool
    ) -> None:
        """Raises as FactStore says."""
        with self._open() as database, database:
            number, before = self._number(database, source)
            if opened.document is not None:
                tally = _replaced(database, number, source, opened.document, at)
                judge(source, tally, 0 if even_if_smaller else before)
                database.execute(
                    "UPDATE feed SET records = ?, left_out = ?, etag = ? WHERE id = ?",
                    (tally.records, tally.left_out, opened.etag, number),
                )
            database.execute(
                "UPDATE feed SET kept_at = ?, tried_at = ?, error = NULL WHERE id = ?",
                (at.isoformat(), at.isoformat(), number),
            )

    def note_failure(self, source: FactSource, error: str, at: datetime) -> None:
        """Raises Failed (`facts.unreadable`)."""
        with self._open() as database, database:
            number, _ = self._number(database, source)
            database.execute(
                "UPDATE feed SET tried_at = ?, error = ? WHERE id = ?",
                (at.isoformat(), error, number),
            )

    def _place(self, source: FactSource) -> str:
        return str(self._fleet_folder.resolve() / source.place) if source.is_file else source.place

    def _number(self, database: sqlite3.Connection, source: FactSource) -> tuple[int, int]:
        """Of its row, which is made where there is none, and how many records are kept."""
        named = (source.feed, self._place(source))
        database.execute("INSERT OR IGNORE INTO feed (name, place) VALUES (?, ?)", named)
        query = "SELECT id, records FROM feed WHERE name = ? AND place = ?"
        number, records = database.execute(query, named).fetchone()
        return int(number), int(records)

    def _state(self, database: sqlite3.Connection, source: FactSource, at: datetime) -> FeedState:
        query = (
            "SELECT kept_at, records, left_out, tried_at, error FROM feed"
            " WHERE name = ? AND place = ?"
        )
        row = database.execute(query, (source.feed, self._place(source))).fetchone()
        kept, records, left_out, tried, error = row or (None, 0, 0, None, None)
        kept_at = datetime.fromisoformat(kept) if kept else None
        fresh_s = FEEDS[source.feed].fresh_s
        return FeedState(
            feed=source.feed,
            place=source.place,
            kept_at=kept_at,
            records=records,
            left_out=left_out,
            tried_at=datetime.fromisoformat(tried) if tried else None,
            error=error,
            is_fresh=kept_at is not None and (at - kept_at).total_seconds() <= fresh_s,
        )

    def _facts(
        self, database: sqlite3.Connection, source: FactSource, asked: Sequence[Part]
    ) -> Iterator[tuple[Part, str, str, str]]:
        query = (
            "SELECT sort, fact.name, vulnerability, listing, notices FROM fact"
            " JOIN feed ON feed.id = fact.feed WHERE feed.name = ? AND place = ?"
            " AND (sort, fact.name) IN (VALUES {})"
        )
        for first in range(0, len(asked), _AT_ONCE):
            some = asked[first : first + _AT_ONCE]
            values = [source.feed, self._place(source), *(word for part in some for word in part)]
            marks = ", ".join(["(?, ?)"] * len(some))
            for sort, name, *said in database.execute(query.format(marks), values):
                vulnerability, listing, notices = said
                yield (sort, name), vulnerability, listing, notices

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = None
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            database = sqlite3.connect(self._path, timeout=_WAIT_S)
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(SCHEMA)
            self._path.chmod(0o600)
            yield database
        except (sqlite3.Error, OSError) as error:
            raise Failed([_unreadable(self._path, error)]) from error
        finally:
            if database is not None:
                database.close()


def _replaced(
    database: sqlite3.Connection,
    number: int,
    source: FactSource,
    document: IO[bytes],
    at: datetime,
) -> Tally:
    """Read a document into the rows of its feed, and note what is told for the first time."""
    tally, notices = Tally(), dict[str, int]()
    database.execute("DELETE FROM fact WHERE feed = ?", (number,))
    facts = read_facts(document, FEEDS[source.feed], tally)
    while batch := list(islice(facts, _AT_ONCE)):
        rows = [row_of(number, fact, marks_of(database, fact, notices)) for fact in batch]
        database.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", rows)
        told = [each.vulnerability for each in batch if each.vulnerability]
        database.executemany(
            "INSERT OR IGNORE INTO first_kept VALUES (?, ?, ?)",
            [(one.feed, one.id, at.isoformat()) for one in told],
        )
    return tally


def _first_kept(database: sqlite3.Connection, one: Vulnerability) -> datetime | None:
    query = "SELECT at FROM first_kept WHERE feed = ? AND id = ?"
    row = database.execute(query, (one.feed, one.id)).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(
        "facts.unreadable",
        "the kept facts cannot be read or written",
        key=str(path),
        found=str(error),
        why="what is not known is no reason to call a site safe",
        mend="make room on this machine, or delete the file and run: wpstate facts update",
    )
