"""Data that plugins migrate: what is pending, what a plan tells of it, what the run must find."""

import json
import subprocess
import tomllib
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, SITE, desired, managed, observed, replace, version
from tests.unit.desired.folders import REPOSITORY, sound_fleet
from wpstate.desired.compose import compose
from wpstate.desired.schemas import accepts
from wpstate.model.desired import DesiredState
from wpstate.model.observed import LargeTable, ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import Address, State
from wpstate.planning.build import build, build_site
from wpstate.planning.estimate import table_scope
from wpstate.planning.follows import in_background
from wpstate.planning.role_vars import apply_vars
from wpstate.planning.verify import unconfirmed
from wpstate.report.lines import plain
from wpstate.report.plan_text import plan_lines
from wpstate.resources import migration_rows
from wpstate.resources.migration_states import IN_BACKGROUND, NONE, UNKNOWN
from wpstate.resources.migrations import MigrationsKind

KIND = MigrationsKind()
SHOP = Address("migrations.woocommerce")
OWN = (
    "{option: a_db, wanted: {constant: A_DB, file: inc/a.php}, run: {call: a_migrate}, "
    "expected: 7s, reversible: true}"
)


def asked(plugins: str, migrations: str = "") -> DesiredState:
    text = f"url: https://b.example\nplugins: {{{plugins}}}\n"
    text += f"migrations: {{{migrations}}}\n" if migrations else ""
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(
    has: str | None,
    asks: str | None,
    left: int | None = None,
    due_s: int | None = None,
    *,
    shop: str = "10.2.3",
    active: bool = True,
) -> ObservedState:
    answer: Any = {"woocommerce": {"has": has, "asks": asks, "left": left, "due_s": due_s}}
    plugins = [{"file": "woocommerce/woocommerce.php", "active": active}]
    document: Any = {"kinds": {"migrations": answer}, "plugins": plugins}
    states = {str(address): state for address, state in KIND.parse_observed(document)}
    states["plugins.woocommerce"] = version(shop, active=active)
    return replace(observed(states), answers=(("migrations", answer),))


def pending(has: str, asks: str) -> State:
    return State(value=f"pending: has {has}, its code asks for {asks}")


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (seen("10.2.0", "10.2.0"), NONE),
        (seen("10.10.0", "10.9.0"), NONE),
        (seen("10.2.0", "10.2.0-1"), pending("10.2.0", "10.2.0-1")),
        (seen("9.9.0", "10.2.0", 3, 5), IN_BACKGROUND),
        (seen("9.9.0", "10.2.0", 3), IN_BACKGROUND),
        (seen("9.9.0", "10.2.0", 0), pending("9.9.0", "10.2.0")),
        (seen("9.9.0", "10.2.0", 3, 7200), pending("9.9.0", "10.2.0")),
        (seen("9.9.0", None), UNKNOWN),
        (seen(None, None), NONE),
        (seen("", "10.2.0"), NONE),
        (seen("9.9.0", "10.2.0", active=False), NONE),
    ],
)
def test_what_is_pending(found: ObservedState, state: State) -> None:
    assert found.state(SHOP) == state


@pytest.mark.parametrize(
    ("plugins", "migrations", "addresses"),
    [
        ("woocommerce: approved, akismet: approved", "", [SHOP]),
        ("woocommerce: {version: approved, managed_by: host}", "", [SHOP]),
        ("woocommerce: inactive", "", []),
        ("woocommerce: absent", "", []),
        ("woocommerce: client", "", []),
        ("woocommerce: {version: approved, managed_by: client}", "", []),
        ("woocommerce: approved", "woocommerce: unmanaged", []),
        ("akismet: approved", f"akismet: {OWN}, woocommerce: {OWN}", ["migrations.akismet"]),
    ],
)
def test_they_belong_to_the_plugins_that_a_site_asks_for(
    plugins: str, migrations: str, addresses: list[str]
) -> None:
    site = asked(plugins, migrations)
    own = [m for m in site.managed if m.address.startswith("migrations.")]
    assert [m.address for m in own] == addresses
    assert all(m.applies == ("host" not in plugins) for m in own)
    rows: Any = site.questions.get("migrations", {"rows": {}})["rows"]
    assert [f"migrations.{slug}" for slug in rows] == addresses


def test_own_words_win_over_shipped_ones() -> None:
    site = asked("woocommerce: approved", f"woocommerce: {OWN}")
    rows: Any = site.questions["migrations"]["rows"]
    assert rows["woocommerce"] == {
        "option": "a_db",
        "by": "constant",
        "want": "A_DB",
        "file": "inc/a.php",
        "call": "a_migrate",
        "hook": "",
        "queue": "",
        "batches": "",
        "background": False,
        "expected_s": 7,
    }
    plan = build_site(site, seen("1", "2", shop="10.1.0"))
    assert plan.changes[0].then[0].told == (
        "migration: data of woocommerce, expected 7 s, can be undone"
    )


