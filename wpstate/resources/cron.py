"""WordPress's scheduled events: who starts them, which must be there or not, which are late.

`wp_cron: off` is two things in one: DISABLE_WP_CRON, and a line in the account's crontab.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from wpstate.model.adopted import Saying, Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.node import Items, Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources import constant_problems, cron_problems
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said

WP_CRON: Final = Address("cron.wp_cron")
OVERDUE: Final = Address("cron.overdue")
CONSTANT: Final = "DISABLE_WP_CRON"
_SCHEDULES: Final = {
    "1m": "* * * * *",
    "2m": "*/2 * * * *",
    "5m": "*/5 * * * *",
    "10m": "*/10 * * * *",
    "15m": "*/15 * * * *",
    "20m": "*/20 * * * *",
    "30m": "*/30 * * * *",
    "1h": "0 * * * *",
}
_USUAL: Final = "5m"
_HOOK: Final = "hooks."
_NONE: Final = "none"
_LIMITS_S: Final = {"15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21600, "24h": 86400}
_USUAL_LIMIT: Final = "1h"
_LATEST: Final = "24h"


class CronKind(Kind):
    name = "cron"
    stays_with = "it lies among others' events, or others' lines in the crontab"
    probe_needs = ("wp_config_text.php",)
    touches = ("options",)
    adopts = "cron: {wp_cron: off}"

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """Who starts events. Which must be there a person has to say."""
        about = (WP_CRON, OVERDUE)
        word, _, every = str(observed.state(WP_CRON).value).partition(", every ")
        if (word, every) == ("on", ""):
            yield Written((self.name, "wp_cron"), "on", about)
        elif word == "off":
            yield Written((self.name, "wp_cron"), "off", about)
            key, value = ("every", every) if every else ("schedule", "host")
            comment = None if every else "no line of wpstate's starts events: ask who does"
            yield Written((self.name, key), value, about, comment)
        else:
            return
        if observed.state(OVERDUE).value != _NONE:
            told = "some were later than 1h: they stand in the audit"
            yield Written((self.name, "overdue"), _LATEST, about, told)

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        if address == WP_CRON:
            word, _, every = str(seen.value).partition(", every ")
            beside: dict[str, Saying] = {"every": every or None, "schedule": None}
            if word == "off" and not every:
                beside["schedule"] = "host"
            return Words((self.name,), {"wp_cron": word, **beside})
        if not address.startswith(f"{self.name}.{_HOOK}"):
            return "find out why events are late; or raise `cron: {overdue: …}`, or exempt it"
        key = next((m.label for m in desired.managed if m.address == address), "must")
        hooks = sorted((m for m in desired.managed if m.label == key), key=lambda m: m.span)
        names = (name_of(m.address).removeprefix(_HOOK) for m in hooks if m.address != address)
        return Words((self.name,), {key: tuple(names) or None})

    def is_weak_point(self, address: Address) -> bool:
        """Events that are late may be backups or updates that nobody makes."""
        return address == OVERDUE

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed = [*_hooks(said, "must"), *_hooks(said, "must_not")]
        problems = [*cron_problems.contradictions(said), *cron_problems.both(managed)]
        wp_cron = said.get("wp_cron")
        if wp_cron is not None and not problems:
            managed.append(_managed(WP_CRON, State(value=_asked(said)), wp_cron.value.span, "set"))
        if said:
            limit = said.get("overdue")
            span = limit.value.span if limit else next(iter(said.values())).value.span
            label = limit.value.text if limit and isinstance(limit.value, Text) else _USUAL_LIMIT
            managed.append(_managed(OVERDUE, State(value=_NONE), span, label, applies=False))
        return Parsed(tuple(managed), (), tuple(problems))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed:
            return None
        names = [name_of(m.address) for m in managed]
        limit = next(m.label for m in managed if m.address == OVERDUE)
        return {
            "hooks": [name.removeprefix(_HOOK) for name in names if name.startswith(_HOOK)],
            "overdue_s": _LIMITS_S[limit],
            "constants": [CONSTANT],
        }

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer: Any = kinds.get(self.name) if isinstance(kinds, dict) else None
        if not isinstance(answer, dict):
            return
        yield WP_CRON, State(value=_seen(answer))
        overdue = answer["overdue"]
        named = ", ".join(visible(hook, 100) for hook in overdue["hooks"])
        late = f"{overdue['count']}, of {named}" if overdue["count"] else _NONE
        yield OVERDUE, State(value=late)
        for hook, count in answer["hooks"].items():
            if count:
                yield Address(f"{self.name}.{_HOOK}{hook}"), State(value="scheduled")

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        answer: Any = observed.answer(self.name)
        for change in changes:
            if change.address != WP_CRON:
                continue
            constants = answer["constants"]
            form = constants["constants"][CONSTANT]["form"]
            if _constant(change) is not None:
                if constants["obstacle"] is not None:
                    yield constant_problems.file(change, constants["obstacle"])
                elif form not in ("missing", "plain"):
                    yield constant_problems.defined_otherwise(change, form, CONSTANT)
                elif form == "missing" and not constants["has_place"]:
                    yield constant_problems.file(change, "no_place")
            if _schedule(change) and answer["crontab"] != "there":
                yield cron_problems.no_crontab(change, observed, answer["crontab"])
            elif _schedule(change) and observed.paths and set(observed.paths.wp) & set("'%"):
                yield cron_problems.no_crontab(change, observed, "unfit")

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        """No record tells of the account's crontab."""
        return (str(address), "constants") if address == WP_CRON else (str(address),)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        assert observed.paths is not None
        wp_cron = next((change for change in changes if change.address == WP_CRON), None)
        hooks = [name_of(c.address).removeprefix(_HOOK) for c in changes if c is not wp_cron]
        return {
            "unschedule": hooks,
            "sets_schedule": wp_cron is not None and _sets_schedule(wp_cron),
            "schedule": _schedule(wp_cron) if wp_cron else None,
            "constant": _constant(wp_cron) if wp_cron else None,
            "config": observed.paths.config,
            "state": observed.paths.state,
            "wp": observed.paths.wp,
        }

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        assert observed.paths is not None
        edits = any(c.address == WP_CRON and _constant(c) is not None for c in changes)
        wp = observed.paths.wp.rstrip("/") + "/"
        return (observed.paths.config.removeprefix(wp),) if edits else ()


