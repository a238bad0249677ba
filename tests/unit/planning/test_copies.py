"""A copy is told from the site that it was made of, and a site that only looks moved is not."""

import pytest

from tests.builders import SITE, desired, managed, observed, replace, version
from wpstate.model.observed import Fingerprint, LastApplied
from wpstate.planning.build import build_site
from wpstate.planning.copies import copy_problem

_LEFT = Fingerprint("host-a", 7, "/home/client/www", "http://s")


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (_LEFT, ""),
        (replace(_LEFT, host="host-b"), ""),  # another node before the same disk
        (replace(_LEFT, folder=8), ""),  # the hoster brought the folder back
        (replace(_LEFT, url="https://www.s/"), ""),
        (replace(_LEFT, host="host-b", folder=8), "another host"),
        (replace(_LEFT, path="/home/client/staging"), "/home/client/staging"),
        (replace(_LEFT, url="http://shop.example"), "http://shop.example"),
        (replace(_LEFT, url="http://s/staging"), "http://s/staging"),
    ],
)
def test_what_is_a_copy(here: Fingerprint, told: str) -> None:
    applied = LastApplied("r", None, fingerprint=_LEFT)
    seen = replace(observed({}), applied=applied, fingerprint=here, home_url=here.url)
    problem = copy_problem(desired(), seen)
    assert (problem is not None) == bool(told)
    if problem:
        assert told in str(problem.found)


def test_a_database_of_another_address_is_one_before_the_first_run_too() -> None:
    seen = replace(observed({}), home_url="http://shop.example")
    assert copy_problem(desired(), seen) is not None
    assert copy_problem(desired(), replace(observed({}), home_url=SITE.url)) is None


def test_what_was_claimed_stays_so() -> None:
    left = replace(_LEFT, url="http://elsewhere")
    applied = LastApplied("r", None, fingerprint=left)
    seen = replace(observed({}), applied=applied, fingerprint=left, home_url=left.url)
    assert copy_problem(desired(), seen) is None


def test_nothing_is_changed_on_a_copy() -> None:
    moved = replace(observed({"plugins.x": version("1.0")}), home_url="http://shop.example")
    plan = build_site(desired(managed("plugins.x", version("1.1"))), moved)
    assert "plan.copied" in {problem.slug for problem in plan.refusals}
