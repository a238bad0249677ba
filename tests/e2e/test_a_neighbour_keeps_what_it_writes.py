"""Two sites share an account, a database and a database user; only one of them is changed."""

import re
import subprocess
import threading
import time

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import LAB, Site


class Writer:
    """Inserts comments until told to stop; counts a row once the database has acknowledged it."""

    def __init__(self, site: Site) -> None:
        self.acknowledged: list[str] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._write, args=(site,))

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(30)

    def _write(self, site: Site) -> None:
        socket = f"--socket={LAB}/run/mysqld.sock"
        client = subprocess.Popen(
            ("mariadb", "--no-defaults", socket, "-N", "-B", "--unbuffered", site.database),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert client.stdin
        assert client.stdout
        while not self._done.is_set():
            text = f"row-{len(self.acknowledged):06d}"
            client.stdin.write(
                f"INSERT INTO {site.prefix}comments (comment_author, comment_content)"
                f" VALUES ('writer', '{text}'); SELECT '{text}';\n"
            )
            if client.stdout.readline().strip() != text:
                break
            self.acknowledged.append(text)
            time.sleep(0.05)
        client.stdin.close()
        client.wait(10)


@pytest.mark.xdist_group("blog")
def test_every_acknowledged_row_of_the_shop_is_there_once(take: Take, fleet: Fleet) -> None:
    blog, shop = take("blog", "shop")
    fleet.pin("blog", "lab-guestbook", "2.6")
    blog_before, shop_before = blog.whole(), shop.whole()

    with Writer(shop) as writer:
        fleet.wpstate("apply", "blog", "--yes", code=4)
    frozen_s = fleet.last_run("blog")["frozen_s"]

    kept = shop.sql(
        "SELECT comment_content FROM {p}comments WHERE comment_author = 'writer' ORDER BY 1"
    ).split()
    assert len(writer.acknowledged) > 5 * frozen_s
    assert kept == writer.acknowledged
    blog.assert_as(blog_before)
    shop.assert_open()
    after = shop.whole()
    assert after.tree == shop_before.tree
    assert _without_comments(after.tables) == _without_comments(shop_before.tables)


def _without_comments(tables: str) -> list[str]:
    # the table's rows, checksum and definition; only its counter and rows may have moved
    return [line for line in tables.splitlines() if not re.match(r"\S*wp_2_comments\t", line)]
