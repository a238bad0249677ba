"""A feed speaks of a version that git asks for: the plan is refused, and lifted by somebody's word
until a day; what is there and vulnerable is told whether anybody asked for it or not."""

import json
from typing import Any

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

_CVE = "CVE-2026-21001"


def vulnerability(sort: str, slug: str, newest: str = "99.0") -> dict[str, Any]:
    """A record as Wordfence's feed has it."""
    span = {"from_version": "*", "from_inclusive": True, "to_version": newest, "to_inclusive": True}
    return {
        "id": "0a1b2c3d-0000-4000-8000-000000000001",
        "title": f"{slug} <= {newest} - Missing Authorization",
        "software": [{"type": sort, "slug": slug, "affected_versions": {"x": span},
                      "patched": True, "patched_versions": [f"{newest}.1"]}],
        "references": ["https://www.wordfence.com/threat-intel/vulnerabilities/id/x"],
        "cvss": {"score": 9.8, "rating": "Critical"},
        "cve": _CVE,
        "copyrights": {"message": "m", "defiant": {"notice": "Copyright 2012-2026 Defiant Inc.",
                       "license": "A licence.", "license_url": "https://www.wordfence.com/x"}},
    }  # fmt: skip


def test_the_plan_is_refused_until_somebody_answers_for_it(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    asked = fleet.wpstate("plan", "getenv")
    assert "Known vulnerabilities: unknown" in asked.out

    fleet.pin("getenv", "akismet", "approved")
    fleet.pin("getenv", "lab-guestbook", "absent")
    (fleet.folder / "feeds").mkdir()
    feed = {
        "a": vulnerability("plugin", "akismet", "99.0"),
        "b": vulnerability("core", "wordpress", "99.0"),
    }
    (fleet.folder / "feeds" / "wordfence.json").write_text(json.dumps(feed), "utf-8")
    fleet_file = fleet.folder / "fleet.yml"
    named = "facts: {wordfence: {file: feeds/wordfence.json}}\n"
    fleet_file.write_text(fleet_file.read_text("utf-8") + named, "utf-8")

    told = fleet.wpstate("plan", "getenv", "--out", "early.plan")
    assert "wordfence never fetched" in told.out
    assert "unknown, no fresh feed tells of it" in told.out

    updated = fleet.wpstate("facts", "update")
    assert "just fetched" in updated.out
    assert fleet.wpstate("facts", "--format", "json").json[0]["records"] == 2

    refused = fleet.wpstate("plan", "getenv", code=3)
    assert refused.slugs() == {"plan.vulnerable"}
    assert (
        f"plugins.akismet {site.wp('plugin', 'get', 'akismet', '--field=version')}" in refused.out
    )
    assert "core.version" in refused.out
    assert "mended in 99.0.1" in refused.out
    assert "https://www.wordfence.com/threat-intel/vulnerabilities/id/x" in refused.out
    assert "Copyright 2012-2026 Defiant Inc. A licence. https://www.wordfence.com/x" in refused.out
    markdown = fleet.wpstate("plan", "getenv", "--format", "markdown", code=3).out
    assert "Copyright 2012-2026 Defiant Inc." in markdown
    findings = fleet.wpstate("plan", "getenv", "--format", "json", code=3).json["sites"][0]
    assert {f["address"] for f in findings["findings"]} == {"core.version", "plugins.akismet"}
    before = site.whole()
    fleet.wpstate("apply", "getenv", "--yes", code=3)
    late = fleet.wpstate("apply", "early.plan", "--allow-dirty", code=3)
    assert late.slugs() == {"plan.vulnerable"}, "it became known after the plan was made"
    site.assert_as(before)

    answer = f"vulnerabilities: {{{_CVE}: {{accept: tested, until: 2099-12-31, owner: Ana}}}}\n"
    fleet_file.write_text(fleet_file.read_text("utf-8") + answer, "utf-8")
    lifted = fleet.wpstate("plan", "getenv")
    assert "accepted until 2099-12-31 by Ana: tested" in lifted.out
