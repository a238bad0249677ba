"""A new version becomes a branch, is merged, fails on a site and is put back: then nobody proposes
it any more, on whatever controller, until it is released. What sites run is asked of them."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.integration.sources import directory

pytestmark = pytest.mark.xdist_group("atelier")
BRANCH = "wpstate/bump/plugins/lab-guestbook"


def guestbook(fleet: Fleet) -> Any:
    (found,) = fleet.wpstate("outdated", "lab-guestbook", "--format", "json").json
    return found


def test_what_was_rolled_back_is_proposed_no_more(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("bump: {cool_down: {major: none}}\n")
    fleet.pin("atelier", "lab-guestbook", "approved")
    fleet.git("init", "-q", "-b", "main")
    fleet.commit("The fleet")

    (proposal,) = fleet.wpstate("bump", "lab-guestbook", "--format", "json").json
    assert (proposal["branch"], proposal["came"]) == (BRANCH, "made")
    assert proposal["to_type"] == [f"git push --force-with-lease origin {BRANCH}"]
    fleet.git("merge", "-q", "--no-ff", "-m", "Merge", BRANCH)
    (part,) = proposal["parts"]
    assert part["proposed"] == "2.12"
    before = site.whole()
    fleet.wpstate("apply", "atelier", "--yes", code=4)
    site.assert_as(before)
    fleet.git("reset", "-q", "--hard", "HEAD~1")

    fleet.forget()  # the site itself tells
    held = guestbook(fleet)
    assert held["proposed"] == "2.11"
    assert held["why"] == ["2.12 was rolled back on atelier"]
    (newer,) = fleet.wpstate("bump", "lab-guestbook", "--format", "json").json
    assert newer["title"] == "Update lab-guestbook from 1.1 to 2.11"

    fleet.wpstate("release", "atelier", "plugins.lab-guestbook")
    assert guestbook(fleet)["proposed"] == "2.12"


def test_a_site_with_an_older_php_holds_it(take: Take, fleet: Fleet) -> None:
    take("atelier")
    with directory() as sources:
        sources.plugin("lab-guestbook", "1.1.1", requires_php="99.1")
        text = (fleet.folder / "fleet.yml").read_text("utf-8")
        mirror = f'{{api: "{sources.url}", downloads: "{sources.url}"}}'
        old = next(line for line in text.splitlines() if line.startswith("wordpress_org:"))
        (fleet.folder / "fleet.yml").write_text(text.replace(old, f"wordpress_org: {mirror}"))
        fleet.pin("atelier", "lab-guestbook", "approved")
        held = guestbook(fleet)
        assert (held["newest"], held["proposed"]) == ("1.1.1", None)
        assert held["why"][0].startswith("1.1.1 needs PHP 99.1, atelier has 8.")
