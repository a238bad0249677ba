"""Rows in which facts are kept, and whether what was read is good enough to be kept at all."""

import sqlite3
from dataclasses import replace

import msgspec

from wpstate.adapters.fact_reading import Tally
from wpstate.model.facts import FactSource
from wpstate.model.problem import Problem, Refused
from wpstate.resources.feeds.feed import Fact

SCHEMA = """
CREATE TABLE IF NOT EXISTS feed (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, kept_at TEXT,
    records INTEGER NOT NULL DEFAULT 0, left_out INTEGER NOT NULL DEFAULT 0, tried_at TEXT,
    error TEXT, etag TEXT, UNIQUE (name, place)
) STRICT;
CREATE TABLE IF NOT EXISTS fact (
    feed INTEGER NOT NULL, sort TEXT NOT NULL, name TEXT NOT NULL,
    vulnerability TEXT NOT NULL, listing TEXT NOT NULL, notices TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS fact_of ON fact (name, sort, feed);
CREATE INDEX IF NOT EXISTS fact_by ON fact (feed);
CREATE TABLE IF NOT EXISTS notice (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS first_kept (
    feed TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (feed, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted (
    sort TEXT NOT NULL, name TEXT NOT NULL, seen_at TEXT NOT NULL, PRIMARY KEY (sort, name)
) STRICT;
"""
_MOST_NOTICES = 100
_MOST_LEFT_OUT = 0.01
_LEAST_OF_BEFORE = 0.5


def marks_of(database: sqlite3.Connection, fact: Fact, known: dict[str, int]) -> list[int]:
    """Numbers of a record's notices: tens of thousands of records share a few long ones."""
    texts = fact.vulnerability.notices if fact.vulnerability else ()
    for text in texts:
        if text not in known:
            database.execute("INSERT OR IGNORE INTO notice (text) VALUES (?)", (text,))
            row = database.execute("SELECT id FROM notice WHERE text = ?", (text,)).fetchone()
            if len(known) >= _MOST_NOTICES:
                known.clear()
            known[text] = int(row[0])
    return [known[text] for text in texts]


def row_of(number: int, fact: Fact, marks: list[int]) -> tuple[int, str, str, str, str, str]:
    vulnerability, listing = "", ""
    if fact.vulnerability:
        plain = replace(fact.vulnerability, notices=())
        vulnerability = msgspec.json.encode(plain).decode()
    if fact.listing:
        listing = msgspec.json.encode(fact.listing).decode()
    return (number, *fact.part, vulnerability, listing, msgspec.json.encode(marks).decode())


def judge(source: FactSource, tally: Tally, before: int) -> None:
    """A feed that says little or nonsense has failed, not healed every site."""
    if tally.records == 0:
        raise _refused(source, "facts.empty", "a feed's document holds no record", "0 records")
    understood = tally.records - tally.left_out
    if not understood or tally.left_out > max(3, tally.records * _MOST_LEFT_OUT):
        found = f"{tally.left_out} of {tally.records} records have another shape than documented"
        raise _refused(source, "facts.shape", "a feed's records cannot be understood", found)
    if tally.records < before * _LEAST_OF_BEFORE:
        found = f"{tally.records} records, {before} before"
        raise _refused(source, "facts.shrunk", "a feed has lost more than half", found)


def _refused(source: FactSource, slug: str, what: str, found: str) -> Refused:
    mends = {"facts.shrunk": "if that is right: wpstate facts update --even-if-smaller"}
    return Refused(
        [
            Problem(
                slug,
                what,
                key=f"facts.{source.feed}",
                found=found,
                why="what was kept before stays in use, with its age",
                mend=mends.get(slug, f"look at {source.place}"),
            )
        ]
    )
