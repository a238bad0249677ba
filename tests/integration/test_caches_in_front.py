"""Caches in front of a site, of the shapes of Varnish and Cloudflare: asked, and not believed.

They answer on loopback: a store of pages by Host and path, `Age` and `X-Cache`, PURGE, and the API.
"""

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator

import pytest

from tests.builders import desired, replace
from wpstate.adapters.cache_requests import HttpCacheSender
from wpstate.adapters.http import HttpVisitor
from wpstate.model.cache import FarCache, Purged
from wpstate.model.desired import DesiredState
from wpstate.model.secret import Secret, SecretHeader, SecretReference
from wpstate.planning import caches

ZONE = "0123456789abcdef0123456789abcdef"
WORD = "nobody-may-read-this"
BEARER = SecretHeader("Authorization", SecretReference("env", "WPSTATE_SECRET_CDN"), bearer=True)


class _Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Front"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        key = (self.headers["Host"], self.path)
        kept = self.server.kept.get(key)
        page, since_s = kept or (self.server.page, time.time())
        self.server.kept[key] = (page, since_s)
        age = str(int(time.time() - since_s) + (60 if kept else 0))
        word = "HIT" if kept else "MISS"
        headers = {"Age": age, "X-Cache": word} if self.server.tells else {}
        if self.server.tells and self.server.cdn:
            headers = {"Cf-Cache-Status": word}
        self._answer(200, page, **headers)

    def do_PURGE(self) -> None:
        if not self._may():
            return
        if not self.server.forgets:
            self._answer(200, "Purged")
            return
        whole = self.headers.get("X-Purge-Method") == "regex"
        pattern = self.path if whole else re.escape(self.path)
        for host, path in list(self.server.kept):
            if host == self.headers["Host"] and re.fullmatch(pattern, path):
                del self.server.kept[host, path]
        self._answer(200, "Purged")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._may():
            return
        if self.path != f"/zones/{ZONE}/purge_cache" or set(body) != {"hosts"}:
            self._answer(400, '{"success": false}')
            return
        for host, path in list(self.server.kept):
            if host.partition(":")[0] in body["hosts"]:
                del self.server.kept[host, path]
        self._answer(200, '{"success": true}')

    def _may(self) -> bool:
        may = self.headers.get("Authorization") == f"Bearer {WORD}"
        if not may:
            self._answer(403, f"not with {self.headers.get('Authorization')}")
        return may

    def _answer(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


class Front(http.server.ThreadingHTTPServer):
    page = "old"
    tells = True
    cdn = False
    forgets = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Front)
        self.kept: dict[tuple[str, str], tuple[str, float]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def front() -> Iterator[Front]:
    server = Front()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def _site(front: Front) -> DesiredState:
    asked = desired()
    return replace(asked, site=replace(asked.site, url=front.url))


def _purged(
    front: Front, far: FarCache, word: str = WORD
) -> tuple[tuple[str | None, ...], str, Purged]:
    """What the requests came to, the page after them, and what is told of it."""
    site = _site(front)
    visitor, request = HttpVisitor(), caches.as_anybody(site)
    for _ in range(2):
        (before,) = visitor.look((request,), token=None, timeout_s=10)
    assert before.body == "old"
    assert caches.kept_page(before, frozen=False, since_s=0.0)
    front.page = "new"
    auth = BEARER.filled(Secret(word))
    troubles = HttpCacheSender().send(caches.requests(site, far), auth=auth, timeout_s=10)
    (seen,) = visitor.look((request,), token=None, timeout_s=10)
    return troubles, seen.body, caches.judged_far(caches.far_purge(far), seen, since_s=1.0)


def test_a_proxy_forgets_and_is_proven_by_what_it_gives_next(front: Front) -> None:
    troubles, body, told = _purged(front, FarCache("varnish"))
    assert troubles == (None, None)
    assert (body, told.proven, told.detail) == ("new", True, "age: 0")


def test_a_cdn_is_asked_by_its_api(front: Front) -> None:
    front.cdn = True
    troubles, body, told = _purged(front, FarCache("cloudflare", front.url, ZONE))
    assert troubles == (None,)
    assert (body, told.proven, told.detail) == ("new", True, "cf-cache-status: MISS")


def test_its_own_success_is_not_believed(front: Front) -> None:
    front.forgets = False
    troubles, body, told = _purged(front, FarCache("varnish"))
    assert troubles == (None, None)
    assert (body, told.proven, told.detail) == ("old", False, "x-cache: HIT")


def test_a_secret_that_is_not_taken_is_told_without_it(front: Front) -> None:
    troubles, body, told = _purged(front, FarCache("nginx"), word="another-word")
    assert (troubles, body, told.proven) == (("status 403",), "old", False)
    assert "another-word" not in repr((troubles, told))


def test_one_that_is_away_is_told(front: Front) -> None:
    gone = replace(_site(front), site=replace(desired().site, url="http://127.0.0.1:9"))
    asked = caches.requests(gone, FarCache("nginx"))
    assert HttpCacheSender().send(asked, auth=None, timeout_s=10) == ("refused",)


def test_a_secret_goes_over_no_open_line() -> None:
    far = FarCache("varnish", "http://192.0.2.1")
    asked = caches.requests(desired(), far)
    told = HttpCacheSender().send(asked, auth=BEARER.filled(Secret(WORD)), timeout_s=5)
    assert set(told) == {"its secret is not sent over plain HTTP"}
