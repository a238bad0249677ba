"""A good update: applied from a saved plan, confirmed, and nothing left to do."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

_FEW = "connections_per_minute: 100"
SITES = ("atelier", "blog", "shop", "opcache", "pagecache", "redis", "above", "getenv")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in SITES])
def test_a_second_plan_is_empty_and_a_second_apply_changes_nothing(
    name: str, take: Take, fleet: Fleet
) -> None:
    (site,) = take(name)
    fleet.pin(name, "lab-guestbook", "1.1")
    fleet.wpstate("plan", name, "--out", "a.plan", "--detailed-exitcode", code=2)
    hosts = fleet.folder / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("vars:\n", f"vars:\n    {_FEW}\n", 1))
    fleet.wpstate("apply", "a.plan")
    # Its own connection and Ansible's.
    (counted,) = (fleet.home / "connections").iterdir()
    assert len(counted.read_text().split()) == 2

    assert fleet.last_run(name)["outcome"] == "applied"
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    assert site.sql("SHOW COLUMNS FROM {p}guestbook LIKE 'website'")
    assert "Guestbook 1.1" in site.curl("/?anew")[1]
    site.assert_open()

    after = site.whole()
    fleet.wpstate("plan", name, "--detailed-exitcode", code=0)
    assert fleet.wpstate("apply", name, "--yes", "--format", "json").json[0]["outcome"] == "in_sync"
    used = fleet.wpstate("apply", "a.plan", code=3)
    assert used.slugs() == {"plan.used"}
    site.assert_as(after)
