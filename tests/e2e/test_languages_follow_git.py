"""Languages beside the one that a site speaks: brought, kept, healed and taken back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

AKISMET = "languages.fr_FR.plugins.akismet"
RENEWED = 'msgid ""\nmsgstr ""\n"PO-Revision-Date: 2031-01-01 00:00:00+0000\\n"\n'
_ASK = """
foreach ( array( 'core' => 'default', 'plugins' => 'akismet' ) as $kind => $domain ) {
    $all           = wp_get_installed_translations( $kind );
    $told[ $kind ] = $all[ $domain ]['fr_FR']['PO-Revision-Date'] ?? '';
}
echo json_encode( $told );
"""


def by_wordpress(site: Site) -> Any:
    """When the French of WordPress itself and of akismet was last translated; empty where it has
    none."""
    return json.loads(site.wp("eval", _ASK))


def pack(site: Site) -> list[Path]:
    return sorted((site.wp_path / "wp-content/languages/plugins").glob("akismet-fr_FR*"))


def ask(fleet: Fleet, languages: str, *, instead_of: str | None = None) -> None:
    old = instead_of or "profiles:"
    fleet.replace("pagecache", old, languages if instead_of else f"{languages}\n{old}")


@pytest.mark.xdist_group("pagecache")
def test_a_second_language_follows_git(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    ask(fleet, "languages: [fr_FR]")
    unlocked = fleet.wpstate("apply", "pagecache", "--yes", code=3)
    assert unlocked.slugs() == {"plan.unlocked"}
    fleet.wpstate("lock")

    fleet.wpstate("apply", "pagecache", "--yes")

    locked = by_wordpress(site)
    assert all(locked.values())
    assert site.wp("eval", "echo get_locale();") == "en_US"
    assert not list((site.wp_path / "wp-content/languages").rglob("*.php"))
    site.assert_open()
    fleet.wpstate("plan", "pagecache", "--detailed-exitcode", code=0)

    site.write("wp-content/languages/plugins/akismet-fr_FR.po", RENEWED)
    renewed = fleet.wpstate("plan", "pagecache", "--detailed-exitcode", code=0).out
    assert "WordPress renewed its translations by itself, as it may: plugins.akismet" in renewed
    ask(fleet, "languages: {locales: [fr_FR], pinned: on}", instead_of="languages: [fr_FR]")
    assert AKISMET in fleet.wpstate("plan", "pagecache").out
    fleet.wpstate("apply", "pagecache", "--yes", "--heal")
    assert by_wordpress(site) == locked

    for file in pack(site):
        file.unlink()
    fleet.wpstate("apply", "pagecache", "--yes")
    assert pack(site) == [], "drift is told, and healed only where somebody says so"
    fleet.wpstate("apply", "pagecache", "--yes", "--heal")
    assert by_wordpress(site) == locked
    fleet.wpstate("plan", "pagecache", "--detailed-exitcode", code=0)

    pinned, away = "{locales: [fr_FR], pinned: on}", "{absent: [fr_FR]}"
    ask(fleet, f"languages: {away}", instead_of=f"languages: {pinned}")
    fleet.wpstate("apply", "pagecache", "--yes")
    assert by_wordpress(site) == {"core": "", "plugins": ""}
    site.assert_open()
    fleet.wpstate("plan", "pagecache", "--detailed-exitcode", code=0)


@pytest.mark.xdist_group("pagecache")
def test_a_bad_update_takes_the_languages_back_with_it(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    ask(fleet, "languages: {locales: [fr_FR], pinned: on}")
    fleet.pin("pagecache", "lab-guestbook", "2.8")
    fleet.wpstate("lock")
    site.write("wp-content/languages/de_DE.mo", "of no business\n")
    for name in ("akismet-fr_FR.mo", "akismet-fr_FR.po", "akismet-fr_FR.l10n.php"):
        site.write(f"wp-content/languages/plugins/{name}", "<?php // an older one\n")
    planned = fleet.wpstate("plan", "pagecache", "--format", "json").json["sites"][0]["changes"]
    assert {change["address"] for change in planned} >= {"languages.fr_FR", AKISMET}
    before = site.whole()

    fleet.wpstate("apply", "pagecache", "--yes", code=4)

    site.assert_as(before)
    assert by_wordpress(site)["core"] == ""
