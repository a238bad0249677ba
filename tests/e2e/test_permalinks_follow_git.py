"""The permalink structure asked for in git: addresses change, .htaccess with them, and go back."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("atelier")

_BLOCK = "# mine\nOptions -Indexes\n\n# BEGIN WordPress\n# END WordPress\n"


def test_asked_applied_drifted_healed(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    htaccess = site.write(".htaccess", _BLOCK)
    fleet.replace("atelier", "profiles:", "rewrite: /%year%/%postname%/\nprofiles:")
    assert _planned(fleet) == [("rewrite.structure", "pending")]

    fleet.wpstate("apply", "atelier", "--yes")

    structure = "SELECT option_value FROM {p}options WHERE option_name = 'permalink_structure'"
    assert site.sql(structure) == "/%year%/%postname%/"
    address = site.wp("eval", "echo wp_make_link_relative( get_permalink( 1 ) );")
    assert address.count("/") == 3
    assert site.curl(address)[0] == 200
    text = htaccess.read_text("utf-8")
    assert text.startswith("# mine\nOptions -Indexes\n\n# BEGIN WordPress\n")
    assert "RewriteRule . /index.php [L]" in text
    fleet.wpstate("plan", "atelier", "--detailed-exitcode", code=0)

    site.wp("option", "update", "permalink_structure", "/%postname%/")
    assert _planned(fleet) == [("rewrite.structure", "drift")]
    fleet.wpstate("apply", "atelier", "--yes", "--heal")
    assert site.sql(structure) == "/%year%/%postname%/"
    assert site.curl(address)[0] == 200
    site.assert_open()


def test_put_back_when_the_run_fails(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    site.write(".htaccess", _BLOCK)
    fleet.replace("atelier", "profiles:", "rewrite: /%year%/%postname%/\nprofiles:")
    fleet.pin("atelier", "lab-guestbook", "2.8")
    before = site.whole()

    fleet.wpstate("apply", "atelier", "--yes", code=4)

    site.assert_as(before)


def _planned(fleet: Fleet) -> list[Any]:
    (site,) = fleet.wpstate("plan", "atelier", "--format", "json").json["sites"]
    changes = [(change["address"], change["cause"]) for change in site["changes"]]
    moved = [(noted["address"], noted["sort"]) for noted in site["noted"]]
    return sorted(one for one in (*changes, *moved) if one[0].startswith("rewrite."))
