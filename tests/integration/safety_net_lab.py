"""Opens safety nets on the lab's sites for the tests beside this file."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TypeVar

from tests.oracle import LabSite
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.adapters.ssh import SshShells
from wpstate.model.observed import Database, ObservedState, Paths
from wpstate.model.site import Account, Host, Site, SiteId

T = TypeVar("T")

_LAB = Path("/var/lib/wpstate-lab")

ATELIER = LabSite("atelier", "wpl-atelier")
BLOG = LabSite("blog", "wpl-duo", "wp_", "wp_2_")
SHOP = LabSite("shop", "wpl-duo", "wp_2_")


def new_run() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@contextmanager
def shells() -> Iterator[SshShells]:
    home = Path(os.environ.get("WPSTATE_HOME", _LAB / "controller"))
    key = Path(os.environ.get("WPSTATE_SSH_KEY", _LAB / "keys/controller_ed25519"))
    with SshShells(KnownHosts(home / "known_hosts"), key) as opened:
        yield opened


def net_of(
    lab: LabSite, opened: SshShells, php: str = "php", url: str = "http://127.0.0.1"
) -> SshSafetyNet:
    host = Host(Account("127.0.0.1", 22022, lab.account), lab.wp_path, php=php)
    content = f"{lab.wp_path}/wp-content"
    observed = ObservedState(
        site=SiteId(lab.name),
        observed_at=datetime.now(UTC),
        took_s=0.0,
        resources=(),
        plugins=(),
        paths=Paths(
            wp=lab.wp_path,
            config=f"{lab.wp_path}/wp-config.php",
            content=content,
            plugins=f"{content}/plugins",
            uploads=f"{content}/uploads",
            state="",
        ),
        database=Database(lab.prefix, "", 0, 0),
        php_version="",
        free_bytes=None,
        code_bytes=None,
        home_url=None,
        object_cache=None,
    )
    return SshSafetyNet(Site(SiteId(lab.name), host, url), observed, opened.of(host))


def timed(name: str, step: Callable[[], T]) -> T:
    began = monotonic()
    try:
        return step()
    finally:
        print(f"{name:12} {monotonic() - began:6.3f} s")


def note(table: str, added: int, first: int | None = None, lab: LabSite = ATELIER) -> None:
    """Note what the run's own WordPress would (wpstate/safetynet/notes.php)."""
    (notes,) = lab.sql("SHOW TABLES LIKE 'wpstate\\_w\\_%'").split()
    number = "NULL" if first is None else first
    lab.sql(f"INSERT INTO {notes} (name, first_id, added) VALUES ('{table}', {number}, {added})")


def explain(lab: LabSite = ATELIER) -> None:
    """Note every table as written by the run."""
    (notes,) = lab.sql("SHOW TABLES LIKE 'wpstate\\_w\\_%'").split()
    lab.sql(
        f"INSERT INTO {notes} (name, added) SELECT TABLE_NAME, 0 FROM information_schema.TABLES"
        f" WHERE TABLE_SCHEMA = DATABASE(); INSERT INTO {notes} (name, added) VALUES ('.', 0)"
    )


@contextmanager
def ready(
    lab: LabSite, budget_s: int = 500, *, visitors_in: bool = False
) -> Iterator[SshSafetyNet]:
    """A net with everything done up to its snapshot; thawed, released and the site reset after."""
    with shells() as opened:
        net = net_of(lab, opened)
        timed("acquire", lambda: net.acquire(new_run(), "tests"))
        try:
            timed("copy_code", net.copy_code)
            timed("freeze", lambda: net.freeze("token", budget_s, visitors_in=visitors_in))
            if not visitors_in:
                assert timed("drain", lambda: net.drain(20, proved=True)).quiet
            timed("snapshot", net.snapshot)
            yield net
        finally:
            timed("thaw", net.thaw)
            timed("release", net.release)
            lab.reset()
