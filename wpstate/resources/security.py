"""Security points: what a site must not give away or let happen, each a name and a word.

How each point is seen and set stands with it in security_files, security_web and
security_server; what its means amount to on a host in security_means.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.node import Text
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources import security_files, security_means, security_server, security_web
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said, joined
from wpstate.resources.security_means import SERVER, WRITTEN
from wpstate.resources.security_points import Flag, OwnText, Point
from wpstate.resources.security_sight import Sight, facts, place_of
from wpstate.resources.visits import unanswered

POINTS: Final[Mapping[str, Point]] = {
    point.name: point
    for point in (*security_files.POINTS, *security_web.POINTS, *security_server.POINTS)
}
_OWN: Final = Point(
    "mu_plugin",
    "",
    WRITTEN,
    "our mu-plugin is as we wrote it",
    security_means.text_written,
    OwnText(),
)
"""Not for files to name: it follows from the points that it closes."""
_POINTS: Final = {**POINTS, _OWN.name: _OWN}
_NEVER_CAME: Final = ("timeout", "not_sent", "no_secret")


class SecurityKind(Kind):
    name = "security"
    stays_with = "a point may be settings, lines of .htaccess and a file of ours together"
    looks_in_runs = True
    probe_needs = ("wp_config_text.php", "wp_config.php")

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return joined((*(_parsed(name, words) for name, words in sorted(said.items())), _own(said)))

    adopts = (
        "security: {" + ", ".join(f"{name}: {point.good}" for name, point in POINTS.items()) + "}"
    )

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """Points that are closed already; what is weak is told by the audit."""
        for written in super().adopted(observed, catalog, follow=follow):
            point = POINTS.get(written.keys[1])
            if point is not None and written.value == point.good:
                yield written

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        if name_of(address) not in POINTS:
            return "it follows from other points: put it back, or exempt it"
        parts = {"state": str(seen.value), "why": None}
        return Words((self.name, name_of(address)), parts, "state", "why")

    def is_weak_point(self, address: Address) -> bool:
        return True

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed:
            return None
        limits = [m.want.value for m in managed if m.address == "security.salts"]
        days = int(str(limits[0]).removesuffix("d")) if limits else 0
        return {
            "salts_at_most_days": days,
            "guessed": list(security_files.GUESSED),
            "constants": [*security_files.CONSTANTS, *security_files.SALTS],
        }

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        if answer:
            sight = Sight(facts(answer))
            for point in (*security_files.POINTS, _OWN):
                if point.name != "salts" or sight.facts.salts_at_most_days:
                    yield _seen(point, sight)

    def looks(self, desired: DesiredState, observed: ObservedState) -> Iterable[LookRequest]:
        points = _asking(desired)
        if not points or not observed.answer(self.name):
            return ()
        place = place_of(desired.site.url, observed)
        asked = (request for point in points for request in point.asks(place))  # type: ignore[misc]
        return tuple(dict.fromkeys((place.get("/"), *asked)))

    def parse_looks(
        self, desired: DesiredState, observed: ObservedState, answers: Mapping[str, LookSeen]
    ) -> Iterable[tuple[Address, State] | Fault]:
        front = answers[security_web.FRONT]
        trouble = [look for look in answers.values() if look.error in _NEVER_CAME]
        if front.status is None or front.status >= 500:
            trouble.insert(0, front)
        if trouble:
            return (unanswered(trouble[0]),)
        return tuple(self._told(desired, observed, answers))

    def _told(
        self, desired: DesiredState, observed: ObservedState, answers: Mapping[str, LookSeen]
    ) -> Iterable[tuple[Address, State]]:
        place = place_of(desired.site.url, observed)
        version = observed.state(Address("core.version")).version or ""
        server = dict(answers[security_web.FRONT].headers).get("server", "unknown")
        yield SERVER, State(value=visible(server, 100))
        for point in _asking(desired):
            assert point.asks is not None
            own = {request.name: answers[request.name] for request in point.asks(place)}
            yield _seen(point, Sight(place.facts, version, own))

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        point = _POINTS[name_of(managed.address)]
        return security_means.out_of_reach(point, str(managed.want.value), desired, observed)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        return security_means.role_vars(_pairs(changes), observed)

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        point = _POINTS.get(name_of(address))
        known = facts(observed.answer(self.name))
        return (str(address), *(security_means.records(point, known) if point else ()))

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        return security_means.planned_paths(_pairs(changes), observed)


def _parsed(name: str, said: Said) -> Parsed:
    address = Address(f"security.{name}")
    word = said.value if isinstance(said.value, Text) else said.part("state")
    assert word is not None  # the schema asks for it
    if word.text in ("client", "unmanaged"):
        return Parsed(left_alone=(LeftAlone(address, word.text, word.span),))
    want = State(value=word.text.lstrip("0"))
    return Parsed((said.asks(address, want, word.span, "declared"),))


def _own(said: Mapping[str, Said]) -> Parsed:
    """Our mu-plugin itself, where a declared point may rest on it."""
    resting = [name for name in sorted(said) if isinstance(POINTS[name].means, Flag)]
    managed = [m for name in resting for m in _parsed(name, said[name]).managed]
    if not managed:
        return Parsed()
    address = Address(f"security.{_OWN.name}")
    return Parsed((replace(managed[0], address=address, want=State(value=WRITTEN), why=None),))


def _seen(point: Point, sight: Sight) -> tuple[Address, State]:
    return Address(f"security.{point.name}"), State(value=visible(point.judge(sight), 100))


def _asking(desired: DesiredState) -> tuple[Point, ...]:
    """The declared points that only the site's address tells."""
    declared = [str(managed.address) for managed in desired.managed]
    return tuple(p for p in POINTS.values() if p.asks and f"security.{p.name}" in declared)


def _pairs(changes: Iterable[Change]) -> tuple[tuple[Point, str], ...]:
    return tuple((_POINTS[name_of(c.address)], str(c.after.value)) for c in changes)
