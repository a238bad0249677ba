"""Rules about plugins that no kind could judge alone: families, what is forbidden, exceptions.

Here they are held against what is declared; what a site has is judged when it was seen.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from wpstate.desired.layers import Layer
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.node import Map, Text
from wpstate.model.problem import Problem
from wpstate.model.rules import Approval, Exempt, Exemption, Reminder, Rules
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.catalog import PACKAGES, Catalog
from wpstate.resources.families import Crowd, crowds, known_families
from wpstate.resources.nearest import nearest
from wpstate.resources.registry import KIND
from wpstate.resources.said import Parsed

_PLUGINS = "plugins"
_MISSPELT = 0.85
"""How alike two names of families are where one is a slip: `form` and `forms` are, `cache` and
`page_cache` are not."""


def approval_of(catalog: Catalog) -> Approval:
    families = {slug: entry.family.text for slug, entry in catalog.plugins.items() if entry.family}
    forbidden = {slug: reason.text for slug, reason in catalog.forbidden.items()}
    told = {
        f"{kind}.{slug}": entry.told
        for kind in PACKAGES
        for slug, entry in catalog.entries(kind).items()
        if entry.told
    }
    licensed_until = {
        Address(f"{kind}.{slug}"): entry.licensed_until.text
        for kind in PACKAGES
        for slug, entry in catalog.entries(kind).items()
        if entry.licensed_until
    }
    return Approval(
        frozenset(catalog.plugins), forbidden, families, told, licensed_until, catalog.expected()
    )


def reminders(catalog: Catalog, sites: Iterable[DesiredState], today: date) -> tuple[Reminder, ...]:
    """Reviews that were due before `today`; licences, exceptions, answers and pins that ended: each
    once, by their place."""
    found = {
        Reminder(f"{kind}.{slug}", "review was due", due.text, entry.told.get("owner"), due.span)
        for kind in PACKAGES
        for slug, entry in catalog.entries(kind).items()
        if (due := entry.review) and date.fromisoformat(due.text) < today
    }
    found |= {
        Reminder(f"{kind}.{slug}", "licence ended", last.text, entry.told.get("owner"), last.span)
        for kind in PACKAGES
        for slug, entry in catalog.entries(kind).items()
        if (last := entry.licensed_until) and date.fromisoformat(last.text) < today
    }
    for site in sites:
        for ended in site.policy.rules.expired:
            where = site.said_at(f"exceptions.{ended.slug}")
            key = f"exceptions.{ended.slug}"
            found.add(Reminder(key, "exception ended", ended.until, ended.owner, where))
        for over in site.policy.rules.exempt_ended:
            key = f"exempt.{over.address}"
            found.add(Reminder(key, "exemption ended", over.until, over.owner, site.said_at(key)))
        for answer in site.policy.vulnerabilities:
            if answer.until and date.fromisoformat(answer.until) < today:
                key = f"vulnerabilities.{answer.to}"
                where = site.said_at(key)
                found.add(Reminder(key, "answer ended", answer.until, answer.owner, where))
        for pin in site.managed:
            if (end := pin.pinned_until) and date.fromisoformat(end) < today:
                found.add(Reminder(str(pin.address), "pin ended", end, None, pin.asked_by))
    return tuple(sorted(found, key=lambda reminder: (reminder.where, reminder.key)))


def read_rules(merged: Layer, today: date) -> Rules:
    """Exceptions and exemptions that ended before `today` hold no more."""
    exceptions = tuple(_exceptions(merged))
    exempt = tuple(_exempt(merged))
    unlisted = merged.word("unlisted")
    return Rules(
        families=tuple(
            (family, int(limit.value.text))
            for family, limit in sorted(merged.below("families").items())
            if isinstance(limit.value, Text)
        ),
        unlisted=unlisted.text if unlisted else "report",
        exceptions=tuple(e for e in exceptions if date.fromisoformat(e.until) >= today),
        expired=tuple(e for e in exceptions if date.fromisoformat(e.until) < today),
        exempt=tuple(e for e in exempt if date.fromisoformat(e.until) >= today),
        exempt_ended=tuple(e for e in exempt if date.fromisoformat(e.until) < today),
    )


def misspelt_families(catalog: Catalog) -> Iterator[Problem]:
    """A family that is nearly called as a shipped one: its plugins would count in neither."""
    shipped = known_families({})
    for slug, entry in catalog.plugins.items():
        family = entry.family
        if family is None or family.text in shipped:
            continue
        if close := nearest(family.text, shipped, likeness=_MISSPELT):
            yield Problem(
                "desired.family_misspelt",
                "family is nearly called as one that wpstate knows",
                family.span,
                f"plugins.{slug}.family",
                found=f'"{family.text}"',
                why=f"the plugin would not count among those of {close}",
                mend=f"write {close}, or a name that is less like it",
            )


def rule_problems(
    merged: Layer, parsed: Parsed, rules: Rules, catalog: Catalog, approval: Approval
) -> Iterator[Problem]:
    """What one site declares against the rules."""
    yield from _unknown_families(merged, approval)
    if not rules.families and not catalog.forbidden:
        return
    present = {name_of(m.address): m for m in parsed.managed if _is_present(m)}
    at_work = [slug for slug, managed in present.items() if managed.want.active is not False]
    for crowd in crowds(rules, approval.families, at_work):
        yield _too_many(merged, crowd, present, rules)
    for slug, managed in present.items():
        if slug in catalog.forbidden and not rules.excepted(slug):
            reason = catalog.forbidden[slug]
            yield Problem(
                "desired.forbidden",
                "plugin is forbidden by the catalog",
                managed.asked_by,
                managed.address,
                found=f'"{slug}"{rules.ended(slug)}',
                why=f"{reason.text} ({reason.span})",
                mend=f"write {slug}: absent, or except it under `exceptions`",
            )


def exempt_problems(merged: Layer, managed: Iterable[Managed]) -> Iterator[Problem]:
    """Addresses that cannot drift on this site: a slip would exempt nothing, and nobody saw it."""
    known = {str(each.address) for each in managed}
    for address, said in merged.below("exempt").items():
        kind = KIND.get(kind_of(Address(address)))
        if address in known or (kind and (kind.tells_unnamed or kind.decides_own)):
            continue
        close = nearest(address, sorted(known))
        yield Problem(
            "desired.exempt_unmanaged",
            "an exemption is for what the site does not manage",
            said.value.span,
            f"exempt.{address}",
            found=f'"{address}"',
            why="only what is managed can drift",
            mend=f"write {close}" if close else "delete the entry",
        )


def _is_present(managed: Managed) -> bool:
    return kind_of(managed.address) == _PLUGINS and managed.want.present


def _too_many(merged: Layer, crowd: Crowd, present: dict[str, Managed], rules: Rules) -> Problem:
    last = max((present[slug] for slug in crowd.slugs), key=lambda m: m.asked_by)
    named = ", ".join(f"{slug} ({present[slug].asked_by})" for slug in crowd.slugs)
    limit = merged.maps["families"][crowd.family].value.span
    return Problem(
        "desired.family",
        "more plugins of one family than a site may have",
        last.asked_by,
        f"families.{crowd.family}",
        found=f"{crowd.numbers}: {named}{rules.ended(*crowd.slugs)}",
        why=f"they do the same work and get in each other's way; the limit stands at {limit}",
        mend=f"keep {crowd.limit}, write the others absent or inactive, or except one under "
        "`exceptions`",
    )


def _unknown_families(merged: Layer, approval: Approval) -> Iterator[Problem]:
    known = known_families(approval.families)
    for family, said in merged.below("families").items():
        if family not in known:
            close = nearest(family, sorted(known))
            yield Problem(
                "desired.family_unknown",
                "no plugin is known to be of this family",
                said.value.span,
                f"families.{family}",
                found=f'"{family}"',
                why="known are: " + ", ".join(sorted(known)),
                mend=f"write {close}" if close else f"write `family: {family}` into catalog.yml",
            )


def _exceptions(merged: Layer) -> Iterator[Exempt]:
    for slug, said in sorted(merged.below("exceptions").items()):
        entry = said.value
        if isinstance(entry, Map):
            owner, until, why = (entry.text(key) for key in ("owner", "until", "why"))
            if owner and until and why:
                yield Exempt(slug, owner.text, until.text, why.text)


def _exempt(merged: Layer) -> Iterator[Exemption]:
    for address, said in sorted(merged.below("exempt").items()):
        entry = said.value
        if isinstance(entry, Map):
            owner, until, why = (entry.text(key) for key in ("owner", "until", "why"))
            if owner and until:
                told = why.text if why else None
                yield Exemption(Address(address), owner.text, until.text, told)
