"""Language packs: a site becomes French and English again, and a pack comes with its WordPress."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site
from tests.lab_versions import NEWER, OLDER


def languages(site: Site) -> set[str]:
    return {file.name for file in (site.wp_path / "wp-content" / "languages").glob("*fr_FR*")}


def in_sync(fleet: Fleet, name: str) -> None:
    fleet.wpstate("plan", name, "--detailed-exitcode", code=0)


def front(site: Site) -> str:
    site.forget_pages()
    return site.curl("/?anew")[1]


@pytest.mark.xdist_group("pagecache")
def test_a_site_becomes_french_and_english_again(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    fleet.replace("pagecache", "profiles:", "language: fr\nprofiles:")
    unlocked = fleet.wpstate("apply", "pagecache", "--yes", code=3)
    assert unlocked.slugs() == {"plan.unlocked"}
    fleet.wpstate("lock")

    fleet.wpstate("apply", "pagecache", "--yes")

    assert 'lang="fr-FR"' in front(site)
    assert "Identifiant ou adresse e-mail" in site.curl("/wp-login.php")[1]
    there = languages(site)
    assert {"fr_FR.mo", "admin-fr_FR.mo", "fr_FR-803bf1ce2131e13efc590c1bc47851fc.json"} <= there
    assert not [name for name in there if name.endswith(".php")]
    plugins = site.wp_path / "wp-content" / "languages" / "plugins"
    brought = {file.name for file in plugins.iterdir()}
    assert {"akismet-fr_FR.mo", "hello-dolly-fr_FR.mo"} <= brought
    assert not [name for name in brought if name.endswith(".php")]
    assert site.wp("eval", "echo __( 'Settings', 'akismet' );") == "Réglages"
    site.assert_open()
    # What WordPress renews by itself is nobody's drift.
    site.write("wp-content/languages/plugins/akismet-fr_FR.mo", "a newer one")
    after = site.whole()
    in_sync(fleet, "pagecache")
    assert fleet.wpstate("apply", "pagecache", "--yes", "--format", "json").json[0]["outcome"] == (
        "in_sync"
    )
    site.assert_as(after)

    fleet.replace("pagecache", "language: fr", "language: en")
    fleet.wpstate("apply", "pagecache", "--yes")
    assert 'lang="en-US"' in front(site)
    assert site.sql("SELECT option_value FROM {p}options WHERE option_name = 'WPLANG'") == ""
    in_sync(fleet, "pagecache")


@pytest.mark.xdist_group("pagecache")
def test_a_bad_update_takes_the_language_back_with_it(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    fleet.replace("pagecache", "profiles:", "language: fr\nprofiles:")
    fleet.pin("pagecache", "lab-guestbook", "2.8")
    fleet.wpstate("lock")
    site.write("wp-content/languages/fr_FR.l10n.php", "<?php return [];\n")
    site.write("wp-content/languages/fr_FR.mo", "an older one")
    before = site.whole()

    fleet.wpstate("apply", "pagecache", "--yes", code=4)

    site.assert_as(before)
    assert 'lang="en-US"' in front(site)


@pytest.mark.xdist_group("above")
def test_the_pack_comes_with_the_version(take: Take, fleet: Fleet) -> None:
    """The site's language is nobody's business: WordPress's pack is, once another site locks it."""
    (site,) = take("above")
    content = site.wp_path / "wp-content"
    for name in ("fr_FR.mo", "fr_FR.l10n.php"):
        site.write(f"wp-content/languages/{name}", "<?php return ['messages'=>[]];")
    site.write("wp-content/languages/plugins/other-fr_FR.mo", "a plugin's")
    site.wp("option", "update", "WPLANG", "fr_FR")
    site.warm()
    fleet.replace("above", f"core: {OLDER}", f"core: {NEWER}")

    note = "language pack fr_FR for 7.1.1 is not locked: WordPress keeps the old one"
    assert note in fleet.wpstate("plan", "above").out
    fleet.replace("blog", "profiles:", "language: fr\nprofiles:")
    fleet.wpstate("lock")
    assert "with the language pack fr_FR" in fleet.wpstate("plan", "above").out
    fleet.wpstate("apply", "above", "--yes")

    assert site.wp("core", "version") == "7.1.1"
    assert "Identifiant ou adresse e-mail" in site.curl("/wp-login.php")[1]
    assert not (content / "languages" / "fr_FR.l10n.php").exists()
    assert _text(content / "languages" / "plugins" / "other-fr_FR.mo") == "a plugin's"
    site.assert_open()
    in_sync(fleet, "above")


def _text(path: Path) -> str:
    return path.read_text("utf-8")
