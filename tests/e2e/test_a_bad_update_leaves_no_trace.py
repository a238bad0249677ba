"""Each bad update is applied for real; afterwards nothing of the site is other than before."""

import os

import pytest

from tests.e2e.conftest import Take, give_back
from tests.e2e.fleet import Fleet

SIGNS = {
    "2.0": "apply.failed",
    "2.1": "apply.failed",
    "2.2": "apply.failed",
    "2.3": "/ as visitor: empty_body",
    "2.4": "/ as visitor: fatal_error_text",
    "2.5": "/ as visitor: timeout",
    "2.6": "apply.failed",
    "2.7": "guestbook-agent.php",
    "2.8": "/wp-admin/ as admin: fatal_error_text",
    "2.9": "/ as crawler: cloaked",
    "2.10": "/ as visitor: fatal_error_text",
    "2.11": "POST / as visitor: fatal_error_text",
    "2.12": "/wp-admin/ as admin: fatal_error_text",
}
"""What the record of the run must name as its reason."""

WHERE = {
    "atelier": ("2.0", "2.4", "2.6", "2.12"),
    "blog": ("2.6", "2.8"),
    "shop": ("2.6", "2.8"),
    "opcache": ("2.1", "2.3", "2.6"),
    "pagecache": ("2.6", "2.7", "2.9"),
    "redis": ("2.6", "2.10"),
    "above": ("2.2", "2.6", "2.11"),
    "getenv": ("2.5", "2.6"),
}

"""A sample in which each version is tried, and on each site one that fails as it is applied and one
that only looks find out; `script/faults` tries all pairs."""

EVERYWHERE = os.environ.get("WPSTATE_FAULTS") == "full"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        pytest.param(name, version, marks=pytest.mark.xdist_group(name))
        for name, versions in WHERE.items()
        for version in (SIGNS if EVERYWHERE else versions)
    ],
)
def test_files_tables_and_pages_are_as_before(
    name: str, version: str, take: Take, fleet: Fleet
) -> None:
    (site,) = take(name)
    fleet.pin(name, "lab-guestbook", version)
    before, mails = site.whole(), site.mails()

    fleet.wpstate("apply", name, "--yes", code=4)

    if version == "2.5":
        site.end_hanging_requests()
    run = fleet.last_run(name)
    reasons = [f"{reason['slug']} {reason['found']}" for reason in run["reasons"]]
    assert run["outcome"] == "rolled_back"
    assert any(SIGNS[version] in reason for reason in reasons), reasons
    # Core would tell the client of a fault that is mended already.
    assert site.mails() == mails
    give_back(site, before)


def test_every_bad_version_is_tried_somewhere() -> None:
    assert set(SIGNS) == {version for versions in WHERE.values() for version in versions}