@pytest.mark.parametrize(
    ("migrations", "slug"),
    [
        (f"woocomerce: {OWN}", "desired.not_in_catalog"),
        ("woocommerce: " + OWN.replace("reversible", "background"), "desired.contradiction"),
    ],
)
def test_what_cannot_be_meant_is_told(migrations: str, slug: str) -> None:
    with pytest.raises(InvalidDesiredState) as caught:
        asked("woocommerce: approved", migrations)
    assert [problem.slug for problem in caught.value.problems] == [slug]


def update(found: ObservedState | None = None) -> tuple[SitePlan, ObservedState]:
    found = found or seen("10.1.0", "10.1.0", shop="10.1.0")
    return build_site(asked("woocommerce: approved"), found), found


def test_a_plan_tells_and_counts_it_below_the_update() -> None:
    plan, found = update()
    without = build_site(asked("woocommerce: approved", "woocommerce: unmanaged"), found)
    (change,) = plan.changes
    assert change.address == "plugins.woocommerce"
    assert plan.estimate.frozen_s == pytest.approx(without.estimate.frozen_s + 20)
    below = _text(found).split("plugins.woocommerce")[1].splitlines()[1]
    assert below.strip() == (
        "migration: WooCommerce's tables, expected 20 s, one-way; "
        "what is left then goes on in background"
    )


def _text(found: ObservedState) -> str:
    pair = (asked("woocommerce: approved"), found)
    return plain(plan_lines(build("p", "f", [pair], revision=None, dirty=False, now=NOW)))


def test_what_may_go_on_takes_half_of_the_freeze_at_most() -> None:
    text = "url: https://b.example\nplugins: {woocommerce: approved}\nfreeze: {at_most: 12s}\n"
    site = compose(sound_fleet(sites__boutique=text)).sites[0]
    _, found = update()
    for seen_now in (found, seen("9.9.0", "10.2.0", 0)):
        plan = build_site(site, seen_now)
        assert [one.takes_s for change in plan.changes for one in change.then] == [6]
        told: Any = apply_vars(SITE.host, "/c", "r", "t", plan, seen_now, ())
        assert told["kinds"]["migrations"]["rows"]["woocommerce"]["expected_s"] == 6


def test_tables_that_it_may_write_are_dumped_while_visitors_wait() -> None:
    plan, found = update()
    assert found.database
    large = tuple(LargeTable(f"wp_{name}", 10**9, "InnoDB") for name in ("wc_orders", "statistics"))
    database = changed(found.database, size_bytes=2 * 10**9, large_tables=large)
    tables = table_scope(
        asked("woocommerce: approved"), replace(found, database=database), plan.changes
    )
    assert tables.before == ("wp_statistics",)


@pytest.mark.parametrize(
    ("after", "told", "left_open"),
    [
        (seen("10.2.0", "10.2.0"), 0, ()),
        (seen("10.1.0", "10.2.0", 4), 0, (SHOP,)),
        (seen("10.1.0", "10.2.0", 0), 1, ()),
        (seen("10.1.0", "10.2.0", 4, 7200), 1, ()),
        (seen("10.1.0", None), 1, ()),
    ],
)
def test_a_run_must_find_it_done_or_going_on(
    after: ObservedState, told: int, left_open: tuple[Address, ...]
) -> None:
    plan, _ = update()
    assert len(list(unconfirmed(plan, after))) == told
    assert in_background(plan.changes, after) == left_open


def test_one_that_may_not_go_on_must_be_done() -> None:
    site = asked("woocommerce: approved", f"woocommerce: {OWN}")
    plan = build_site(site, seen("1", "1", shop="10.1.0"))
    assert list(unconfirmed(plan, seen("1", "2", 4)))
    assert not list(unconfirmed(plan, seen("2", "2")))


def test_its_role_is_told_of_the_row() -> None:
    plan, found = update()
    told: Any = apply_vars(SITE.host, "/c", "r", "t", plan, found, ())
    assert told["kinds"]["migrations"]["in_wordpress"] is True
    row = told["kinds"]["migrations"]["rows"]["woocommerce"]
    assert row["queue"] == "woocommerce-db-updates"
    assert row["call"] == "WC_Install::run_manual_database_update"


@pytest.mark.parametrize(
    "found",
    [
        seen("10.2.0", "10.2.0", shop="10.2.4"),
        seen("10.2.0", "10.2.0", shop="10.1.0", active=False),
    ],
)
def test_older_code_and_code_that_only_now_runs_bring_no_migration(found: ObservedState) -> None:
    plan, _ = update(found)
    assert plan.changes
    assert not any(change.then for change in plan.changes)


def test_pending_data_without_any_change_is_drift_that_an_apply_heals() -> None:
    found = seen("9.9.0", "10.2.0", 0)
    before = changed(found.applied, values=((SHOP, NONE),))
    (change,) = build_site(asked("woocommerce: approved"), replace(found, applied=before)).changes
    assert (change.address, change.cause.value, change.after) == (SHOP, "drift", NONE)
    assert change.then[0].address == SHOP
    (first,) = build_site(asked("woocommerce: approved"), found).changes
    assert first.address == SHOP


