"""Somebody who writes to a site while a run is under way, and remembers what was acknowledged."""

import subprocess
import threading
import time
import uuid
from types import TracebackType

from tests.e2e.site import LAB, Site

NO_FLOOD_CHECK = "<?php add_filter( 'comment_flood_filter', '__return_false', 99 );\n"
ORDERS = (
    "INSERT INTO {p}posts (post_type, post_title, post_content, post_excerpt, to_ping, pinged,"
    " post_content_filtered) VALUES ('shop_order', '{row}', '', '', '', '', '');"
    " INSERT INTO {p}postmeta (post_id, meta_key, meta_value)"
    " VALUES (LAST_INSERT_ID(), '_order', '{row}');"
    " INSERT INTO {p}comments (comment_author, comment_content) VALUES ('erp', '{row}');"
    " INSERT INTO {p}erp (said) VALUES ('{row}'); SELECT '{row}';\n"
)


class Writer:
    """Writes from its own thread until told to stop."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.acknowledged: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(60)

    def _go(self) -> None:
        raise NotImplementedError


class DirectWriter(Writer):
    """Orders, their postmeta, comments and a table that no plugin knows, past WordPress."""

    def prepare(self) -> None:
        self.site.sql("CREATE TABLE {p}erp (id INT AUTO_INCREMENT PRIMARY KEY, said VARCHAR(50))")

    def _go(self) -> None:
        socket = f"--socket={LAB}/run/mysqld.sock"
        client = subprocess.Popen(
            ("mariadb", "--no-defaults", socket, "-N", "-B", "--unbuffered", self.site.database),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert client.stdin
        assert client.stdout
        while not self._stop.is_set():
            row = f"{uuid.uuid4().hex}"
            statement = ORDERS.replace("{p}", self.site.prefix).replace("{row}", row)
            client.stdin.write(statement)
            assert client.stdout.readline().strip() == row
            self.acknowledged.append(row)
            time.sleep(0.005)
        client.stdin.close()
        client.wait(10)

    def lost(self) -> list[str]:
        """Rows that are not there exactly once, each with its table."""
        found = []
        for table, column in (
            ("posts", "post_title"),
            ("postmeta", "meta_value"),
            ("comments", "comment_content"),
            ("erp", "said"),
        ):
            there = self.site.sql(f"SELECT {column} FROM {{p}}{table}").splitlines()
            counts = dict.fromkeys(self.acknowledged, 0)
            for row in there:
                if row in counts:
                    counts[row] += 1
            found += [f"{table}: {row} {n} times" for row, n in counts.items() if n != 1]
        strays = self.site.sql(
            "SELECT COUNT(*) FROM {p}postmeta m JOIN {p}posts p ON p.ID = m.post_id"
            " WHERE m.meta_key = '_order' AND m.meta_value <> p.post_title"
        )
        return found if strays == "0" else [*found, f"{strays} orders have another's meta"]


class Visitor(Writer):
    """Posts comments by the form; what is answered with 503 was not acknowledged."""

    def prepare(self) -> None:
        self.site.write("wp-content/mu-plugins/no-flood-check.php", NO_FLOOD_CHECK)

    def _go(self) -> None:
        while not self._stop.is_set():
            row = uuid.uuid4().hex
            if self.site.comment(row) == 302:
                self.acknowledged.append(row)

    def lost(self) -> list[str]:
        return [row for row in self.acknowledged if self.site.comments(row) != 1]
