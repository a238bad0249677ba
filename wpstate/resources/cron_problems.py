"""Problems of scheduled events, in words. Finding them is left to cron, parsing to its schema."""

from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.change import Change
from wpstate.model.desired import Managed
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import name_of
from wpstate.resources.said import Said


def word(said: Mapping[str, Said], key: str) -> Text | None:
    found = said.get(key)
    return found.value if found and isinstance(found.value, Text) else None


def contradictions(said: Mapping[str, Said]) -> Iterable[Problem]:
    wp_cron, every, schedule = (word(said, key) for key in ("wp_cron", "every", "schedule"))
    if every and (schedule or wp_cron is None or wp_cron.text != "off"):
        yield Problem(
            "desired.contradiction",
            "every stands where wpstate sets no schedule",
            every.span,
            "cron.every",
            found=f'"{every.text}"',
            why="it is how often the account's crontab starts events once wp_cron is off",
            mend="delete every, or write `wp_cron: off` without `schedule: host`",
        )
    if schedule and (wp_cron is None or wp_cron.text != "off"):
        yield Problem(
            "desired.contradiction",
            "schedule stands where requests start events",
            schedule.span,
            "cron.schedule",
            found=f'"{schedule.text}"',
            why="the host's own schedule takes the place of WP-Cron",
            mend="delete schedule, or write `wp_cron: off`",
        )


def both(managed: Sequence[Managed]) -> Iterable[Problem]:
    first: dict[str, Managed] = {}
    for one in managed:
        if one.address in first:
            yield Problem(
                "desired.contradiction",
                "a hook must be there and must not",
                one.span,
                one.address,
                found=f'"{name_of(one.address).removeprefix("hooks.")}"',
                mend="take it out of one of the lists",
            )
        first[one.address] = one


def no_crontab(change: Change, observed: ObservedState, why: str) -> Problem:
    told = {
        "none": "the account has no program crontab",
        "refused": "crontab refuses this account",
        "unfit": "the path of WordPress holds a character that crontab takes for its own",
    }
    assert observed.paths is not None
    return Problem(
        "plan.crontab",
        "no schedule can be set on this host",
        change.source,
        change.address,
        found=told[why],
        why="with WP-Cron off and no schedule no event would ever run",
        mend=f"ask the host to run `php {observed.paths.wp}/wp-cron.php` every few minutes, then"
        " write `schedule: host`",
    )
