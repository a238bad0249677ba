"""Scheduled events: what is asked, what was seen, what is refused, and what WordPress is told."""

from typing import Any

import pytest

from tests.builders import observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json
from wpstate.planning.compare import compare
from wpstate.resources.cron import CronKind

KIND = CronKind()
ON: Json = {"form": "missing"}
OFF: Json = {"form": "plain", "type": "boolean", "json": "true"}


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example\ncron: {{{line}}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(
    constant: Json, schedule: str | None = None, *, crontab: str = "there", **hooks: int
) -> ObservedState:
    answer: Json = {
        "hooks": hooks,
        "overdue": {"count": 0, "hooks": []},
        "crontab": crontab,
        "schedule": schedule,
        "is_ours": schedule is not None,
        "constants": {
            "obstacle": None,
            "has_place": True,
            "constants": {"DISABLE_WP_CRON": constant},
        },
    }
    states = dict(KIND.parse_observed({"kinds": {"cron": answer}}))
    plain = observed({str(address): state for address, state in states.items()})
    return replace(plain, answers=(("cron", answer),))


@pytest.mark.parametrize(
    ("line", "found", "constant", "schedule"),
    [
        ("wp_cron: off", seen(ON), True, "*/5 * * * *"),
        ("wp_cron: off, every: 1h", seen(ON), True, "0 * * * *"),
        ("wp_cron: off", seen(OFF), None, "*/5 * * * *"),
        ("wp_cron: off", seen(OFF, "0 3 * * *"), None, "*/5 * * * *"),
        ("wp_cron: off, schedule: host", seen(ON), True, "stays"),
        ("wp_cron: off, schedule: host", seen(OFF, "*/5 * * * *"), None, None),
        ("wp_cron: on", seen(OFF, "*/5 * * * *"), False, None),
        ("wp_cron: on", seen(OFF), False, "stays"),
    ],
)
def test_what_wordpress_is_told(
    line: str, found: ObservedState, constant: bool | None, schedule: str | None
) -> None:
    desired = asked(line)
    changes = compare(desired, found).changes
    assert not list(KIND.refusals(desired, found, changes))
    told = KIND.role_vars(changes, found)
    assert told["constant"] is constant
    assert told["sets_schedule"] is (schedule != "stays")
    assert told["schedule"] == (None if schedule == "stays" else schedule)
    paths = KIND.planned_paths(changes, found)
    assert paths == (() if constant is None else ("wp-config.php",))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("wp_cron: off", seen(OFF, "*/5 * * * *")),
        ("wp_cron: off, schedule: host", seen(OFF)),
        ("wp_cron: off, schedule: host", seen(OFF, crontab="none")),
        ("wp_cron: on", seen(ON)),
        ("wp_cron: on", seen({"form": "plain", "type": "boolean", "json": "false"})),
        ("must: [a]", seen(ON, a=1)),
        ("must_not: [a]", seen(ON, a=0)),
    ],
)
def test_what_is_so_already_is_no_change(line: str, found: ObservedState) -> None:
    comparison = compare(asked(line), found)
    assert not comparison.changes
    assert not comparison.noted


def test_hooks_that_must_not_be_there_are_taken_out_and_missing_ones_told() -> None:
    comparison = compare(asked("must: [a], must_not: [b]"), found := seen(ON, b=2))
    assert [c.address for c in comparison.changes] == ["cron.hooks.b"]
    assert [(n.address, n.sort) for n in comparison.noted] == [("cron.hooks.a", "drift")]
    told = KIND.role_vars(comparison.changes, found)
    assert (told["unschedule"], told["sets_schedule"], told["constant"]) == (["b"], False, None)


def test_overdue_events_are_told() -> None:
    answer: Any = dict(seen(ON).answers)["cron"]
    answer = {**answer, "overdue": {"count": 3, "hooks": ["a", "\x1bb"]}}
    states = dict(KIND.parse_observed({"kinds": {"cron": answer}}))
    assert states[Address("cron.overdue")].value == "3, of a, \\x1bb"
    assert asked("wp_cron: on, overdue: 2h").questions["cron"]["overdue_s"] == 7200


@pytest.mark.parametrize(
    ("found", "slug"),
    [
        (seen(ON, crontab="none"), "plan.crontab"),
        (seen(ON, crontab="refused"), "plan.crontab"),
        (seen({"form": "elsewhere"}), "plan.constant_place"),
    ],
)
def test_wp_cron_is_never_off_without_a_schedule(found: ObservedState, slug: str) -> None:
    desired = asked("wp_cron: off")
    (problem,) = KIND.refusals(desired, found, compare(desired, found).changes)
    assert problem.slug == slug
