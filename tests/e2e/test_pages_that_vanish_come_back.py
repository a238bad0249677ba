"""Somebody renames the front page, then throws it and another page away."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("getenv")

_CONTENT = """content:
  home: {slug: accueil, title: Accueil}
  pages: [contact, mentions-legales]
  restore_from_trash: true
"""


def test_what_was_thrown_away_comes_back_and_what_moved_is_told(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    home = _front_page(site)
    contact = site.sql("SELECT ID FROM {p}posts WHERE post_name = 'contact'")
    file = fleet.site_file("getenv")
    file.write_text(file.read_text("utf-8") + _CONTENT, "utf-8")
    assert _drift(fleet) == {}

    site.wp("post", "update", home, "--post_name=accueil-2")
    assert _drift(fleet) == {"content.home": "accueil-2"}
    told = fleet.wpstate("plan", "getenv").out
    assert (
        "  ! content.home  accueil → accueil-2  reported; adopt or exempt it, or put it back there"
        in told
    )
    site.wp("post", "update", home, "--post_name=accueil")

    # Thrown away: WordPress lets go of the front page, and renames both.
    site.wp("post", "delete", home, contact)
    assert _front(site) == "posts 0"
    assert site.curl("/contact/")[0] == 404
    changes = fleet.wpstate("plan", "getenv", "--format", "json").json["sites"][0]["changes"]
    assert [change["address"] for change in changes] == ["content.home", "content.pages.contact"]

    # A later change of the same run fails: all is as it was, in the trash.
    fleet.pin("getenv", "lab-guestbook", "2.8")
    before = site.whole()
    fleet.wpstate("apply", "getenv", "--yes", code=4)
    site.assert_as(before)
    fleet.pin("getenv", "lab-guestbook", "1.0")
    fleet.wpstate("release", "getenv", "content.home", "content.pages.contact")

    fleet.wpstate("apply", "getenv", "--yes")
    assert _front(site) == f"page {home}"
    kept = "SELECT post_name, post_status FROM {p}posts WHERE ID IN (%s, %s) ORDER BY ID"
    assert site.sql(kept % (contact, home)) == "contact\tpublish\naccueil\tpublish"
    assert site.curl("/contact/")[0] == 200
    assert _drift(fleet) == {}
    assert fleet.wpstate("plan", "getenv", "--format", "json").json["sites"][0]["changes"] == []
    site.assert_open()

    # Deleted for good: told, and nobody makes another.
    site.wp("post", "delete", home, "--force")
    told = fleet.wpstate("plan", "getenv").out
    assert "accueil → the latest posts; accueil is absent  reported;" in told
    assert fleet.wpstate("plan", "getenv", "--format", "json").json["sites"][0]["changes"] == []


def _front_page(site: Site) -> str:
    page = ("--post_type=page", "--post_status=publish", "--post_name=accueil")
    words = "--post_content=Bienvenue. Voici la nouvelle de l’atelier, numéro un."
    made = site.wp("post", "create", *page, "--post_title=Accueil", words, "--porcelain")
    site.wp("option", "update", "page_on_front", made)
    site.wp("option", "update", "show_on_front", "page")
    return made


def _front(site: Site) -> str:
    return " ".join(
        site.sql(f"SELECT option_value FROM {{p}}options WHERE option_name = '{name}'")
        for name in ("show_on_front", "page_on_front")
    )


def _drift(fleet: Fleet) -> dict[str, str]:
    (site,) = fleet.wpstate("plan", "getenv", "--format", "json").json["sites"]
    return {n["address"]: n["state"]["value"] for n in site["noted"] if n["sort"] == "drift"}
