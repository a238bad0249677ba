"""A directory on loopback that answers as told, with zips to fetch. For tests of new versions."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.integration.zips import zipped_only


@dataclass
class Directory:
    """Plugins by name as `plugins/info` tells them, WordPress, and zips by path."""

    plugins: dict[str, object] = field(default_factory=dict)
    core: tuple[object, object] = ({"offers": [{"version": "7.1.1"}]}, {"7.1.1": "latest"})
    zips: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def plugin(self, slug: str, version: str, body: str = "", **told: object) -> None:
        """Offered, with its zip; days as the directory writes them."""
        header = "".join(
            f"// {name}: {told[key]}\n"
            for key, name in (("requires_php", "Requires PHP"), ("author", "Author"))
            if told.get(key)
        )
        main = f"<?php\n// Plugin Name: {slug}\n// Version: {version}\n{header}{body}"
        self.zips[f"/plugin/{slug}.{version}.zip"] = zipped_only(
            (f"{slug}/{slug}.php", main.encode())
        )
        self.plugins[slug] = {"version": version, "last_updated": "2026-01-02", **told}

    def answer(self, path: str) -> tuple[int, bytes]:
        url = urlsplit(path)
        if url.path in self.zips:
            return 200, self.zips[url.path]
        if url.path == "/core/version-check/1.7/":
            return 200, json.dumps(self.core[0]).encode()
        if url.path == "/core/stable-check/1.0/":
            return 200, json.dumps(self.core[1]).encode()
        slug = parse_qs(url.query).get("request[slug]", [""])[0]
        told = self.plugins.get(slug, {"error": "Plugin not found."})
        missing = isinstance(told, dict) and "error" in told
        return 404 if missing else 200, json.dumps(told).encode()


@contextmanager
def directory() -> Iterator[Directory]:
    told = Directory()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            code, body = told.answer(self.path)
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()
