"""A page that a cache kept is not what visitors get after a change, nor after a rollback."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.kept_pages import FOLDER, keep_pages, kept_page, page

pytestmark = pytest.mark.xdist_group("pagecache")


def test_kept_pages_go_with_a_change_and_with_its_rollback(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    keep_pages(site)
    fleet.replace("pagecache", "profiles:", "caches: {wp-super-cache: required}\nprofiles:")
    fleet.pin("pagecache", "lab-guestbook", "1.1")
    assert "Guestbook 1.0" in kept_page(site)

    told = fleet.wpstate("plan", "pagecache").out
    assert "page (WP Super Cache) will be purged" in told
    assert "Guestbook 1.0" in kept_page(site)  # a plan empties nothing
    told = fleet.wpstate("apply", "pagecache", "--yes").out

    assert "Guestbook 1.1" in page(site)
    assert "page (WP Super Cache) purged: nothing left in" in told
    (purged, *_) = fleet.last_run("pagecache")["caches"]
    assert (purged["cache"]["name"], purged["proven"]) == ("wp-super-cache", True)
    assert site.sql("SELECT option_value FROM {p}options WHERE option_name = 'lab_cleared'") == "1"

    assert not list(site.state.glob("runs/*/emptied"))

    assert "Guestbook 1.1" in kept_page(site)
    fleet.wpstate("rollback", "pagecache", "--yes")

    assert "Guestbook 1.0" in page(site)
    (purged, *_) = fleet.last_run("pagecache")["caches"]
    assert (purged["cache"]["name"], purged["proven"]) == ("wp-super-cache", True)


def test_what_is_left_alone_stays_and_a_cache_that_cannot_be_proven_is_told(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("pagecache")
    keep_pages(site)
    # Nobody listens there: a proxy that does not answer.
    text = "caches: {wp-super-cache: off, nginx: {address: http://127.0.0.1:9}}"
    fleet.replace("pagecache", "profiles:", f"{text}\nprofiles:")
    fleet.pin("pagecache", "lab-guestbook", "1.1")
    assert "Guestbook 1.0" in kept_page(site)

    told = fleet.wpstate("apply", "pagecache", "--yes").out

    assert "Guestbook 1.0" in page(site)
    assert list((site.wp_path / "wp-content" / FOLDER).iterdir())
    assert "proxy (nginx) may keep old pages: it did not take the request: refused" in told
    run = fleet.last_run("pagecache")
    assert run["outcome"] == "applied"
    assert [(p["cache"]["name"], p["proven"]) for p in run["caches"]] == [("nginx", False)]
