"""The Visitor against a real server on loopback that behaves badly in every way we know."""

import gzip
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from wpstate.adapters.http import HttpVisitor
from wpstate.model.look import Eyes, LookRequest, LookSeen
from wpstate.model.secret import Secret, SecretHeader, SecretReference

TOKEN = "the-run's-token"


def bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


BOMB = bomb(100)


class _Bad(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        mode = urlsplit(self.path).path.strip("/").replace("-", "_") or "plain"
        getattr(self, f"mode_{mode}")()

    def do_POST(self) -> None:
        self.do_GET()

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def mode_plain(self) -> None:
        self.answer(200, b"<html>well</html>", Content_Type="text/html", Set_Cookie="a=b; Path=/")

    def mode_latin(self) -> None:
        self.answer(200, "café".encode("latin-1"), Content_Type="text/html; charset=iso-8859-1")

    def mode_odd_charset(self) -> None:
        self.answer(200, "café".encode(), Content_Type="text/html; charset=punycode")

    def mode_meta(self) -> None:
        self.answer(200, '<meta charset="windows-1252">é'.encode("cp1252"))

    def mode_gzip(self) -> None:
        self.answer(200, gzip.compress(b"packed"), Content_Encoding="gzip")

    def mode_broken_gzip(self) -> None:
        self.answer(200, b"not packed at all", Content_Encoding="gzip")

    def mode_deflate(self) -> None:
        self.answer(200, zlib.compress(b"packed"), Content_Encoding="deflate")

    def mode_odd_packing(self) -> None:
        self.answer(200, b"packed", Content_Encoding="br")

    def mode_bomb(self) -> None:
        self.answer(200, BOMB, Content_Encoding="gzip")

    def mode_heard(self) -> None:
        self.answer(200, " ".join(self.headers.values()).encode())

    def mode_huge(self) -> None:
        self.answer(200, b"x" * (3 << 20))

    def mode_truncated(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"<html>half a pa")
        self.close_connection = True

    def mode_garbage(self) -> None:
        self.wfile.write(b"\x00\xff this is no HTTP\r\n\r\n")
        self.close_connection = True

    def mode_hang(self) -> None:
        time.sleep(3)
        self.answer(200, b"late")

    def mode_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _ in range(30):
            try:
                self.wfile.write(b".")
            except OSError:
                return
            time.sleep(0.1)

    def mode_loop(self) -> None:
        self.answer(302, b"", Location="/loop")

    def mode_moved(self) -> None:
        self.answer(301, b"", Location="/plain?a=1&wpstate=old")

    def mode_cookie_wall(self) -> None:
        if "seen=1" in self.headers.get("Cookie", ""):
            self.answer(200, b"past the wall")
        else:
            self.answer(302, b"", Location="/cookie-wall", Set_Cookie="seen=1")

    def mode_elsewhere(self) -> None:
        self.answer(302, b"", Location=f"http://localhost:{self.server.server_port}/plain")  # type: ignore[attr-defined]

    def mode_bad_location(self) -> None:
        self.answer(302, b"", Location="http://[::1")

    def mode_echo(self) -> None:
        self.answer(200, self.headers.get("X-Wpstate-Token", "none").encode())

    def proof(self, message: str) -> str:
        return hmac.new(TOKEN.encode(), message.encode(), hashlib.sha256).hexdigest()

    def mode_proven(self) -> None:
        nonce = self.headers["X-Wpstate-Nonce"]
        proof = self.proof(f"{nonce}\n0")
        self.answer(200, b"", X_Wpstate_Proof=proof, X_Wpstate_Stale="0")

    def mode_stale(self) -> None:
        nonce = self.headers["X-Wpstate-Nonce"]
        proof = self.proof(f"{nonce}\n3")
        self.answer(200, b"", X_Wpstate_Proof=proof, X_Wpstate_Stale="3")

    def mode_lying_stale(self) -> None:
        nonce = self.headers["X-Wpstate-Nonce"]
        proof = self.proof(f"{nonce}\n3")
        self.answer(200, b"", X_Wpstate_Proof=proof, X_Wpstate_Stale="0")

    def mode_replayed(self) -> None:
        self.answer(200, b"", X_Wpstate_Proof=self.proof("yesterday\n0"), X_Wpstate_Stale="0")

    def mode_beacon(self) -> None:
        proof = self.proof(self.headers["X-Wpstate-Nonce"])
        answer = {"proof": proof, "asked": self.headers["X-Wpstate-Ask"]}
        self.answer(200, json.dumps(answer).encode())

    def mode_false_beacon(self) -> None:
        self.answer(200, json.dumps({"proof": "0" * 64}).encode())

    def mode_deep_beacon(self) -> None:
        self.answer(200, b"[" * 50_000)


@pytest.fixture(scope="module")
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bad)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def url(server: http.server.ThreadingHTTPServer) -> str:
    server.seen.clear()  # type: ignore[attr-defined]
    return f"http://127.0.0.1:{server.server_port}"


