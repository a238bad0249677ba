"""Receivers of messages on loopback: a web server that keeps what it is sent, a mail server, and
one that takes connections and never says a word."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler


@dataclass
class Web:
    port: int = 0
    status: int = 200
    """What it answers from now on."""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    """Method, path, and the body as JSON or as a form."""

    def titles(self) -> list[str]:
        return [body["title"] for _, _, body in self.requests if body]


@contextmanager
def web() -> Iterator[Web]:
    kept = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            is_json = self.headers["Content-Type"].startswith("application/json")
            kept.requests.append(
                ("POST", self.path, json.loads(data) if is_json else parse_qs(data))
            )
            self._answer()

        def do_GET(self) -> None:
            kept.requests.append(("GET", self.path, None))
            self._answer()

        def _answer(self) -> None:
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Mails(MailHandler):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.kept.append(message)


@contextmanager
def mail() -> Iterator[tuple[int, list[Any]]]:
    """Its port, and the mails that came."""
    handler = _Mails()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, handler.kept
    finally:
        controller.stop()


@contextmanager
def deaf() -> Iterator[int]:
    """The port of one that never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield server.getsockname()[1]
