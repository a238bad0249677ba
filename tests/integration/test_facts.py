"""Feeds over real HTTP and from files into a real store: the last good copy stays whatever comes,
each answer is asked for once, and size costs no memory."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.adapters.fact_documents import FetchedDocuments
from wpstate.adapters.fact_store import SqliteFactStore
from wpstate.desired.compose import compose
from wpstate.model.desired import Fleet
from wpstate.model.facts import FactSource, Part
from wpstate.model.secret import FilledHeader, Secret
from wpstate.resources.feeds.registry import FEEDS
from wpstate.workflows.facts import Updated, update_facts

CASES = Path(__file__).parents[1] / "cases" / "feeds"
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
SHOP: Part = ("plugin", "shop-tools")
WORD = "a-key-of-wordfence"


class _Feeds(BaseHTTPRequestHandler):
    """Serves what the test laid out by path; notes what was asked and with what key."""

    answers: ClassVar[dict[str, tuple[int, bytes]]]
    asked: ClassVar[list[tuple[str, str | None]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        status, content = self.answers.get(self.path, (404, b"<h1>Not Found</h1>"))
        etag = f'"{len(content)}"'
        if self.headers["If-None-Match"] == etag:
            status, content = 304, b""
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        """Nothing on the test's own output."""


@pytest.fixture
def feeds() -> Iterator[type[_Feeds]]:
    class Handler(_Feeds):
        answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
        asked: ClassVar[list[tuple[str, str | None]]] = []
        url = ""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Handler.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """The hour that a test says."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()


class Kept:
    """A store of a test's own, for a fleet with these sources."""

    def __init__(self, folder: Path, *sources: FactSource) -> None:
        fleet = compose(sound_fleet())
        self.fleet: Fleet = replace(fleet, facts=sources)
        self.folder = folder / "fleet"
        (self.folder / "feeds").mkdir(parents=True)
        self.store = SqliteFactStore(folder / "home" / "facts.sqlite3", sources, self.folder)
        self.documents = FetchedDocuments(self.folder, folder / "home", self._auth)
        self.clock = Clock()

    def _auth(self, source: FactSource) -> FilledHeader | None:
        return source.key.filled(Secret(WORD)) if source.key else None

    def file(self, content: bytes | dict[str, Any], name: str = "wordfence") -> None:
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        (self.folder / "feeds" / f"{name}.json").write_bytes(content)

    def update(self, *, even_if_smaller: bool = False) -> Updated:
        return update_facts(
            self.fleet, self.store, self.documents, self.clock, even_if_smaller=even_if_smaller
        )

    def slugs(self) -> list[str]:
        return [problem.slug for problem in self.update().problems]

    def titles(self, part: Part = SHOP) -> list[str]:
        known = self.store.known([part], self.clock.now())
        return [one.title for one in known.vulnerabilities.get(part, ())]


def from_file(feed: str) -> FactSource:
    return FactSource(feed, f"feeds/{feed}.json", is_file=True)


@pytest.fixture
def wordfence(tmp_path: Path) -> Kept:
    kept = Kept(tmp_path, from_file("wordfence"))
    kept.file((CASES / "wordfence.json").read_bytes())
    return kept


TITLE = "Shop Tools <= 2.3.1 - Unauthenticated SQL Injection"


def test_when_it_first_told_of_a_hole_stays_however_often_it_does_again(wordfence: Kept) -> None:
    def since() -> datetime | None:
        return wordfence.store.known([SHOP], NOW).vulnerabilities[SHOP][0].since

    wordfence.update()
    assert since() == NOW
    wordfence.clock.at = NOW + timedelta(days=2)
    wordfence.file((CASES / "wordfence.json").read_bytes() + b"\n")
    wordfence.update()
    assert since() == NOW


def test_what_a_file_says_is_known_with_its_notices(wordfence: Kept) -> None:
    assert wordfence.titles() == []
    assert wordfence.store.known([SHOP], NOW).covered == frozenset()
    assert wordfence.slugs() == []
    known = wordfence.store.known([SHOP, ("plugin", "other")], NOW)
    (one,) = known.vulnerabilities[SHOP]
    assert one.title == TITLE
    assert [notice[:17] for notice in one.notices] == ["Copyright 2012-20", "Copyright 1999-20"]
    assert known.covered == {SHOP, ("plugin", "other")}
    (state,) = known.feeds
    assert (state.records, state.left_out, state.kept_at, state.error) == (3, 0, NOW, None)