def test_what_goes_on_by_itself_is_told_and_not_touched() -> None:
    site, found = asked("woocommerce: approved"), seen("9.9.0", "10.2.0", 3, 5)
    plan = build_site(site, found)
    assert not plan.changes
    assert [(one.address, one.sort) for one in plan.noted] == [(SHOP, "in_background")]
    assert "3 left" in plan.noted[0].text
    assert "Goes on in background" in _text(found)
    assert "In sync" not in _text(found)
    assert [c.address for c in build_site(site, found, only=(SHOP,)).changes] == [SHOP]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (seen("9.9.0", None), "nobody can tell"),
        (seen("9.9.0", "11.0.0", shop="11.0.0"), "git asks for 10.2.3"),
    ],
)
def test_what_is_not_to_be_driven_is_told(found: ObservedState, told: str) -> None:
    plan = build_site(asked("woocommerce: approved"), found, only=(SHOP,))
    assert not plan.changes
    assert [one.sort for one in plan.noted] == ["out_of_reach"]
    assert told in plan.noted[0].text


def test_cores_own_is_proven_where_core_upgrades_its_database() -> None:
    site = desired(
        managed("core.version", State(version="7.1.1")),
        managed("core.database", State(value=60421)),
    )
    before = observed({"core.version": State(version="7.0"), "core.database": State(value=58975)})
    plan = build_site(site, before)
    brought = [one.address for change in plan.changes for one in change.then]
    assert brought == ["migrations.core"]
    done = {"core.version": State(version="7.1.1"), "core.database": State(value=60421)}
    assert not list(unconfirmed(plan, observed(done | {"migrations.core": NONE})))
    assert list(unconfirmed(plan, observed(done | {"migrations.core": pending("1", "2")})))
    told: Any = apply_vars(SITE.host, "/c", "r", "t", plan, before, ())
    assert "migrations" not in told["kinds"]
    assert told["boot"]["upgrade_database"] is True


def test_the_shipped_rows_speak_the_language_of_fleet_files() -> None:
    text = Path(migration_rows.__file__).with_name("migrations.toml").read_text("utf-8")
    for name, table in tomllib.loads(text).items():
        del table["plugins"]
        written = {
            key: str(value).lower() if isinstance(value, bool) else value
            for key, value in table.items()
            if value != []
        }
        assert accepts("layer#/$defs/migrations", {name: written}), name
    for row in migration_rows.shipped_rows().values():
        assert migration_rows.read(row.written) == row
        assert not row.background or row.queue or row.batches


_READ = """
require $argv[1];
echo json_encode( wpstate_migration_asks( json_decode( $argv[3], true ), $argv[2] ) );
"""
_UPDATES = """<?php
/** @var array $db_updates */
class A_Install {
	private static $db_updates = array(
		'2.0.0'    => array( 'a_200', "a_200b" ),
		'10.2.0'   => array( 'a_1020' ),
		// Ten comes after nine.
		'9.9.0'    => [ 'a_990' ],
		'10.2.0-1' => array( 'a_10201' ),
	);
	private $others = array( '99.0' => array() );
}
"""


@pytest.mark.reaches_out
@pytest.mark.parametrize(
    ("code", "by", "want", "asks"),
    [
        (_UPDATES, "keys", "db_updates", "10.2.0-1"),
        ("<?php $db_updates = ['1.0' => 1];", "keys", "db_updates", "1.0"),
        ("<?php $db_updates = array();", "keys", "db_updates", None),
        ("<?php define( 'A_DB', '3.21.0' );", "constant", "A_DB", "3.21.0"),
        ("<?php\t$this->define('A_DB', '5.5.0'); // newest", "constant", "A_DB", "5.5.0"),
        ("<?php class A { const A_DB = '7'; }", "constant", "A_DB", "7"),
        ("<?php define('NOT_A_DB', '1');", "constant", "A_DB", None),
        ("<?php define('A_DB', a_version());", "constant", "A_DB", None),
        ("<?php $wp_db_version = 60421;", "variable", "wp_db_version", "60421"),
        (
            "<?php\n/**\n * Plugin Name: A\n * Version: 1.2-beta\n */",
            "header",
            "Version",
            "1.2-beta",
        ),
        (None, "header", "Version", None),
    ],
)
def test_what_code_asks_for_is_read_and_never_run(
    tmp_path: Path, code: str | None, by: str, want: str, asks: str | None
) -> None:
    if code is not None:
        (tmp_path / "a.php").write_text(code)
    row = json.dumps({"by": by, "want": want, "file": "a.php"})
    shared = REPOSITORY / "playbooks/files/migrations.php"
    argv = ("php", "-d", "display_errors=stderr", "-r", _READ, str(shared), str(tmp_path), row)
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout) == asks
