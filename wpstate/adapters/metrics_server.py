"""Serves one text at /metrics, for a monitoring system that comes for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from wpstate.model.problem import Problem, UsageError, WpstateError

_PATIENCE_S = 10


@contextmanager
def serving(host: str, port: int, text: Callable[[], str], content_type: str) -> Iterator[int]:
    """While inside; the port where it listens. `text` is asked at each request, by threads.

    Raises UsageError (`usage.listen`).
    """

    class Answer(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            try:
                body, code = text().encode(), 200
            except WpstateError:
                body, code = b"# EOF\n", 503
            self.send_response(code)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Each minute's request is nobody's news."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Who hangs up is nobody's news either."""

    try:
        server = Server((host, port), Answer)
    except OSError as error:
        raise UsageError([_cannot(host, port, error)]) from None
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _cannot(host: str, port: int, error: OSError) -> Problem:
    return Problem(
        "usage.listen",
        "metrics cannot be served there",
        key="--metrics-listen",
        found=f"{host}:{port}: {error.strerror or error}",
        why="another program may listen there, or the address is none of this machine's",
        mend="name another port, such as 127.0.0.1:9898",
    )
