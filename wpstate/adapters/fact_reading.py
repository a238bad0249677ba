"""Reads a document of facts record by record, in little memory whatever its size.

What a record means is left to resources.feeds. ijson 3.6 (yajl): a text is held whole while it is
read, so what one record may take is bounded in bytes and in parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import ijson

from wpstate.model.problem import Failed, Problem
from wpstate.resources.feeds.feed import Fact, Feed, NotUnderstood

_CHUNK_BYTES = 1 << 16
_MOST_RECORD_BYTES = 4 << 20
_MOST_RECORD_EVENTS = 100_000


@dataclass(slots=True)
class Tally:
    """Counts as the document is read."""

    records: int = 0
    left_out: int = 0


class _Metered:
    """A document that ends with an error where one record takes too much of it."""

    def __init__(self, document: IO[bytes]) -> None:
        self._document = document
        self.since_record_bytes = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._document.read(min(size, _CHUNK_BYTES) if size >= 0 else _CHUNK_BYTES)
        self.since_record_bytes += len(chunk)
        if self.since_record_bytes > _MOST_RECORD_BYTES:
            raise _broken(f"one record takes more than {_MOST_RECORD_BYTES} bytes")
        return chunk


def read_facts(document: IO[bytes], feed: Feed, tally: Tally) -> Iterator[Fact]:
    """All facts of a document; records that are not understood are counted and left out.

    Raises Failed (`facts.format`).
    """
    try:
        for section, name, record in _records(_Metered(document), in_sections=bool(feed.sections)):
            if feed.sections and section not in feed.sections:
                continue
            tally.records += 1
            try:
                yield from tuple(feed.read(section, name, record))
            except NotUnderstood:
                tally.left_out += 1
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise _broken(str(error)[:200]) from error


def _records(document: _Metered, *, in_sections: bool) -> Iterator[tuple[str, str, object]]:
    """Section, name and value of each entry one map deep, or two where there are sections."""
    depth = 2 if in_sections else 1
    keys: list[str] = []
    level = skipped = inside = events = 0
    builder = None
    for event, value in ijson.basic_parse(document, buf_size=_CHUNK_BYTES):
        opens, closes = event in ("start_map", "start_array"), event in ("end_map", "end_array")
        if level == 0 and event != "start_map":
            raise _broken("not a map of records")
        if builder is not None:
            events += 1
            if events > _MOST_RECORD_EVENTS:
                raise _broken(f"one record has more than {_MOST_RECORD_EVENTS} parts")
            builder.event(event, value)
            inside += opens - closes
            if not inside:
                document.since_record_bytes = 0
                yield "".join(keys[:-1]), keys[-1], builder.value
                builder = None
        elif skipped or event == "start_array":
            skipped += opens - closes
        elif event == "map_key":
            keys[level - 1 :] = [str(value)]
            if level == depth:
                builder, inside, events = ijson.ObjectBuilder(), 0, 0
        else:
            level += opens - closes


def _broken(found: str) -> Failed:
    return Failed(
        [
            Problem(
                "facts.format",
                "a feed's document cannot be read",
                found=found,
                why="what was kept before stays in use, with its age",
                mend="try again later; if it stays, look whether the feed has changed its format",
            )
        ]
    )
