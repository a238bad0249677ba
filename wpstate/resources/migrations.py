"""Data that plugins migrate after an update of their code: whether they have, and having it done.

Nobody need name them: they belong to the plugins that a site asks for. How each one migrates is
left to migration_rows; WordPress's own is kept by the kind core as core.database, and proven here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from wpstate.model.change import Action, Change, Follow
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Map, Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources import versions
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.migration_rows import CORE, Row, own_row, read, shipped_rows
from wpstate.resources.migration_states import IN_BACKGROUND, NONE, UNKNOWN, state_of
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Parsed, Said

_ROW: Final = "row"
_BUDGET_S: Final = 90
"""All that may be driven in one start of WordPress, which has its own end after 120 s."""
_NOT_RUNNING: Final = ("absent", "inactive", "client", "unmanaged")
_NOT_OURS: Final = ("host", "composer")


class MigrationsKind(Kind):
    name = "migrations"
    reads_beside: Mapping[str, str | None] = {"plugins": None}
    probe_needs = ("migrations.php",)
    touches = ("options",)

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed: list[Managed] = []
        entries = catalog.entries("plugins")
        for key, words in sorted(said.items()):
            kind, _, slug = key.partition("/")
            entry = entries.get(slug)
            if kind != "plugins" or not slug or entry is None or _state(words) in _NOT_RUNNING:
                continue
            keeper = words.part("managed_by")
            own = said.get(slug)
            row = _row(slug, own)
            if row is not None:
                span = own.value.span if own else words.value.span
                ours = entry.is_ours and (keeper is None or keeper.text not in _NOT_OURS)
                managed.append(
                    Managed(
                        Address(f"{self.name}.{slug}"),
                        NONE,
                        span,
                        words.value.span,
                        label="migration",
                        applies=ours,
                        heals=ours,
                        besides=((_ROW, row.written),),
                    )
                )
        problems = []
        for slug, own in sorted(said.items()):
            if "/" not in slug and slug not in entries:
                problems.append(_stranger(slug, own, entries))
            elif "/" not in slug and (row := _row(slug, own)) and row.background:
                problems += [] if row.queue or row.batches else [_untold(slug, own)]
        return Parsed(tuple(managed), (), tuple(problems))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed:
            return None
        return {"rows": {name_of(m.address): _row_of(m.besides).told_hosts for m in managed}}

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds: Any = seen.get("kinds")
        answer: Any = kinds.get(self.name) if isinstance(kinds, dict) else None
        listed: Any = seen.get("plugins") or ()
        active = {p["file"].partition("/")[0].removesuffix(".php") for p in listed if p["active"]}
        for slug, found in answer.items() if isinstance(answer, dict) else ():
            yield Address(f"{self.name}.{slug}"), state_of(found) if slug in active else NONE
        core: Any = seen.get("core")
        options: Any = seen.get("options")
        if isinstance(core, dict) and isinstance(options, dict):
            has, asks = options.get("db_version"), core["db_version"]
            found = {"has": has, "asks": None if asks is None else str(asks), "left": None}
            yield Address(f"{self.name}.{CORE}"), state_of({**found, "due_s": None})

    def follows(
        self, change: Change, desired: DesiredState, observed: ObservedState
    ) -> Iterable[Follow]:
        if change.address.startswith(f"{self.name}."):
            yield _follow(change.address, _within(_row_of(change.besides), desired))
        elif change.address == "core.database" and change.action is Action.UPDATE:
            yield _follow(Address(f"{self.name}.{CORE}"), shipped_rows()[CORE])
        elif _brings_code(change):
            address = Address(f"{self.name}.{name_of(change.address)}")
            for managed in desired.managed:
                if managed.address == address and managed.applies:
                    yield _follow(address, _within(_row_of(managed.besides), desired))

    def under_way(self, managed: Managed, seen: State, observed: ObservedState) -> str | None:
        if seen != IN_BACKGROUND:
            return None
        answer: Any = observed.answer(self.name).get(name_of(managed.address))
        left = answer["left"] if isinstance(answer, dict) else None
        return f"the plugin goes on migrating its data by itself, {left} left; not yet verified"

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        slug = name_of(managed.address)
        if observed.state(managed.address) in (UNKNOWN, ABSENT):
            return (
                "nobody can tell which version of its data its code asks for: say it below "
                f"`migrations:`, or write `{slug}: unmanaged` there"
            )
        address = Address(f"plugins.{slug}")
        has = observed.state(address).version
        plugin = next((m for m in desired.managed if m.address == address), None)
        asks = plugin.want.version if plugin and not plugin.floats else None
        if has and asks and versions.compare(has, asks) > 0:
            return f"the site has {visible(has, 100)} of it, git asks for {asks}: settle that first"
        return None

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        row = shipped_rows().get(name_of(address))
        return (f"options.{row.option}",) if row else (str(address),)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        besides = {c.address: c.besides for c in changes if name_of(c.address) != CORE}
        besides |= {one.address: one.besides for c in changes for one in c.then}
        rows = {
            name_of(address): _row_of(several).told_hosts for address, several in besides.items()
        }
        return {"rows": rows, "budget_s": _BUDGET_S} if rows else {}


def _within(row: Row, desired: DesiredState) -> Row:
    """What may go on in background takes half of the time at most in which visitors may wait."""
    if not row.background:
        return row
    return replace(
        row, expected_s=min(row.expected_s, max(1, desired.policy.freeze.at_most_s // 2))
    )


def _follow(address: Address, row: Row) -> Follow:
    return Follow(
        address=address,
        after=NONE,
        told=row.told,
        takes_s=float(row.expected_s),
        in_background=IN_BACKGROUND if row.background else None,
        tables=row.tables,
        besides=((_ROW, row.written),),
        one_way=not row.reversible,
    )


def _brings_code(change: Change) -> bool:
    """Newer code of a plugin that runs before and after: WordPress then starts with it."""
    runs = change.before.active is True and change.after.active is not False
    return change.address.startswith("plugins.") and change.action is Action.UPDATE and runs


def _row_of(besides: tuple[tuple[str, str], ...]) -> Row:
    return read(dict(besides)[_ROW])


def _row(slug: str, own: Said | None) -> Row | None:
    if own is None:
        return shipped_rows().get(slug) if slug != CORE else None
    return own_row(slug, own.value) if isinstance(own.value, Map) else None


def _state(words: Said) -> str:
    word = words.value if isinstance(words.value, Text) else words.part("state")
    keeper = words.part("managed_by")
    return "client" if keeper and keeper.text == "client" else word.text if word else ""


def _untold(slug: str, said: Said) -> Problem:
    return Problem(
        "desired.contradiction",
        "a migration goes on in background and nothing tells what is left",
        said.value.span,
        f"migrations.{slug}",
        why="what nobody sees the end of is never verified",
        mend="add `run: {queue: GROUP}` or `batches`, or delete `background`",
    )


def _stranger(slug: str, said: Said, known: Iterable[str]) -> Problem:
    close = nearest(slug, known)
    return Problem(
        "desired.not_in_catalog",
        "a migration is of no plugin that the catalog names",
        said.value.span,
        f"migrations.{slug}",
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{slug}"',
        why="only data of approved plugins is migrated",
        mend=f"write {close}" if close else f"add `{slug}: VERSION` to plugins in catalog.yml",
    )
