"""What is dumped while visitors wait, and what before."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed, version
from wpstate.model.change import Change
from wpstate.model.observed import Database, LargeTable
from wpstate.model.state import State
from wpstate.planning.build import build_site
from wpstate.planning.compare import compare
from wpstate.planning.estimate import confirm_within_s, table_scope
from wpstate.planning.scope import scope

_MB = 1_000_000
_GB = 1_000 * _MB


def database(*tables: tuple[str, int] | tuple[str, int, str], small: int = 5 * _MB) -> Database:
    large = tuple(
        LargeTable(f"wp_{name}", size, *(engine or ["InnoDB"])) for name, size, *engine in tables
    )
    total = small + sum(table.size_bytes for table in large)
    return Database("wp_", "db", 40, total, large)


def changes(**kinds: str) -> tuple[Change, ...]:
    want = desired(*(managed(f"plugins.{slug}", version("1.1")) for slug in kinds))
    return compare(want, observed({f"plugins.{slug}": version("1.0") for slug in kinds})).changes


SHOP = changes(**{"my-shop": "update"})
CORE = compare(
    desired(managed("core.version", State(version="7.1.1"))),
    observed({"core.version": State(version="7.0")}),
).changes


def test_all_tables_are_dumped_under_the_freeze_where_there_is_room() -> None:
    told = scope(database(("posts", 200 * _MB)), SHOP, 300 * _MB)
    assert (told.frozen_bytes, told.before) == (205 * _MB, ())


def test_what_the_changes_can_touch_is_dumped_under_the_freeze_room_or_not() -> None:
    told = scope(database(("my_shop_orders", _GB), ("forms", _GB)), SHOP, 0)
    assert told.before == ("wp_forms",)
    assert told.frozen_bytes == told.touched_bytes == _GB + 5 * _MB


@pytest.mark.parametrize("table", ["options", "my_shop", "my_shop_items"])
def test_options_and_tables_called_after_a_changed_plugin_can_be_touched(table: str) -> None:
    assert scope(database((table, _GB)), SHOP, 0).before == ()


def test_a_table_that_the_code_names_can_be_touched() -> None:
    data = database(("orders", _GB), ("entries", _GB))
    assert scope(data, SHOP, 0, named=("wp_orders",)).before == ("wp_entries",)


def test_a_change_of_core_can_touch_all_tables_of_core() -> None:
    data = database(("posts", _GB), ("orders", _GB))
    assert scope(data, CORE, 0).before == ("wp_orders",)
    assert scope(data, SHOP, 0).before == ("wp_orders", "wp_posts")


def test_core_s_tables_have_room_before_others_and_logs_last() -> None:
    data = database(("visits_log", 10 * _MB), ("forms", 20 * _MB), ("postmeta", 30 * _MB))
    assert scope(data, SHOP, 35 * _MB).before == ("wp_forms", "wp_visits_log")
    assert scope(data, SHOP, 55 * _MB).before == ("wp_visits_log",)


def test_a_log_is_left_out_though_its_plugin_is_changed() -> None:
    assert scope(database(("my_shop_log", _GB)), SHOP, 0).before == ("wp_my_shop_log",)


def test_a_table_whose_writes_leave_no_trace_is_dumped_under_the_freeze() -> None:
    data = database(("forms", _GB, "Aria"), ("visits", _GB, "MyISAM"))
    assert scope(data, SHOP, 0).before == ("wp_visits",)


def test_a_database_of_4_gb_is_planned_within_15_s() -> None:
    want = desired(managed("plugins.my-shop", version("1.1")))
    data = database(("posts", 600 * _MB), ("forms", _GB), ("visits", 2 * _GB), ("postmeta", _GB))
    site = replace(observed({"plugins.my-shop": version("1.0")}), database=data, free_bytes=None)
    plan = build_site(want, site)
    assert plan.refusals == ()
    assert plan.estimate.frozen_s <= 15
    assert confirm_within_s(table_scope(want, site, plan.changes).frozen_bytes) > 60


def test_what_fits_neither_way_is_refused_with_its_size() -> None:
    want = desired(managed("plugins.my-shop", version("1.1")))
    data = database(("my_shop_orders", 8 * (1 << 30)), small=0)
    site = replace(observed({"plugins.my-shop": version("1.0")}), database=data, free_bytes=None)
    (refusal,) = (r for r in build_site(want, site).refusals if r.slug == "plan.freeze_limit")
    assert "8192 MiB of tables" in (refusal.found or "")
