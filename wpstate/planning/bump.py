"""Which new versions are proposed, which wait, and why. Pure: sources and sites were asked before.

A version is held by what rolled it back, by what sites run, by its own vulnerabilities and by its
age. Writing it is left to workflows.bump, fitting bytes to their lock to workflows.lock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wpstate.model.bump import BumpPolicy, Component, Name, Outdated, Release, Standing
from wpstate.model.facts import Vulnerability
from wpstate.planning.affected import name_of_hole, within
from wpstate.planning.version_needs import is_untested, lacking
from wpstate.planning.version_steps import is_finished, step_between
from wpstate.resources.versions import compare, sort_key


@dataclass(frozen=True, slots=True)
class _Held:
    why: str
    is_age: bool = False
    """It ends by itself."""


@dataclass(frozen=True, slots=True)
class _Choice:
    component: Component
    newest: Release | None
    chosen: Release | None
    is_urgent: bool
    """It mends a known vulnerability, and waited for no cool-down."""
    mends: tuple[str, ...]
    why: tuple[str, ...]


def outdated(
    components: Sequence[Component], policy: BumpPolicy, wordpress: str | None, now: datetime
) -> tuple[Outdated, ...]:
    """Every component of the catalog, in its order. `wordpress`: the approved version."""
    urgent = {c.name for c in components if _choice(c, policy, wordpress, now).is_urgent}
    groups = {name: group for group, names in policy.together.items() for name in names}
    hurried = {groups[name] for name in urgent if name in groups}
    choices = {
        c.name: _choice(c, policy, wordpress, now, hurried=groups.get(c.name) in hurried)
        for c in components
    }
    return tuple(_told(choices[c.name], choices, policy.together, groups) for c in components)


def _choice(
    component: Component,
    policy: BumpPolicy,
    wordpress: str | None,
    now: datetime,
    *,
    hurried: bool = False,
) -> _Choice:
    """`hurried`: what it must move with mends a vulnerability."""
    listed, approved = component.listed, component.approved
    stopped = tuple(_stops(component))
    newer = [r for r in listed.releases if compare(r.version, approved) > 0 and _is_sound(r)]
    newer.sort(key=lambda release: sort_key(release.version), reverse=True)
    newest = newer[0] if newer else None
    if not newer or stopped or listed.unknown is not None:
        unknown = (listed.unknown,) if listed.unknown is not None else ()
        told = (*stopped, *unknown, *_vulnerable(_holes(component, approved)))
        return _Choice(component, newest, None, False, (), told)
    held = {r.version: tuple(_holds(component, r, policy, wordpress, now)) for r in newer}
    holes = _holes(component, approved)
    if hurried:
        held = {version: _but_age(holds) for version, holds in held.items()}
    chosen = next((r for r in newer if not held[r.version]), None)
    urgent = False
    if policy.security_at_once and holes and not (chosen and _mended(component, chosen, holes)):
        # The nearest one: what mends a hole at once should bring little else.
        for release in reversed(newer):
            if _mended(component, release, holes) and not _but_age(held[release.version]):
                chosen, urgent = release, True
                break
    assert newest
    why = [] if chosen is newest else [f"{newest.version} {h.why}" for h in held[newest.version]]
    mends = _mended(component, chosen, holes) if chosen else ()
    why += _vulnerable(tuple(hole for hole in holes if hole not in mends))
    if chosen:
        why = [*_reasons(component, chosen, mends, urgent, policy, wordpress), *why]
    return _Choice(component, newest, chosen, urgent, mends, tuple(why))


def _stops(component: Component) -> Iterator[str]:
    """What holds every version."""
    listed = component.listed
    if listed.closed is not None:
        yield f"closed in the directory: {listed.closed}"
    if component.author and listed.author and component.author != listed.author:
        yield (
            f'its author is now "{listed.author}" in place of "{component.author}": look who that'
            " is, then say so with `identity` in catalog.yml"
        )


def _holds(
    component: Component, release: Release, policy: BumpPolicy, wordpress: str | None, now: datetime
) -> Iterator[_Held]:
    version, approved = release.version, component.approved
    if version in component.frozen:
        yield _Held(f"was rolled back on {component.frozen[version]}")
    brings = set(_holes(component, version)) - set(_holes(component, approved))
    if brings:
        yield _Held(f"is vulnerable itself: {', '.join(sorted(brings))}")
    for why in lacking(component, release.requires_wp, release.requires_php):
        yield _Held(why)
    if policy.holds_untested and is_untested(release, wordpress):
        yield _Held(f"was tried with WordPress {release.tested} at most, not with {wordpress}")
    yield from _age(component, release, policy, now)


def _age(
    component: Component, release: Release, policy: BumpPolicy, now: datetime
) -> Iterator[_Held]:
    step = step_between(component.name.kind, component.approved, release.version)
    cool_down = timedelta(seconds=policy.cool_down_s[step])
    if release.released_at is None:
        if cool_down:
            yield _Held("nobody knows when it was released", is_age=True)
    elif release.released_at + cool_down > now:
        until = release.released_at + cool_down
        yield _Held(f"cools down until {until:%Y-%m-%d %H:%M} UTC ({step.value})", is_age=True)


def _reasons(
    component: Component,
    chosen: Release,
    mends: tuple[str, ...],
    urgent: bool,
    policy: BumpPolicy,
    wordpress: str | None,
) -> Iterator[str]:
    if mends:
        yield f"mends {', '.join(mends)}" + (" at once" if urgent else "")
    if not policy.holds_untested and is_untested(chosen, wordpress):
        yield f"tried with WordPress {chosen.tested} at most"
    unseen = [use.site for use in component.uses if use.php is None and not use.pinned]
    if chosen.requires_php and unseen:
        yield f"needs PHP {chosen.requires_php}; {len(unseen)} sites were not looked at"


def _told(
    choice: _Choice,
    choices: Mapping[Name, _Choice],
    together: Mapping[str, tuple[Name, ...]],
    groups: Mapping[Name, str],
) -> Outdated:
    component, chosen, newest = choice.component, choice.chosen, choice.newest
    name = component.name
    why = choice.why
    if chosen and name in groups:
        others = (choices[each] for each in together[groups[name]] if each in choices)
        waits = [each.component.name.slug for each in others if _holds_others(each)]
        if waits:
            chosen = None
            why = (f"moves with {', '.join(waits)} only, which waits", *why)
    if chosen:
        standing = Standing.PROPOSED
    elif component.listed.unknown is not None:
        standing = Standing.UNKNOWN
    else:
        standing = Standing.WAITING if newest else Standing.CURRENT
    to = chosen or newest
    return Outdated(
        kind=name.kind,
        slug=name.slug,
        approved=component.approved,
        newest=newest.version if newest else (component.approved if _is_known(choice) else None),
        released_at=newest.released_at if newest else None,
        standing=standing,
        proposed=chosen.version if chosen else None,
        step=step_between(name.kind, component.approved, to.version) if to else None,
        mends=choice.mends if chosen else (),
        sites=sum(1 for use in component.uses if not use.pinned),
        pinned=sum(1 for use in component.uses if use.pinned),
        group=groups.get(name),
        why=why,
    )


def _holds_others(choice: _Choice) -> bool:
    if choice.component.listed.unknown is not None:
        return True
    return choice.chosen is None and choice.newest is not None


def _is_known(choice: _Choice) -> bool:
    return choice.component.listed.unknown is None


def _is_sound(release: Release) -> bool:
    return is_finished(release.version)


def _but_age(held: Iterable[_Held]) -> tuple[_Held, ...]:
    return tuple(each for each in held if not each.is_age)


def _vulnerable(holes: Sequence[str]) -> Iterator[str]:
    if holes:
        yield f"what is approved is vulnerable, and nothing proposed mends it: {', '.join(holes)}"


def _holes(component: Component, version: str) -> tuple[str, ...]:
    found = [name_of_hole(one) for one in component.holes if _affects(one, version)]
    if version in component.listed.insecure:
        found.append("called insecure by its source")
    return tuple(dict.fromkeys(found))


def _affects(one: Vulnerability, version: str) -> bool:
    return any(within(version, each) for each in one.ranges)


def _mended(component: Component, release: Release, holes: Sequence[str]) -> tuple[str, ...]:
    """Of these, what the release has not; none where it brings others."""
    left = set(_holes(component, release.version))
    return () if left - set(holes) else tuple(each for each in holes if each not in left)
