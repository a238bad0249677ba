"""What was approved is exactly what is applied, once; whatever else is refused, untouched."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("above")


def test_a_plan_that_no_longer_fits_is_refused(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", "1.1")
    fleet.wpstate("plan", "above", "--out", "a.plan")
    before = site.whole()

    def refused(plan: str, slug: str) -> None:
        assert fleet.wpstate("apply", plan, code=3).slugs() == {slug}

    plan = (fleet.folder / "a.plan").read_text()
    (fleet.folder / "edited.plan").write_text(plan.replace('"1.1"', '"2.8"'))
    refused("edited.plan", "plan.edited")

    fleet.pin("above", "lab-guestbook", "2.8")
    refused("a.plan", "plan.stale")
    fleet.pin("above", "lab-guestbook", "1.1")

    fleet_file = fleet.folder / "fleet.yml"
    text = fleet_file.read_text()
    fleet_file.write_text(text.replace("at_most: 60s", "at_most: 50s"))
    refused("a.plan", "plan.stale")
    fleet_file.write_text(text.replace("name: lab", "name: another"))
    refused("a.plan", "plan.foreign")
    fleet_file.write_text(text)

    (fleet.folder / "old.plan").write_text(_aged(plan))
    refused("old.plan", "plan.expired")

    site.assert_as(before)
    site.wp("plugin", "deactivate", "lab-guestbook")
    refused("a.plan", "plan.stale")


def test_uncommitted_files_need_a_word_and_other_commits_do_not(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.git("init", "-q", "-b", "main", ".")
    fleet.commit("As it is")
    fleet.pin("above", "lab-guestbook", "1.1")
    fleet.wpstate("plan", "above", "--out", "dirty.plan")
    before = site.whole()
    assert fleet.wpstate("apply", "dirty.plan", code=3).slugs() == {"plan.dirty"}
    assert fleet.wpstate("apply", "above", "--yes", code=3).slugs() == {"plan.dirty"}
    site.assert_as(before)

    fleet.commit("Guestbook 1.1")
    fleet.wpstate("plan", "above", "--out", "clean.plan")
    fleet.pin("blog", "lab-guestbook", "1.1")
    fleet.commit("Something about another site")
    fleet.wpstate("apply", "clean.plan")
    assert fleet.last_run("above")["outcome"] == "applied"

    fleet.pin("above", "lab-guestbook", "inactive")
    fleet.wpstate("apply", "above", "--yes", "--allow-dirty")
    assert site.wp("plugin", "get", "lab-guestbook", "--field=status") == "inactive"


def _aged(text: str) -> str:
    """The plan as it would be, had it been made two days ago; its digest is one over its JSON."""
    file = json.loads(text)
    assert file["digest"] == _digest(file["plan"])
    for moment in ("made_at", "expires_at"):
        earlier = datetime.fromisoformat(file["plan"][moment]) - timedelta(days=2)
        file["plan"][moment] = earlier.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps(file | {"digest": _digest(file["plan"])})


def _digest(plan: Any) -> str:
    compact = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(compact.encode()).hexdigest()


def test_outside_its_window_a_site_is_left_alone(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", "1.1")
    far = datetime.now(UTC) + timedelta(days=3)
    hours = f"{far:%a} {far:%H}:00-{far:%H}:30 UTC".lower().replace("utc", "UTC")
    with fleet.site_file("above").open("a") as file:
        file.write(f"updates: {{window: {hours}}}\n")
    told = fleet.wpstate("plan", "above", "--out", "a.plan")
    assert f"{far:%a %d %b %H}:00 to {far:%H}:30 UTC: now outside {hours}" in told.out
    before = site.whole()
    refused = fleet.wpstate("apply", "a.plan", code=3)
    assert refused.slugs() == {"plan.window"}
    site.assert_as(before)

    fleet.wpstate("apply", "a.plan", "--outside-window")
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
