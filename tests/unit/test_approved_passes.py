"""A pass with `--approved`: ring by ring as ever, and only what people saw."""

from dataclasses import replace
from pathlib import Path

from tests.builders import managed
from tests.unit.test_passes import NEW, OLD, RINGS, Sites, X, Y, site
from wpstate.model.approval import ShownPlan
from wpstate.model.desired import Fleet
from wpstate.planning.approved import Approvals, plan_digest

CANARY, REST = site("canary", ring="canary"), site("rest")


def _sites(folder: Path, **words: object) -> Sites:
    observe = [replace(each, policy=replace(each.policy, applies=False)) for each in (CANARY, REST)]
    return Sites(Fleet("f", "", "", tuple(observe), rings=RINGS), folder, **words)  # type: ignore[arg-type]


def _shown(sites: Sites, *, is_named: bool = False) -> Approvals:
    """What a proposal's plan is: of all sites, whosever turn it is."""
    regardless = Sites(replace(sites.fleet, rings=()), sites.folder)
    plan = regardless.plan((), healed={})
    return Approvals((ShownPlan(plan_digest(plan), plan, is_named=is_named),))


def test_what_was_approved_goes_ring_by_ring_in_any_mode(tmp_path: Path) -> None:
    sites = _sites(tmp_path)
    given = _shown(sites)
    assert sites.passed() == [("canary", "reported"), ("rest", "waits")]
    assert sites.passed(given, dry_run=True) == [("canary", "due"), ("rest", "waits")]
    assert sites.passed(given) == [("canary", "applied"), ("rest", "applied")]
    assert sites.ran == [("canary", ("plugins.x",)), ("rest", ("plugins.x",))]
    assert sites.passed(given) == [("canary", "in_sync"), ("rest", "in_sync")]


def test_a_ring_that_goes_wrong_keeps_what_was_approved_from_the_next(tmp_path: Path) -> None:
    sites = _sites(tmp_path, ill=frozenset({"canary"}))
    assert sites.passed(_shown(sites)) == [("canary", "rolled_back"), ("rest", "waits")]


def test_a_site_that_moved_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    sites = _sites(tmp_path)
    given = _shown(sites)
    sites._has["rest"] = {"plugins.x": replace(OLD, active=False)}
    assert sites.passed(given) == [("canary", "applied"), ("rest", "refused")]
    assert sites.ran == [("canary", ("plugins.x",))]


def test_what_the_merge_brought_besides_is_not_done(tmp_path: Path) -> None:
    sites = _sites(tmp_path)
    for is_named in (True, False):
        given = _shown(sites, is_named=is_named)
        more = [
            site(
                each.site.id, managed(X, NEW), managed(Y, NEW), ring=each.policy.updates.ring or ""
            )
            for each in (CANARY, REST)
        ]
        merged = Sites(Fleet("f", "", "", tuple(more), rings=RINGS), tmp_path)
        assert merged.passed(given) == [("canary", "refused"), ("rest", "refused")]
        assert merged.ran == []