BROKEN: dict[str, tuple[bytes, str]] = {
    "cut": (b'{"a": {"id": "a", "software": [', "facts.format"),
    "an error": (b'{"error": "rate limit"}', "facts.shape"),
    "nothing": (b"{}", "facts.empty"),
    "a page": (b"<html>", "facts.format"),
    "smaller": (b'{"a": {"id": "a", "title": "t", "software": []}}', "facts.shrunk"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_the_last_good_copy_stays(wordfence: Kept, broken: str) -> None:
    wordfence.update()
    content, slug = BROKEN[broken]
    wordfence.file(content)
    wordfence.clock.at = NOW + timedelta(hours=5)
    assert wordfence.slugs() == [slug]
    assert wordfence.titles() == [TITLE]
    (state,) = wordfence.store.states(wordfence.clock.now())
    assert (state.kept_at, state.records) == (NOW, 3)
    assert state.error is not None


def test_an_error_is_no_first_copy_either(wordfence: Kept) -> None:
    wordfence.file(BROKEN["an error"][0])
    assert wordfence.slugs() == ["facts.shape"]
    assert wordfence.store.known([SHOP], NOW).covered == frozenset()


def test_a_feed_that_shrank_is_taken_where_somebody_says_so(wordfence: Kept) -> None:
    wordfence.update()
    wordfence.file(BROKEN["smaller"][0])
    assert wordfence.update(even_if_smaller=True).problems == ()
    assert wordfence.titles() == []


def test_an_old_copy_acquits_nobody(wordfence: Kept) -> None:
    wordfence.update()
    later = NOW + timedelta(days=7, seconds=1)
    known = wordfence.store.known([SHOP], later)
    assert (known.covered, known.feeds[0].is_fresh) == (frozenset(), False)
    assert SHOP in known.vulnerabilities


def test_another_file_is_another_feed(wordfence: Kept, tmp_path: Path) -> None:
    wordfence.update()
    other = replace(wordfence.fleet.facts[0], place="feeds/other.json")
    store = SqliteFactStore(tmp_path / "home" / "facts.sqlite3", [other], wordfence.folder)
    assert store.known([SHOP], NOW).vulnerabilities == {}
    assert store.states(NOW)[0].kept_at is None


def test_a_link_out_of_the_fleet_is_refused(wordfence: Kept, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_bytes((CASES / "wordfence.json").read_bytes())
    path = wordfence.folder / "feeds" / "wordfence.json"
    path.unlink()
    path.symlink_to(tmp_path / "outside.json")
    assert wordfence.slugs() == ["facts.source"]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_format_from_a_file(tmp_path: Path, feed: str) -> None:
    kept = Kept(tmp_path, from_file(feed))
    kept.file((CASES / f"{feed}.json").read_bytes(), feed)
    assert kept.slugs() == []
    known = kept.store.known([SHOP], NOW)
    tells = FEEDS[feed].tells_vulnerabilities
    assert (SHOP in known.vulnerabilities, SHOP in known.covered) == (tells, tells)
    assert (SHOP in known.listings) == (feed != "wordfence")


def test_one_address_with_its_key_and_not_too_often(tmp_path: Path, feeds: Any) -> None:
    key = _key("wordfence")
    source = FactSource("wordfence", f"{feeds.url}/v3/production", is_file=False, key=key)
    kept = Kept(tmp_path, source)
    feeds.answers["/v3/production"] = 200, (CASES / "wordfence.json").read_bytes()
    assert kept.slugs() == []
    kept.clock.at = NOW + timedelta(minutes=29)
    assert kept.update().waited == ("wordfence",)
    assert feeds.asked == [("/v3/production", f"Bearer {WORD}")]
    assert kept.titles() == [TITLE]
    kept.clock.at = NOW + timedelta(minutes=31)
    feeds.answers["/v3/production"] = 429, b"{}"
    assert kept.slugs() == ["facts.unavailable"]
    assert kept.titles() == [TITLE]
    files = [path.read_bytes() for path in (tmp_path / "home").iterdir()]
    assert not any(WORD.encode() in content for content in files)
    assert len(files) == 1, "what was fetched is gone"


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path, feeds: Any) -> None:
    kept = Kept(tmp_path, FactSource("wordfence", f"{feeds.url}/all", is_file=False))
    content = (CASES / "wordfence.json").read_bytes()
    feeds.answers["/all"] = 200, content
    assert kept.slugs() == []
    kept.clock.at = NOW + timedelta(days=8)
    assert not kept.store.states(kept.clock.at)[0].is_fresh
    assert kept.slugs() == []
    (state,) = kept.store.states(kept.clock.at)
    assert (state.kept_at, state.records, state.is_fresh) == (kept.clock.at, 3, True)
    assert kept.titles() == [TITLE]
    feeds.answers["/all"] = 200, content.replace(b"Unauthenticated", b"Any")
    kept.clock.at += timedelta(days=1)
    assert kept.slugs() == []
    assert kept.titles() == [TITLE.replace("Unauthenticated", "Any")]


def test_parts_are_asked_about_one_by_one(tmp_path: Path, feeds: Any) -> None:
    """Those that files name, and those that sites were seen to have of late."""
    key = _key("wpscan")
    kept = Kept(tmp_path, FactSource("wpscan", f"{feeds.url}/api/v3", is_file=False, key=key))
    kept.store.want([SHOP, ("theme", "gone")], NOW)
    kept.store.want([("plugin", "long-ago")], NOW - timedelta(days=31))
    answers = json.loads((CASES / "wpscan.json").read_bytes())
    shop = json.dumps(answers["plugins"]["shop-tools"]).encode()
    feeds.answers["/api/v3/plugins/shop-tools"] = 200, shop
    assert kept.slugs() == []
    paths = [path for path, _ in feeds.asked]
    assert "/api/v3/plugins/shop-tools" in paths
    assert "/api/v3/themes/gone" in paths
    assert "/api/v3/wordpresses/711" in paths
    assert not any("long-ago" in path for path in paths)
    assert {key for _, key in feeds.asked} == {f"Token token={WORD}"}
    known = kept.store.known([SHOP, ("theme", "gone")], NOW)
    assert known.covered == {SHOP}, "nobody knows the theme: it stays unknown"


def test_a_closed_plugin_is_told_by_an_answer_404(tmp_path: Path, feeds: Any) -> None:
    kept = Kept(tmp_path, FactSource("wordpress_org", feeds.url, is_file=False))
    part: Part = ("plugin", "closed-one")
    kept.store.want([part], NOW)
    path = FEEDS["wordpress_org"].path(part)
    closed = json.loads((CASES / "wordpress_org.json").read_bytes())["plugins"]["closed-one"]
    feeds.answers[f"/{path}"] = 404, json.dumps(closed).encode()
    assert kept.slugs() == []
    (listing,) = kept.store.known([part], NOW).listings[part]
    assert listing.closed


@pytest.mark.parametrize("answer", [b'{}}, "x": {', b"", b"<html>", b"{} {}"])
def test_an_answer_cannot_speak_of_other_parts(tmp_path: Path, feeds: Any, answer: bytes) -> None:
    kept = Kept(tmp_path, FactSource("wpscan", feeds.url, is_file=False))
    kept.store.want([SHOP], NOW)
    feeds.answers["/plugins/shop-tools"] = 200, answer
    assert kept.slugs() == ["facts.unavailable"]


def test_one_feed_that_fails_holds_up_no_other(tmp_path: Path) -> None:
    kept = Kept(tmp_path, from_file("wpscan"), from_file("wordfence"))
    kept.file((CASES / "wordfence.json").read_bytes())
    assert kept.slugs() == ["facts.unavailable"]
    assert kept.titles() == [TITLE]


def _key(feed: str) -> Any:
    text = (
        f"name: x\nfacts: {{{feed}: {{url: 'https://feed.example',"
        " key: {secret: {env: WPSTATE_SECRET_FEED}}}}\n"
    )
    return compose(sound_fleet(fleet=text)).facts[0].key


_LARGE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from wpstate.adapters.fact_store import SqliteFactStore
from wpstate.model.facts import FactSource
from wpstate.ports.facts import Opened

folder = Path(sys.argv[1])
source = FactSource("wordfence", "large.json", is_file=True)
store = SqliteFactStore(folder / "facts.sqlite3", [source], folder)
now = datetime.now(UTC)
store.states(now)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak()
with (folder / "large.json").open("rb") as document:
    store.take(source, Opened(document), now, even_if_smaller=False)
print(store.states(now)[0].records, peak() - before)
"""


def test_a_document_of_120_megabytes_takes_a_few_of_memory(tmp_path: Path) -> None:
    record = next(iter(json.loads((CASES / "wordfence.json").read_bytes()).values()))
    record["description"] = "x" * 1700
    with (tmp_path / "large.json").open("w") as file:
        for number in range(36_000):
            record["software"][0]["slug"] = f"plugin-{number % 15_000}"
            file.write(f'{"," if number else "{"}"{number:032x}": {json.dumps(record)}')
        file.write("}")
    assert (tmp_path / "large.json").stat().st_size > 120_000_000
    ran = subprocess.run(
        (sys.executable, "-c", _LARGE, tmp_path), capture_output=True, text=True, check=True
    )
    records, more_kib = map(int, ran.stdout.split())
    assert records == 36_000
    assert more_kib < 8 << 10