def look(url: str, *, timeout_s: float = 5, **more: object) -> LookSeen:
    request = LookRequest(name="look", url=url, **more)  # type: ignore[arg-type]
    return HttpVisitor().look((request,), token=TOKEN, timeout_s=timeout_s)[0]


@pytest.mark.parametrize(
    ("mode", "status", "error", "body"),
    [
        ("", 200, None, "<html>well</html>"),
        ("latin", 200, None, "café"),
        ("odd-charset", 200, None, "café"),
        ("meta", 200, None, '<meta charset="windows-1252">é'),
        ("gzip", 200, None, "packed"),
        ("broken-gzip", 200, "truncated", ""),
        ("deflate", 200, None, "packed"),
        ("odd-packing", 200, "truncated", ""),
        ("truncated", 200, "truncated", "<html>half a pa"),
        ("garbage", None, "protocol", ""),
        ("loop", 302, "redirect_loop", ""),
        ("cookie-wall", 200, None, "past the wall"),
        ("bad-location", 302, "protocol", ""),
    ],
)
def test_what_came_is_kept_and_trouble_is_a_word(
    url: str, mode: str, status: int | None, error: str | None, body: str
) -> None:
    seen = look(f"{url}/{mode}")

    assert (seen.status, seen.error, seen.body) == (status, error, body)


def test_a_body_is_cut_at_two_mebibytes(url: str) -> None:
    seen = look(f"{url}/huge")

    assert (len(seen.body), seen.error) == (2 << 20, None)


def test_a_page_that_unpacks_to_a_hundred_megabytes_takes_two(url: str) -> None:
    tracemalloc.start()
    seen = look(f"{url}/bomb")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen.body) == 2 << 20
    assert most < 40 << 20


def test_what_a_look_carries_is_sent_and_blotted_out_of_what_comes_back(url: str) -> None:
    kept = SecretReference("env", "WPSTATE_SECRET_A")
    carried = (
        SecretHeader("Authorization", kept, user="me").filled(Secret("hunter2")),
        SecretHeader("X-Gate", kept).filled(Secret("open")),
    )
    visitor = HttpVisitor().carrying(carried)
    request = LookRequest(name="look", url=f"{url}/heard")
    (seen,) = visitor.look((request,), token=None, timeout_s=5)
    assert "Basic ***" in seen.body
    assert seen.body.endswith("***")
    (seen,) = HttpVisitor().look((request,), token=None, timeout_s=5)
    assert "Basic" not in seen.body


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_the_deadline_bounds_the_whole_look(url: str, mode: str) -> None:
    seen = look(f"{url}/{mode}", timeout_s=0.5)

    assert seen.error == "timeout"
    assert seen.took_s < 2


