"""Brings feeds' documents: a file of the fleet, one address, or a file made of the answers about
each part. Reading them is left to adapters.fact_reading.

A feed is asked for what it holds, never told which site wants to know.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

import ijson

from wpstate.adapters.downloads import Copy, download
from wpstate.model.facts import FactSource, Part
from wpstate.model.problem import Failed, Problem, Refused, WpstateError
from wpstate.model.secret import FilledHeader
from wpstate.ports.facts import Opened
from wpstate.resources.feeds.feed import Feed
from wpstate.resources.feeds.registry import FEEDS

_MOST_BYTES = 1 << 30
_MOST_ANSWER_BYTES = 4 << 20
_WITHIN_S = 900.0
_ANSWER_WITHIN_S = 30.0


class FetchedDocuments:
    """Documents wherever the fleet says that they are."""

    def __init__(
        self,
        fleet_folder: Path,
        scratch: Path,
        auth_of: Callable[[FactSource], FilledHeader | None],
    ) -> None:
        """`scratch`: a folder with room for what is fetched."""
        self._fleet_folder = fleet_folder
        self._scratch = scratch
        self._auth_of = auth_of

    @contextmanager
    def opened(
        self, source: FactSource, parts: Collection[Part], etag: str | None
    ) -> Iterator[Opened]:
        """Raises as FactDocuments says. What is fetched is gone afterwards."""
        if source.is_file:
            with self._file(source) as document:
                yield Opened(document)
            return
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        auth = self._auth_of(source)
        with TemporaryFile(dir=self._scratch) as document:
            feed, copy = FEEDS[source.feed], Copy(None)
            if feed.sections:
                self._ask(source, feed, parts, auth, document)
            else:
                copy = Copy(etag)
                _fetch(source, "", document, auth, _MOST_BYTES, _WITHIN_S, copy)
                if copy.is_current:
                    yield Opened(None, etag)
                    return
            document.seek(0)
            yield Opened(document, copy.etag)

    def _file(self, source: FactSource) -> IO[bytes]:
        folder = self._fleet_folder.resolve()
        path = (folder / source.place).resolve()
        if not path.is_relative_to(folder):
            raise Refused([_problem(source, "facts.source", "leads out of the fleet folder")])
        try:
            return path.open("rb")
        except OSError as error:
            raise Failed([_problem(source, "facts.unavailable", str(error))]) from error

    def _ask(
        self,
        source: FactSource,
        feed: Feed,
        parts: Collection[Part],
        auth: FilledHeader | None,
        document: IO[bytes],
    ) -> None:
        """One request for each part, one after the other; the answers as `{SECTION: {NAME: …}}`."""
        asked = sorted((feed.section(part), feed.path(part)) for part in parts if feed.path(part))
        document.write(b"{")
        for number, section in enumerate(feed.sections):
            document.write(b"%s%s: {" % (b", " if number else b"", _json(section)))
            own = [(placed[1], path) for placed, path in asked if placed and placed[0] == section]
            for place, (name, path) in enumerate(own):
                document.write(b"%s%s: " % (b", " if place else b"", _json(name)))
                self._answer(source, f"/{path}", auth, document)
            document.write(b"}")
        document.write(b"}")

    def _answer(
        self, source: FactSource, path: str, auth: FilledHeader | None, to: IO[bytes]
    ) -> None:
        with TemporaryFile(dir=self._scratch) as answer:
            is_there = _fetch(source, path, answer, auth, _MOST_ANSWER_BYTES, _ANSWER_WITHIN_S)
            answer.seek(0)
            try:
                # One whole value and nothing behind it, or it would end the map that it is put in.
                for _ in ijson.basic_parse(answer):
                    pass
            except (ijson.JSONError, UnicodeDecodeError) as error:
                if not is_there:
                    to.write(b"null")
                    return
                found = f"{source.place}{path}: no JSON"
                raise Failed([_problem(source, "facts.unavailable", found)]) from error
            answer.seek(0)
            copyfileobj(answer, to)


def _json(text: str) -> bytes:
    return json.dumps(text).encode()


def _fetch(
    source: FactSource,
    path: str,
    to: IO[bytes],
    auth: FilledHeader | None,
    at_most_bytes: int,
    within_s: float,
    copy: Copy | None = None,
) -> bool:
    """False where the server says that there is nothing; what it sends may say why."""
    try:
        return download(
            f"{source.place}{path}",
            to.write,
            at_most_bytes=at_most_bytes,
            within_s=within_s,
            auth=auth,
            even_if_gone=bool(path),
            copy=copy,
        )
    except WpstateError as error:
        raise type(error)(_in_our_words(source, problem) for problem in error.problems) from error


_SLUGS = {
    "artifact.unavailable": "facts.unavailable",
    "artifact.source": "facts.source",
    "artifact.too_large": "facts.too_large",
}
_WHATS = {
    "facts.unavailable": "a feed could not be fetched",
    "facts.source": "a feed is not fetched from there",
    "facts.too_large": "a feed's answer is larger than anything expected there",
}


def _in_our_words(source: FactSource, problem: Problem) -> Problem:
    return _problem(source, _SLUGS[problem.slug], problem.found or problem.what)


def _problem(source: FactSource, slug: str, found: str) -> Problem:
    return Problem(
        slug,
        _WHATS[slug],
        key=f"facts.{source.feed}",
        found=found,
        why="what was kept before stays in use, with its age",
        mend="try again later: wpstate facts update",
    )
