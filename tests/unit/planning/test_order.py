"""The order of changes, and what building a plan adds up."""

from tests.builders import desired, managed, observed, version
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site

OLD, NEW = version("1.0"), version("1.1")


def test_core_first_deletions_last() -> None:
    want = desired(
        managed("core.version", State(version="7.1.1")),
        managed("core.database", State(value=60717)),
        managed("plugins.gone", ABSENT),
        managed("plugins.new", NEW),
        managed("plugins.off", version("1.0", active=False)),
        managed("plugins.up", NEW),
    )
    site = observed(
        {
            "core.version": State(version="6.8.7"),
            "core.database": State(value=58975),
            "plugins.gone": OLD,
            "plugins.off": OLD,
            "plugins.up": OLD,
        }
    )
    plan = build_site(want, site)
    assert [c.address for c in plan.changes] == [
        "core.version",
        "core.database",
        "plugins.off",
        "plugins.up",
        "plugins.new",
        "plugins.gone",
    ]
    assert plan.estimate.frozen_s > 0


def test_in_sync_costs_nothing() -> None:
    plan = build_site(desired(managed("plugins.x", OLD)), observed({"plugins.x": OLD}))
    assert (plan.changes, plan.estimate.frozen_s, plan.refusals) == ((), 0.0, ())