def test_a_site_that_hangs_is_not_asked_on_and_on(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    requests = tuple(LookRequest(name=str(n), url=f"{url}/hang") for n in range(6))

    seen = HttpVisitor(at_once=1).look(requests, token=None, timeout_s=0.3)

    assert [s.error for s in seen] == ["timeout"] * 2 + ["not_sent"] * 4
    assert len(server.seen) == 2  # type: ignore[attr-defined]


def test_nobody_listening_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        seen = look(f"http://127.0.0.1:{free.getsockname()[1]}/")

    assert (seen.error, seen.status) == ("refused", None)


def test_a_certificate_that_nobody_signed_is_tls(tmp_path: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"),
            *("-keyout", tmp_path / "key", "-out", tmp_path / "certificate"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bad)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert look(f"https://127.0.0.1:{server.server_port}/").error == "tls"
    finally:
        server.shutdown()
        server.server_close()


def test_a_redirect_within_the_site_is_followed_with_a_new_nonce(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    seen = look(f"{url}/moved", with_token=True)

    assert (seen.status, seen.redirects) == (200, 1)
    assert seen.final_url == f"{url}/plain?a=1"
    first, second = (headers for _, _, headers, _ in server.seen)  # type: ignore[attr-defined]
    assert first["X-Wpstate-Token"] == second["X-Wpstate-Token"] == TOKEN
    assert first["X-Wpstate-Nonce"] != second["X-Wpstate-Nonce"]


def test_the_token_never_leaves_the_site(url: str, server: http.server.ThreadingHTTPServer) -> None:
    seen = look(f"{url}/elsewhere", with_token=True)

    assert seen.status == 302
    assert seen.final_url.startswith("http://localhost:")
    assert len(server.seen) == 1  # type: ignore[attr-defined]


def test_a_page_that_repeats_the_token_does_not_bring_it_back(url: str) -> None:
    assert look(f"{url}/echo", with_token=True).body == "[token]"
    assert look(f"{url}/echo").body == "none"


def test_no_cache_has_seen_the_address_yet(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    look(f"{url}/plain?a=1")
    look(f"{url}/plain?a=1")

    queries = [parse_qs(urlsplit(path).query) for _, path, _, _ in server.seen]  # type: ignore[attr-defined]
    assert [query["a"] for query in queries] == [["1"], ["1"]]
    assert queries[0]["wpstate"] != queries[1]["wpstate"]


def test_eyes_and_body_are_sent(url: str, server: http.server.ThreadingHTTPServer) -> None:
    look(f"{url}/", eyes=Eyes.CRAWLER)
    look(f"{url}/", eyes=Eyes.ADMIN, with_token=True, method="POST", body=b"a=b")

    crawler, admin = server.seen  # type: ignore[attr-defined]
    assert "Googlebot" in crawler[2]["User-Agent"]
    assert (admin[0], admin[2]["X-Wpstate-Eyes"], admin[3]) == ("POST", "admin", b"a=b")


def test_cookies_of_one_look_are_unknown_to_the_next(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    visitor = HttpVisitor(at_once=1)
    visitor.look(
        (LookRequest("a", f"{url}/"), LookRequest("b", f"{url}/")), token=None, timeout_s=5
    )

    assert all("Cookie" not in headers for _, _, headers, _ in server.seen)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mode", "proven"),
    [("proven", True), ("stale", False), ("lying-stale", False), ("replayed", False), ("", False)],
)
def test_only_this_nonce_and_no_stale_script_is_a_proof(url: str, mode: str, proven: bool) -> None:
    assert look(f"{url}/{mode}", with_token=True).proven is proven


def test_answers_come_in_the_order_of_the_requests(url: str) -> None:
    modes = ("drip", "latin", "gzip", "loop", "huge", "moved")
    requests = tuple(LookRequest(name=mode, url=f"{url}/{mode}") for mode in modes)

    seen = HttpVisitor().look(requests, token=None, timeout_s=5)

    assert tuple(s.request.name for s in seen) == modes


def test_a_site_is_asked_where_it_lives_and_by_its_own_name(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    port = server.server_port
    visitor = HttpVisitor(connect_to="127.0.0.1")
    request = LookRequest("look", f"http://shop.invalid:{port}/plain")

    seen = visitor.look((request,), token=None, timeout_s=5)[0]

    assert seen.status == 200
    assert server.seen[0][2]["Host"] == f"shop.invalid:{port}"  # type: ignore[attr-defined]


def test_a_beacon_is_believed_only_with_its_proof(url: str) -> None:
    visitor = HttpVisitor()

    answer = visitor.ask(f"{url}/beacon", token=TOKEN, ask="flush", timeout_s=5)

    assert answer is not None
    assert answer["asked"] == "flush"
    for mode in ("false-beacon", "deep-beacon", "plain", "truncated", "loop"):
        assert visitor.ask(f"{url}/{mode}", token=TOKEN, ask="who", timeout_s=5) is None
