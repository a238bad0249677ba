"""Each gate says no with its numbers, and lets through what is within them."""

from dataclasses import replace

from tests.builders import desired, managed, observed, version
from wpstate.model.desired import FreezePolicy, Managed, Policy
from wpstate.model.observed import Fault, LargeTable, ObservedState
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site
from wpstate.planning.gates import rewinding_refusals

OLD, NEW = version("1.0"), version("1.1")


def slugs(*resources: Managed, site: ObservedState, policy: Policy | None = None) -> list[str]:
    return [p.slug for p in build_site(desired(*resources, policy=policy), site).refusals]


def test_a_healthy_update_passes() -> None:
    assert slugs(managed("plugins.x", NEW), site=observed({"plugins.x": OLD})) == []


def test_brake_stops_too_many_deletions_at_once() -> None:
    names = [f"plugins.p{n}" for n in range(10)]
    site = observed(dict.fromkeys(names, OLD))
    goes = [managed(n, ABSENT) for n in names[:4]] + [managed(n, OLD) for n in names[4:]]
    problem = build_site(desired(*goes), site).refusals[0]
    assert (problem.slug, problem.found) == ("plan.brake", "4 of 10 managed resources (40%)")
    assert slugs(*goes, site=site, policy=Policy(brake_share=0.5)) == []
    few = [managed(n, ABSENT) for n in names[:2]]
    assert slugs(*few, site=site) == []


def test_unlocked_bytes_are_refused() -> None:
    site = observed({"plugins.x": OLD})
    assert slugs(managed("plugins.x", NEW, locked=False), site=site) == ["plan.unlocked"]
    assert slugs(managed("plugins.x", OLD, locked=False), site=site) == []


def test_freeze_limit_is_refused_with_the_numbers() -> None:
    site = replace(observed({"plugins.x": OLD}))
    assert site.database is not None
    large = replace(site, database=replace(site.database, size_bytes=2_000_000_000))
    policy = Policy(freeze=FreezePolicy(at_most_s=20))
    assert slugs(managed("plugins.x", NEW), site=large, policy=policy) == ["plan.freeze_limit"]
    assert slugs(managed("plugins.x", NEW), site=site, policy=policy) == []


def test_rewinding_more_than_the_freeze_has_time_for_is_refused_with_the_numbers() -> None:
    site = observed({"plugins.x": OLD})
    assert site.database is not None
    table = LargeTable("wp_options", 1_500_000_000, "InnoDB")
    large = replace(
        site, database=replace(site.database, size_bytes=1_501_000_000, large_tables=(table,))
    )
    (problem,) = rewinding_refusals(desired(), large, ("wp_options",))
    assert problem.slug == "plan.freeze_budget"
    assert "1431 MiB" in str(problem.found)
    assert "239 s are left" in str(problem.found)
    assert rewinding_refusals(desired(), site, ("wp_options",)) == ()
    shop = replace(
        large, database=replace(large.database, large_tables=(replace(table, name="wp_orders"),))
    )
    assert rewinding_refusals(desired(), shop, ("wp_options",)) == ()


def test_space_database_downgrade_and_foreign_maintenance() -> None:
    site = observed({"plugins.x": OLD, "core.database": State(value=60717)})
    full = replace(site, free_bytes=250_000_000)
    assert slugs(managed("plugins.x", NEW), site=full) == ["plan.space"]
    older = managed("core.database", State(value=58975))
    assert slugs(older, site=site) == ["plan.core_downgrade"]
    held = replace(site, frozen_by="foreign")
    assert slugs(managed("plugins.x", NEW), site=held) == ["freeze.foreign"]
    assert slugs(managed("plugins.x", OLD), site=held) == ["freeze.foreign"]


def test_the_refusal_of_an_unknown_key_names_the_command_that_trusts_it() -> None:
    unknown = replace(observed({}), faults=(Fault("host_key", "not trusted"),), paths=None)
    (problem,) = build_site(desired(managed("plugins.x", NEW)), unknown).refusals
    assert problem.mend == "wpstate trust shop"


def test_a_network_of_sites_is_observed_and_not_changed() -> None:
    site = replace(observed({"plugins.x": OLD}), multisite=True)
    assert slugs(managed("plugins.x", NEW), site=site) == ["plan.multisite"]
    assert slugs(managed("plugins.x", OLD), site=site) == []


def test_a_site_that_cannot_be_seen_has_no_changes_and_says_why() -> None:
    blind = replace(
        observed({}), faults=(Fault("database_down", "connection refused"),), paths=None
    )
    plan = build_site(desired(managed("plugins.x", NEW)), blind)
    assert plan.changes == ()
    assert [(p.slug, p.found) for p in plan.refusals] == [
        ("observe.database_down", "connection refused")
    ]
