"""What a proposed change would change of the rules: told, and in force only once it is merged."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from wpstate.model.desired import DesiredState, Fleet, Setting
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan

FleetWords: TypeAlias = Mapping[str, tuple[str, SourceSpan]]
_RULES = frozenset(
    {
        "brake", "caches", "checks", "exceptions", "exempt", "families", "freeze", "heal",
        "look", "may_change", "mode", "plan", "unlisted", "updates", "visitors", "vulnerabilities",
    }
)  # fmt: skip
_FLEET, _HOSTS, _CATALOG = "fleet.yml", "hosts.yml", "catalog.yml"
_NOTHING = "nothing"
_SHOWN_SITES = 5
_MOST_CHARACTERS = 300


def policy_findings(
    base: Fleet, head: Fleet, words: tuple[FleetWords, FleetWords]
) -> tuple[Problem, ...]:
    """Each once, however many sites it is about, sorted by where it stands. `words`: what fleet.yml
    says of the whole fleet, before and after."""
    before = {desired.site.id: desired for desired in base.sites}
    pairs = [(before[d.site.id], d) for d in head.sites if d.site.id in before]
    found = [*_of_fleet(*words), *_of_rules(pairs), *_of_places(pairs), *_of_catalog(pairs)]
    return tuple(sorted(found, key=lambda p: (p.where or SourceSpan("", 0, 0), p.key or "")))


def _of_fleet(old: FleetWords, new: FleetWords) -> Iterator[Problem]:
    """Its name, rings, feeds, mirrors, vault."""
    nowhere = "", SourceSpan(_FLEET, 1, 1)
    for key in sorted({*old, *new}):
        was, now = old.get(key, nowhere), new.get(key, nowhere)
        if was[0] != now[0]:
            yield _changed(key, was[0], now[0], now[1], "the whole fleet")


def _of_rules(pairs: Iterable[tuple[DesiredState, DesiredState]]) -> Iterator[Problem]:
    sites: dict[tuple[str, str, str, SourceSpan], list[str]] = {}
    for before, after in pairs:
        old, new = _rules(before), _rules(after)
        for key in {*old, *new}:
            was, now = old.get(key), new.get(key)
            if (was.value if was else None) == (now.value if now else None):
                continue
            where = now.span if now else SourceSpan(f"sites/{after.site.id}.yml", 1, 1)
            told = (key, was.value if was else "", now.value if now else "", where)
            sites.setdefault(told, []).append(after.site.id)
    for (key, was_text, now_text, where), names in sites.items():
        yield _changed(key, was_text, now_text, where, _listed(names))


def _rules(desired: DesiredState) -> Mapping[str, Setting]:
    return {s.key: s for s in desired.settings if s.key.partition(".")[0] in _RULES}


def _of_places(pairs: Iterable[tuple[DesiredState, DesiredState]]) -> Iterator[Problem]:
    for before, after in pairs:
        old, new = before.site, after.site
        if old.host != new.host:
            yield Problem(
                "proposal.host",
                "a site would be reached elsewhere or as somebody else",
                SourceSpan(_HOSTS, 1, 1),
                f"all.hosts.{new.id}",
                found=f"{old.host.account}{old.host.wp_path} → "
                f"{new.host.account}{new.host.wp_path}"[:_MOST_CHARACTERS],
                why="for this plan it was looked at where the base says",
                mend="merge it only if somebody who knows the host asked for it",
            )
        if old.url != new.url:
            yield Problem(
                "proposal.address",
                "a site would be visited at another address",
                after.said_at("url"),
                f"{new.id}: url",
                found=f"{old.url} → {new.url}"[:_MOST_CHARACTERS],
                why="for this plan it was visited where the base says",
                mend="merge it only if the site has moved there",
            )


def _of_catalog(pairs: Iterable[tuple[DesiredState, DesiredState]]) -> Iterator[Problem]:
    for before, after in pairs:  # the same for all sites of a fleet
        old, new = before.approval, after.approval
        for slug in sorted(set(old.forbidden) - set(new.forbidden)):
            yield _catalog(f"forbidden.{slug}", old.forbidden[slug], _NOTHING)
        for address in sorted(old.expected):
            was, now = old.expected[address], new.expected.get(address)
            if was != now:
                yield _catalog(f"{address}.identity", str(was), str(now) if now else _NOTHING)
        return


def _catalog(key: str, was: str, now: str) -> Problem:
    return _changed(key, was, now, SourceSpan(_CATALOG, 1, 1), "the whole fleet")


def _changed(key: str, was: str, now: str, where: SourceSpan, for_whom: str) -> Problem:
    return Problem(
        "proposal.policy",
        "a rule would be changed",
        where,
        key,
        found=f"{was or _NOTHING} → {now or _NOTHING} for {for_whom}"[: 2 * _MOST_CHARACTERS],
        why="for this plan the rules of the base hold",
        mend="have it approved by whoever answers for the rules",
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:_SHOWN_SITES])
    more = f" and {len(names) - _SHOWN_SITES} more sites" if len(names) > _SHOWN_SITES else ""
    return shown + more