def _hooks(said: Mapping[str, Said], key: str) -> Iterable[Managed]:
    listed = said.get(key)
    for item in listed.value.items if listed and isinstance(listed.value, Items) else ():
        assert isinstance(item, Text)
        address = Address(f"cron.{_HOOK}{item.text}")
        if key == "must":
            yield _managed(address, State(value="scheduled"), item.span, key, applies=False)
        else:
            yield _managed(address, ABSENT, item.span, key)


def _managed(
    address: Address, want: State, span: SourceSpan, label: str, *, applies: bool = True
) -> Managed:
    return Managed(address, want, span, span, label=label, applies=applies)


def _asked(said: Mapping[str, Said]) -> str:
    """`on`, `off` where the host has its own schedule, or `off, every 5m`."""
    wp_cron, every = cron_problems.word(said, "wp_cron"), cron_problems.word(said, "every")
    if wp_cron is None or wp_cron.text == "on":
        return "on"
    return (
        "off"
        if cron_problems.word(said, "schedule")
        else f"off, every {every.text if every else _USUAL}"
    )


def _seen(answer: Json) -> str:
    constants: Any = answer["constants"]
    leaf = constants["constants"][CONSTANT]
    is_off = leaf.get("json") not in (None, "false", "0", '""', '"0"')
    word = "off" if is_off else "on"
    if answer["schedule"] is None:
        return word
    every = next((k for k, line in _SCHEDULES.items() if line == answer["schedule"]), None)
    return f"{word}, every {every}" if every and answer["is_ours"] else f"{word}, another schedule"


def _schedule(change: Change) -> str | None:
    """The time of the crontab's line after this change; None for no line."""
    _, _, every = str(change.after.value).partition(", every ")
    return _SCHEDULES.get(every)


def _sets_schedule(change: Change) -> bool:
    before, after = (str(state.value).partition(", ")[2] for state in (change.before, change.after))
    return before != after


def _constant(change: Change) -> bool | None:
    """What DISABLE_WP_CRON becomes; None where it stays."""
    before, after = (str(state.value)[:3] == "off" for state in (change.before, change.after))
    return after if before != after else None
