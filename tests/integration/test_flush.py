"""A host that restores alone also makes the web server's PHP forget what was undone."""

import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.integration.lab_site import LabSite as BorrowedSite
from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import net_of, new_run, shells
from tests.integration.test_maintenance import look, proven
from tests.integration.test_safety_net import state_of, wait_until
from tests.oracle import LabSite
from wpstate.adapters.http import HttpVisitor

TOKEN = "token"


@contextmanager
def left_to_its_host(
    site: BorrowedSite, *caches: str, emptied: str = "flush forget", proved: bool = False
) -> Iterator[None]:
    """Frozen, with its snapshot taken; at the end the run's minutes have passed.

    Where the freeze is `proved`, what this test changes in tables by hand stays: nothing of the run
    explains it.
    """
    lab = LabSite(site.name, site.path.owner())
    with shells() as opened:
        net = net_of(lab, opened, url=site.url)
        run = net.acquire(new_run(), "tests").run
        if caches:
            net.place_beacon(TOKEN, caches)
        net.copy_code()
        net.freeze(TOKEN, 500)
        assert net.drain(15, proved=proved).quiet
        net.snapshot()
        yield
        state_of(lab, f"date +%s >runs/{run}/deadline")
        wait_until(lab, 'test ! -e "$1/.maintenance"', 30)
        journal = state_of(lab, f"grep '{run} rollback' journal")
        assert f"end caches: {emptied}" in journal, journal
        assert not list(site.path.glob("wpstate-*"))


def test_opcache_forgets_the_undone_code() -> None:
    with borrowed("opcache", reset=True) as site:
        with left_to_its_host(site, proved=True):
            site.swap("lab-guestbook", "1.1")
            time.sleep(2.1)  # OPcache keeps no file younger than its file_update_protection.
            for _ in range(3):
                assert "Guestbook 1.1" in proven(f"{site.url}/", TOKEN).body

        assert "Guestbook 1.0" in look(f"{site.url}/").body


def test_opcache_forgets_a_config_above_the_site() -> None:
    token = secrets.token_hex(16)  # OPcache never looks: another beacon needs another name
    with borrowed("opcache", reset=True) as site:
        inner, above = site.path / "wp-config.php", site.path.parent / "wp-config.php"
        text = inner.read_text().replace("__DIR__ . '/'", f"'{site.path}/'")
        try:
            above.write_text(text.replace("<?php\n", "<?php header( 'X-Lab: old' );\n"))
            inner.unlink()
            site.freeze(token)
            beacon = site.place_beacon(token)
            time.sleep(2.1)  # OPcache keeps no file younger than its file_update_protection.
            assert [_mark(site, token) for _ in range(3)] == ["old"] * 3
            above.write_text(text.replace("<?php\n", "<?php header( 'X-Lab: new' );\n"))
            assert _mark(site, token) == "old"

            assert HttpVisitor().ask(beacon, token=token, ask="flush", timeout_s=15)

            assert _mark(site, token) == "new"
        finally:
            above.unlink(missing_ok=True)


def _mark(site: BorrowedSite, token: str) -> str:
    request = Request(f"{site.url}/wp-login.php", headers={"X-WPState-Token": token})
    with urlopen(request, timeout=15) as answer:
        return str(answer.headers["X-Lab"])


@pytest.mark.parametrize("wordpress", ["alive", "dead"])
def test_an_object_cache_forgets_the_undone_values(wordpress: str) -> None:
    with borrowed("redis", reset=True) as site:
        with left_to_its_host(site):
            options = f"{site.prefix}options"
            site.rows(f"UPDATE {options} SET option_value = 'New' WHERE option_name = 'blogname'")
            HttpVisitor().ask(f"{site.url}/", token=TOKEN, ask="flush", timeout_s=15)
            assert "<title>New" in proven(f"{site.url}/", TOKEN).body
            if wordpress == "dead":
                (site.path / "wp-settings.php").write_text("<?php nonsense(")
                time.sleep(2.1)  # opcache.revalidate_freq
                assert 500 in [look(f"{site.url}/", TOKEN).status for _ in range(2)]

        assert "<title>Redis" in look(f"{site.url}/").body


_CLEARING = """<?php
function wp_cache_clear_cache() {
    file_put_contents( WP_CONTENT_DIR . '/cache/cleared', PHP_SAPI );
}
"""


@pytest.mark.parametrize("wordpress", ["alive", "dead"])
def test_kept_pages_go_and_what_only_the_controller_can_ask_is_named(wordpress: str) -> None:
    caches = ("folder:cache/supercache", "function:wp_cache_clear_cache", "far:cloudflare")
    emptied = "folders flush forget purge" if wordpress == "alive" else "folders flush forget"
    with borrowed("pagecache", reset=True) as site:
        content = site.path / "wp-content"
        kept = content / "cache" / "supercache" / "index.html"
        for folder in (kept.parent, content / "mu-plugins"):
            folder.mkdir(parents=True, exist_ok=True)
        (content / "mu-plugins" / "clearing.php").write_text(_CLEARING)
        if wordpress == "dead":
            (site.path / "wp-content" / "mu-plugins" / "dead.php").write_text("<?php nonsense(")
        _own(site, content / "cache", content / "mu-plugins")
        told = f"{emptied}; the controller must purge cloudflare"
        with left_to_its_host(site, *caches, emptied=told):
            kept.write_text("of the undone code")
            _own(site, content / "cache")

        assert not kept.exists()
        cleared = content / "cache" / "cleared"
        assert cleared.exists() is (wordpress == "alive")


def _own(site: BorrowedSite, *folders: Path) -> None:
    owner = site.path.owner()
    subprocess.run(("chown", "-R", f"{owner}:{owner}", *folders), check=True)
