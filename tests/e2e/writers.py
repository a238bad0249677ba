"""Everybody who writes to a site while runs are under way, and remembers what was acknowledged.

A row is a word that nobody else writes. What became of it is told by written.py.
"""

import http.client
import os
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode, urlsplit

from tests.e2e.site import LAB, Site

LINES = 9
"""An order's postmeta; an order of a real shop has some dozens."""

LONG_S = 4

ON_THE_SITE = Path(__file__).with_suffix(".php")

ORDER = (
    "INSERT INTO {p}posts (post_type, post_title, post_content, post_excerpt, to_ping, pinged,"
    " post_content_filtered) VALUES ('shop_order', '{row}', '', '', '', '', '');"
    " INSERT INTO {p}postmeta (post_id, meta_key, meta_value)"
    " VALUES (LAST_INSERT_ID(), '_order', '{row}');"
    " INSERT INTO {p}comments (comment_author, comment_content) VALUES ('erp', '{row}');"
    " INSERT INTO {p}erp (said) VALUES ('{row}'); SELECT '{row}';\n"
)


class Answer(Enum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """Told to come again later: 503, or exit code 75. Nothing may have been written."""
    UNKNOWN = "unknown"
    """Neither: what was written must not be there twice."""


class Writer:
    """Writes from its own thread, `each_s` times a second at most, until told to stop."""

    each_s = 1.0
    tables: tuple[str, ...] = ("comments",)
    """Each holds an acknowledged row's word once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answers: list[tuple[float, Answer, str]] = []
        """When it came (monotonic), what it was, the row."""
        self.said: Counter[str] = Counter()
        """Statuses and exit codes, as they came."""
        self._stop = threading.Event()
        self._thread = ThreadPoolExecutor(1)
        self._end: Future[None] | None = None

    def __enter__(self) -> "Writer":
        self._end = self._thread.submit(self._go)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        assert self._end
        self._thread.shutdown()
        self._end.result()

    def rows(self, answer: Answer) -> list[str]:
        return [row for _, given, row in self.answers if given is answer]

    def words(self, row: str) -> Iterator[tuple[str, str]]:
        """Table and word of all that one acknowledgement promises."""
        for table in self.tables:
            yield table, row

    def rows_each_s(self) -> float:
        """Acknowledged rows a second, over the time in which the site acknowledged at all."""
        times = [(at, answer is Answer.ACKNOWLEDGED) for at, answer, _ in self.answers]
        took = [late - early for (early, a), (late, b) in pairwise(times) if a and b]
        rows = len(tuple(self.words("")))
        return rows * len(took) / sum(took) if took else 0.0

    def write(self, row: str) -> Answer:
        raise NotImplementedError

    def _go(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self._once()
            due = max(due + 1 / self.each_s, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def _once(self) -> None:
        row = uuid.uuid4().hex
        answer = self.write(row)
        self.answers.append((time.monotonic(), answer, row))


class _Visitor(Writer):
    """Keeps its connection, as browsers do."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._line = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)

    def ask(self, path: str, **form: str) -> tuple[int, str]:
        """Status and body; 0 where the line broke."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            self._line.request("POST" if form else "GET", path, urlencode(form) or None, headers)
            answer = self._line.getresponse()
            status, body = answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self._line.close()
            status, body = 0, ""
        self.said[str(status)] += 1
        return status, body

    def told(self, status: int, *, written: bool) -> Answer:
        if written:
            return Answer.ACKNOWLEDGED
        return Answer.REFUSED if status == 503 else Answer.UNKNOWN


class Commenter(_Visitor):
    """Posts comments by the form."""

    each_s = 5.0

    def write(self, row: str) -> Answer:
        mail = f"{row}@example.test"
        form = {"comment_post_ID": "1", "author": "Visitor", "email": mail, "comment": row}
        status, _ = self.ask("/wp-comments-post.php", **form)
        return self.told(status, written=status == 302)


class Customer(_Visitor):
    """Posts orders, each with its lines."""

    each_s = 4.5
    tables = ("posts",)

    def words(self, row: str) -> Iterator[tuple[str, str]]:
        yield "posts", row
        for n in range(1, LINES + 1):
            yield "postmeta", f"{row}.{n}"

    def write(self, row: str) -> Answer:
        status, body = self.ask("/", order=row, lines=str(LINES))
        return self.told(status, written=(status, body) == (200, f"written {row}"))


class LongRequest(_Visitor):
    """One request, begun before a freeze, that writes its row some seconds after it."""

    tables = ("comments", "lab_guestbook_said")

    def write(self, row: str) -> Answer:
        status, body = self.ask(f"/?long={row}&seconds={LONG_S}")
        return self.told(status, written=(status, body) == (200, f"written {row}"))

    def _go(self) -> None:
        self._once()


class CommandLine(Writer):
    """WP-CLI in turns: a job of cron, and a comment."""

    each_s = 4.0

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._jobs: set[str] = set()

    def words(self, row: str) -> Iterator[tuple[str, str]]:
        yield "comments", row
        if row in self._jobs:
            yield "lab_guestbook_said", row

    def write(self, row: str) -> Answer:
        job = len(self.answers) % 2
        if job:
            self._jobs.add(row)
        asked = (
            ("cron", "event", "run", "--due-now")
            if job
            else ("comment", "create", "--comment_post_ID=1", f"--comment_content={row}")
        )
        phar = str(LAB / "cache/wp-cli.phar")
        done = subprocess.run(
            ("runuser", "-u", self.site.account, "--", "env", f"WRITERS_ROW={row}",
             "php", phar, f"--path={self.site.wp_path}", *asked),
            cwd="/", capture_output=True, text=True, timeout=80,
            env={"PATH": os.environ["PATH"], "HOME": str(self.site.state.parents[1])},
        )  # fmt: skip
        self.said[str(done.returncode)] += 1
        if done.returncode == 75:
            return Answer.REFUSED
        written = done.returncode == 0 and (not job or f"written {row}" in done.stdout)
        return Answer.ACKNOWLEDGED if written else Answer.UNKNOWN


class DirectWriter(Writer):
    """Orders, their postmeta, comments and a table that no plugin knows, past WordPress."""

    each_s = 10.0
    tables = ("posts", "postmeta", "comments", "erp")

    def write(self, row: str) -> Answer:
        assert self._client.stdin
        assert self._client.stdout
        statement = ORDER.replace("{p}", self.site.prefix).replace("{row}", row)
        self._client.stdin.write(statement)
        assert self._client.stdout.readline().strip() == row, "the direct writer met an error"
        self.said["done"] += 1
        return Answer.ACKNOWLEDGED

    def _go(self) -> None:
        socket = f"--socket={LAB}/run/mysqld.sock"
        with subprocess.Popen(
            ("mariadb", "--no-defaults", socket, "-N", "-B", "--unbuffered", self.site.database),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        ) as self._client:  # fmt: skip
            super()._go()


def prepare(site: Site) -> None:
    """Put on the site what the writers need; it belongs to the site from then on."""
    site.write("wp-content/mu-plugins/writers.php", ON_THE_SITE.read_text("utf-8"))
    site.sql("CREATE TABLE {p}erp (id INT AUTO_INCREMENT PRIMARY KEY, said VARCHAR(50))")
    site.sql("CREATE TABLE {p}lab_guestbook_said (said VARCHAR(50) PRIMARY KEY)")
    site.wp("cron", "event", "run", "--due-now")
    site.wp("cron", "event", "schedule", "writers_job", "now", "each_second")
