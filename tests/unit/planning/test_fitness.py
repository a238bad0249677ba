"""What a site is fit for follows from its gravest gap, and each gap names its mend."""

from dataclasses import replace

import pytest

from tests.builders import desired, observed, version
from wpstate.model.fitness import Fit, Tried
from wpstate.model.host_facts import HostFacts, Loader
from wpstate.model.observed import Component, Fault, ObservedState
from wpstate.planning.fitness import fitness, room, web_tried
from wpstate.planning.fitness_needs import NEEDS

DESIRED = desired()
HOST = HostFacts(uid=1001, owner_uid=1001, owner="client", core_requires_php="7.4")
SEEN = replace(observed({"plugins.x": version("1.0")}), host=HOST)
WEB = {
    "php": "8.2.29",
    "sapi": "fpm-fcgi",
    "uid": 1001,
    "opcache": {"enabled": True, "validate_timestamps": True, "restricted": False},
}


def tried(*lacking: str) -> list[Tried]:
    return [Tried(need, need not in lacking, "seen") for need in NEEDS]


def judged(seen: ObservedState, *lacking: str) -> tuple[Fit, list[str]]:
    found = fitness(DESIRED, seen, tried(*lacking), 1.0)
    return found.fit, [gap.problem.slug for gap in found.gaps]


def test_a_host_without_gaps_is_fit_for_all() -> None:
    assert judged(SEEN) == (Fit.FULL, [])


@pytest.mark.parametrize("need", NEEDS)
def test_each_need_alone_decides_and_tells_its_mend(need: str) -> None:
    found = fitness(DESIRED, SEEN, [Tried(need, False, "seen")], 1.0)
    (gap,) = found.gaps
    assert (found.fit, gap.problem.slug) == (NEEDS[need].without, NEEDS[need].slug)
    assert (gap.problem.found, gap.problem.mend) == ("seen", NEEDS[need].mend)


def test_the_gravest_gap_comes_first_and_decides() -> None:
    fit, slugs = judged(SEEN, "cron", "web_user", "dump")
    assert (fit, slugs) == (Fit.OBSERVE, ["host.dump", "host.web_user", "host.cron"])


def test_a_crontab_stands_in_for_a_process_that_lives_on() -> None:
    assert judged(SEEN, "lives") == (Fit.FULL, [])
    assert judged(SEEN, "lives", "cron")[0] is Fit.ATTENDED


def test_what_cannot_be_seen_is_fit_for_nothing() -> None:
    fault = Fault("php_wrong_binary", "php: exit code 78")
    unseen = replace(observed({}), paths=None, faults=(fault,))
    found = fitness(DESIRED, unseen, (), 1.0)
    assert found.fit is Fit.NONE
    assert "hosts.yml" in (found.gaps[0].problem.mend or "")
    half = replace(SEEN, faults=(Fault("database_down", "refused"),))
    assert judged(half)[0] is Fit.OBSERVE


def test_facts_that_refuse_every_plan_leave_only_observing() -> None:
    root = replace(SEEN, host=replace(HOST, uid=0))
    assert judged(root) == (Fit.OBSERVE, ["plan.root"])
    network = replace(SEEN, multisite=True)
    assert judged(network) == (Fit.OBSERVE, ["plan.multisite"])
    checkout = replace(SEEN, host=replace(HOST, checkouts=("/home/client/www",)))
    assert judged(checkout) == (Fit.OBSERVE, ["plan.checkout"])


def test_facts_that_refuse_some_plans_are_worth_knowing() -> None:
    plugin = "/home/client/www/wp-content/plugins/x"
    facts = replace(
        HOST, checkouts=(plugin,), links=(plugin,), loaders=(Loader("x", "object-cache.php"),)
    )
    old = Component("x", "x/x.php", "X", "1.0", True, requires_php="8.3")
    seen = replace(SEEN, host=facts, plugins=(old,))
    slugs = ["plan.checkout", "plan.link", "plan.loader", "plan.requires_php"]
    assert judged(seen) == (Fit.FULL, slugs)


@pytest.mark.parametrize(
    ("told", "lacking"),
    [
        ({}, []),
        ({"php": "8.3.1"}, ["web_php"]),
        ({"uid": 33}, ["web_user"]),
        ({"opcache": {"enabled": True, "restricted": True}}, ["opcache"]),
        (
            {"uid": 33, "opcache": {"enabled": True, "validate_timestamps": False}},
            ["opcache", "web_user"],
        ),
        ({"opcache": "hello", "uid": "root"}, []),
    ],
)
def test_the_beacon_tells_which_php_serves_the_site(
    told: dict[str, object], lacking: list[str]
) -> None:
    assert [one.need for one in web_tried(SEEN, WEB | told) if not one.ok] == lacking


def test_a_beacon_that_was_not_run_proves_no_origin() -> None:
    assert [(one.need, one.ok) for one in web_tried(SEEN, None)] == [("web", False)]


def test_a_core_update_takes_more_room() -> None:
    small, large = room(SEEN, core=False), room(SEEN, core=True)
    assert large.size_bytes - small.size_bytes == SEEN.code_bytes
    assert large.files > 3800 > small.files
