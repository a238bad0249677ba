"""The lab's look-alike of wordpress.org on loopback: the APIs' answers and the downloads.

Answers come from wporg_answers.py, zips from the root that build_wporg.py filled. It listens
first, then goes into the background and writes its pid, so that its caller may connect as soon as
the command returns; --foreground keeps it, writes no pid and prints its address.

Usage: wporg_server.py --root DIR --port N --pid-file FILE [--log-file FILE] [--foreground]
                       [--fault SLUG=truncate|flip|404]…
"""

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import wporg_answers as answers
from wporg_shelf import Shelf

FORM_LIMIT_BYTES = 4 * 1024 * 1024
API: dict[str, Callable[[Shelf, str, answers.Query], answers.Answer]] = {
    "/core/version-check/1.7/": answers.core_version_check,
    "/core/stable-check/1.0/": answers.core_stable_check,
    "/core/checksums/1.0/": answers.core_checksums,
    "/plugins/update-check/1.1/": answers.plugins_update_check,
    "/plugins/info/1.2/": answers.plugin_information,
    "/themes/update-check/1.1/": answers.themes_update_check,
    "/themes/info/1.2/": answers.theme_information,
    "/translations/core/1.0/": answers.core_translations,
    "/translations/plugins/1.0/": answers.plugin_translations,
    "/translations/themes/1.0/": answers.theme_translations,
}
NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
DOWNLOADS = (
    (re.compile(rf"/release/(wordpress-{NAME}\.zip)"), "core/{}"),
    (re.compile(rf"/plugin/({NAME}\.zip)"), "plugins/{}"),
    (re.compile(rf"/theme/({NAME}\.zip)"), "themes/{}"),
    (re.compile(rf"/translation/core/({NAME}/{NAME}\.zip)"), "translations/core/{}"),
    (re.compile(rf"/translation/plugin/({NAME}/{NAME}/{NAME}\.zip)"), "translations/plugins/{}"),
    (re.compile(rf"/translation/theme/({NAME}/{NAME}/{NAME}\.zip)"), "translations/themes/{}"),
)
PLUGIN_CHECKSUMS = re.compile(rf"/plugin-checksums/({NAME})/({NAME})\.json")
FAULTS = ("truncate", "flip", "404")


class WporgServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, shelf: Shelf, faults: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", port), WporgHandler)
        self.shelf = shelf
        self.faults = faults


class WporgHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "wporg-lab"
    disable_nagle_algorithm = True
    server: WporgServer

    def do_GET(self) -> None:
        self._answer({})

    def do_HEAD(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > FORM_LIMIT_BYTES:
            self.close_connection = True
            self._send_json(413, {"error": "Too large."})
            return
        self._answer(dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)))

    def _answer(self, form: dict[str, str]) -> None:
        shelf, base = self.server.shelf, f"http://{self.headers.get('Host', '127.0.0.1')}"
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True)) | form
        if endpoint := API.get(url.path.rstrip("/") + "/"):
            self._send_json(*endpoint(shelf, base, query))
        elif named := PLUGIN_CHECKSUMS.fullmatch(url.path):
            self._send_json(*answers.plugin_checksums(shelf, base, *named.groups()))
        elif (file := self._download(url.path)) is not None:
            self._send_file(file)
        else:
            self._send_json(404, {"error": "Not found."})

    def _download(self, path: str) -> Path | None:
        """The zip behind a download's path; `/plugin/SLUG.zip` means the stable version."""
        shelf = self.server.shelf
        for pattern, place in DOWNLOADS:
            if named := pattern.fullmatch(path):
                file = shelf.root / place.format(named[1])
                sort = place.partition("/")[0]
                stable = shelf.stable(file.stem, sort) if sort in ("plugins", "themes") else None
                if stable is not None:
                    file = file.with_name(f"{stable.slug}.{stable.version}.zip")
                return file if file.is_file() else None
        return None

    def _send_file(self, file: Path) -> None:
        fault = self.server.faults.get(file.name.partition(".")[0])
        if fault == "404":
            self._send_json(404, {"error": "Not found."})
            return
        state = file.stat()
        etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        content = bytearray(file.read_bytes())
        if fault == "flip":
            content[len(content) // 2] ^= 0x01
        self._send_head(200, "application/zip", len(content), etag)
        if self.command != "HEAD":
            if fault == "truncate":
                del content[len(content) // 2 :]
                self.close_connection = True
            self.wfile.write(content)

    def _send_json(self, code: int, answer: object) -> None:
        content = json.dumps(answer).encode()
        self._send_head(code, "application/json; charset=utf-8", len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_head(self, code: int, media_type: str, size_bytes: int, etag: str = "") -> None:
        self.send_response(code)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(size_bytes))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()


def go_into_background(pid_file: Path | None, log_file: Path) -> None:
    """The parent writes the child's pid and ends with 0; the child keeps the listening socket."""
    if pid := os.fork():
        if pid_file:
            pid_file.write_text(f"{pid}\n")
        os._exit(0)
    os.setsid()
    with log_file.open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def fault(text: str) -> tuple[str, str]:
    slug, _, kind = text.partition("=")
    if kind not in FAULTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not SLUG={'|'.join(FAULTS)}")
    return slug, kind


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--pid-file", type=Path, help="goes when the server ends")
    parser.add_argument("--log-file", type=Path, default=Path(os.devnull))
    parser.add_argument("--foreground", action="store_true")
    parser.add_argument("--fault", type=fault, action="append", default=[], help="harm a download")
    options = parser.parse_args()
    server = WporgServer(options.port, Shelf(options.root.resolve()), dict(options.fault))
    if options.foreground:
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
    else:
        go_into_background(options.pid_file, options.log_file)
    # SIGTERM ends the loop as Ctrl-C does, so that the pid file goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        if options.pid_file:
            options.pid_file.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
