"""What the rules make of the plugins that a site has, named by somebody or not.

What is declared against the rules is found before, by desired.rules.
"""

from collections.abc import Iterable, Sequence

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, State, kind_of, name_of
from wpstate.resources.families import Crowd, crowds

_PLUGINS = "plugins"
_BY_RULE = "unlisted"
"""How a plan tells that no file named it."""


def too_many(
    desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
) -> Iterable[Problem]:
    """Families of which the site would have too many at work. A plan that lessens them may pass."""
    rules, named = desired.policy.rules, desired.approval.families
    if not rules.families:
        return
    before = {
        name_of(address): state
        for address, state in observed.resources
        if kind_of(address) == _PLUGINS
    }
    own = {name_of(c.address): c.after for c in changes if kind_of(c.address) == _PLUGINS}
    after = crowds(rules, named, _at_work(before | own))
    if not after:
        return
    now = {crowd.family: crowd.products for crowd in crowds(rules, named, _at_work(before))}
    for crowd in after:
        if now.get(crowd.family, 0) <= crowd.products:
            yield _crowded(desired, before | own, crowd)


def rule_decides(desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
    """Plugins that nobody approved or named, as `unlisted` asks."""
    rule = desired.policy.rules.unlisted
    if rule == "report":
        return
    span = desired.said_at("unlisted")
    loaded = {loader.slug for loader in observed.host.loaders}
    for address, state in _unlisted(desired, observed):
        # A drop-in that goes on loading it would fail with the plugin gone: deactivated, a plugin
        # takes its own drop-in away, and the next plan moves it.
        first = rule == "delete" and state.active and name_of(address) in loaded
        want = ABSENT if rule == "delete" and not first else State(active=False)
        why = "nobody approved it" + ("; moved away once its loader is gone" if first else "")
        yield Managed(address, want, span, span, label=_BY_RULE, why=why, heals=True)


def told_of_rules(desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
    """Plugins that the catalog forbids or does not list, and those that are excepted."""
    rules, forbidden = desired.policy.rules, desired.approval.forbidden
    unlisted = dict(_unlisted(desired, observed))
    named, decided = _named(desired), {m.address: m.want for m in desired.managed}
    for address, state in observed.resources:
        if address in named or kind_of(address) != _PLUGINS:
            continue
        if address in decided and not state.satisfies(decided[address]):
            continue
        slug = name_of(address)
        exempt = rules.excepted(slug)
        if exempt and (slug in forbidden or slug not in desired.approval.listed):
            text = f"excepted until {exempt.until} by {exempt.owner}: {exempt.why}"
            yield Noted(address, state, text, "excepted")
        elif slug in forbidden:
            yield Noted(
                address, state, f"forbidden: {forbidden[slug]}{rules.ended(slug)}", "forbidden"
            )
        elif address in unlisted:
            text = f"not in the catalog (unlisted: {rules.unlisted}){rules.ended(slug)}"
            yield Noted(address, state, text, "unlisted")


def _unlisted(desired: DesiredState, observed: ObservedState) -> Iterable[tuple[Address, State]]:
    named = _named(desired) | {left.address for left in desired.left_alone}
    for address, state in observed.resources:
        if address in named or kind_of(address) != _PLUGINS:
            continue
        slug = name_of(address)
        approved = slug in desired.approval.listed and slug not in desired.approval.forbidden
        if not approved and not desired.policy.rules.excepted(slug):
            yield address, state


def _named(desired: DesiredState) -> set[Address]:
    return {managed.address for managed in desired.managed if managed.label != _BY_RULE}


def _at_work(states: dict[str, State]) -> Iterable[str]:
    return (slug for slug, state in states.items() if state.present and state.active)


def _crowded(desired: DesiredState, states: dict[str, State], crowd: Crowd) -> Problem:
    asked = {managed.address: managed.asked_by for managed in desired.managed}
    named = []
    for slug in crowd.slugs:
        where = asked.get(Address(f"{_PLUGINS}.{slug}"))
        named.append(f"{slug} {states[slug].version} ({where or 'on the site, nobody asked'})")
    limit = desired.said_at(f"families.{crowd.family}")
    return Problem(
        "plan.family",
        "the site would have more plugins of one family than it may",
        where=limit,
        key=desired.site.id,
        found=f"{crowd.numbers}: {', '.join(named)}" + desired.policy.rules.ended(*crowd.slugs),
        why="they do the same work and get in each other's way",
        mend=f"keep {crowd.limit}, ask for the others as absent or inactive, or except one under "
        "`exceptions`",
    )
