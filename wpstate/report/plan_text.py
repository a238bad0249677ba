"""A plan as people read it: what git asks, what the site did, what is left alone, what it costs."""

from collections.abc import Iterable
from datetime import datetime

from wpstate.model.change import Action, Cause, Change
from wpstate.model.facts import Response
from wpstate.model.plan import Noted, Plan, SitePlan
from wpstate.model.state import short
from wpstate.report.by_host import for_the_same_reason, with_others
from wpstate.report.facts_text import facts_footer, finding_lines
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.report.moves import by_whom, change_span, moved_span
from wpstate.report.opening_text import opening_text
from wpstate.report.problems import problem_lines

_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "↑",
    Action.DOWNGRADE: "↓",
    Action.ACTIVATE: "▶",
    Action.DEACTIVATE: "■",
    Action.DELETE: "-",
}
_VERBS = {
    Action.CREATE: "add",
    Action.UPDATE: "update",
    Action.DOWNGRADE: "downgrade",
    Action.ACTIVATE: "activate",
    Action.DEACTIVATE: "deactivate",
    Action.DELETE: "delete",
}
_NOTED_SIGNS = {
    "identity": ("!", Tone.BAD),
    "modified": ("!", Tone.BAD),
    "drift": ("!", Tone.WARN),
    "conflict": ("!", Tone.WARN),
    "quarantined": ("!", Tone.WARN),
    "patched": ("!", Tone.WARN),
    "out_of_reach": ("!", Tone.WARN),
    "forbidden": ("!", Tone.WARN),
    "pinned": ("=", Tone.FAINT),
    "excepted": ("=", Tone.FAINT),
    "exempt": ("=", Tone.WARN),
    "client": ("=", Tone.FAINT),
    "updated_itself": ("=", Tone.FAINT),
    "in_background": ("~", Tone.WARN),
    "waits": ("~", Tone.FAINT),
    "converged": ("=", Tone.FAINT),
    "unmanaged": ("?", Tone.FAINT),
    "unlisted": ("?", Tone.FAINT),
}
_UNDECIDED = (
    "identity", "modified", "drift", "conflict", "quarantined", "patched", "out_of_reach",
    "forbidden",
)  # fmt: skip
_SECTIONS = (
    ("No longer who it was (drift)", ("identity",)),
    ("Files that somebody changed (drift)", ("modified",)),
    ("Changed on the site (drift)", ("drift", "conflict")),
    ("Changed on the site, and may stay for now (exempt)", ("exempt",)),
    ("Not ours to change here", ("out_of_reach",)),
    ("Goes on in background", ("in_background",)),
    ("Rolled back here before", ("quarantined",)),
    ("Patched past git", ("patched",)),
    ("Waits for other sites", ("waits",)),
    ("Forbidden", ("forbidden",)),
    (
        "Left alone",
        ("pinned", "client", "updated_itself", "converged", "excepted", "unmanaged", "unlisted"),
    ),
)


def plan_lines(
    plan: Plan, *, saved_as: str | None = None, with_next: bool = True
) -> Iterable[Line]:
    """The whole plan, a block per site, then totals and, `with_next`, what to type next."""
    blank = line()
    before = blank
    for site, others in with_others(plan.sites):
        for one in (*site_lines(plan, site), *for_the_same_reason(others), blank):
            if one != blank or before != blank:
                yield one
            before = one
    yield from facts_footer(plan)
    yield from _footer(plan, saved_as)
    if with_next:
        yield from _drift_next(plan)
    changed = [site.site for site in plan.sites if site.changes and not site.refusals]
    if changed and with_next:
        yield line(f"Next: wpstate apply {saved_as or ' '.join(changed)}")


def _drift_next(plan: Plan) -> Iterable[Line]:
    """What to type about drift, for the first of it."""
    sorts = ("drift", "conflict")
    drifted = [(site.site, n.address) for site in plan.sites for n in site.noted if n.sort in sorts]
    if drifted:
        site, address = drifted[0]
        yield line(f"Drift: wpstate adopt {site} {address}, or revert, or exempt")


def site_lines(plan: Plan, site: SitePlan) -> Iterable[Line]:
    offer = f" · {site.offer}" if site.offer else ""
    yield (Part(site.site, Tone.STRONG), Part(f" · {site.url.split('://', 1)[-1]}{offer}"))
    facts = [f"observed {_clock(site.observed_at)} in {site.observe_s:.1f} s"]
    if plan.revision:
        facts.append(f"git {plan.revision[:7]}{' + uncommitted changes' if plan.dirty else ''}")
    else:
        facts.append("not in git")
    if site.php_version:
        facts.append(f"PHP {site.php_version}")
    if site.object_cache:
        facts.append(f"object cache {site.object_cache}")
    yield line(" · ".join(facts), Tone.FAINT)
    yield line()
    yield from _changes("To change (asked in git)", _by(site, Cause.PENDING))
    healed = _by(site, Cause.DRIFT) + _by(site, Cause.CONFLICT)
    yield from _changes("To put back (changed on the site)", healed)
    for title, sorts in _SECTIONS:
        yield from _noted(title, [n for n in site.noted if n.sort in sorts])
    yield from finding_lines(site.findings, site.unknown, plan.feeds)
    if site.refusals:
        yield line("Refused", Tone.BAD)
        for problem in site.refusals:
            yield from problem_lines(problem, label="refusal")
            yield line()
    if site.changes:
        yield from _cost(site)
    elif (
        not site.refusals
        and not _open(site)
        and not any(n.sort in (*_UNDECIDED, "in_background", "waits") for n in site.noted)
    ):
        yield line("In sync: nothing to do.", Tone.GOOD)


def counts(site: SitePlan) -> str:
    """`1 to add, 2 to update, 1 drifted` or an empty text."""
    words = [
        f"{n} to {verb}"
        for action, verb in _VERBS.items()
        if (n := sum(c.action is action for c in site.changes))
    ]
    moved = sum(n.sort in _UNDECIDED for n in site.noted)
    if moved:
        words.append(f"{moved} for you to decide")
    at_once = _open(site)
    if at_once:
        noun = "vulnerability" if at_once == 1 else "vulnerabilities"
        words.append(f"{at_once} known {noun} open")
    if site.refusals:
        words.append(f"{len(site.refusals)} refused")
    return ", ".join(words)


def _open(site: SitePlan) -> int:
    """How many known vulnerabilities this plan leaves, which are to be updated at once."""
    return sum(n.response is Response.UPDATE and not n.after for n in site.findings)


def _by(site: SitePlan, cause: Cause) -> list[Change]:
    return [c for c in site.changes if c.cause is cause]


def _changes(title: str, changes: list[Change]) -> Iterable[Line]:
    if not changes:
        return
    yield line(title, Tone.STRONG)
    width = max(len(c.address) for c in changes)
    spans = max(len(change_span(c)) for c in changes)
    for change in changes:
        tone = Tone.BAD if change.action is Action.DELETE else Tone.CHANGE
        yield (
            Part(f"  {_SIGNS[change.action]} ", tone),
            Part(f"{change.address:<{width}}  "),
            Part(f"{change_span(change):<{spans}}  ", tone),
            Part(f"{change.source.file}:{change.source.line} ({change.label})", Tone.FAINT),
            Part(by_whom(change.author), Tone.FAINT),
        )
        below = (*(one.told for one in change.then if one.told), *change.notes)
        for note in below + ((change.why,) if change.why else ()):
            yield line(f"      {note}", Tone.FAINT)
    yield line()


def _noted(title: str, noted: list[Noted]) -> Iterable[Line]:
    if not noted:
        return
    yield line(title, Tone.STRONG)
    moved = [one for one in noted if one.asked is not None]
    width = max((len(one.address) for one in moved), default=0)
    spans = max((len(moved_span(one)) for one in moved), default=0)
    for one in noted:
        sign, tone = _NOTED_SIGNS[one.sort]
        told = f"{one.address} {short(one.state)}: {one.text}"
        if one.asked is not None:
            told = f"{one.address:<{width}}  {moved_span(one):<{spans}}  {one.text}"
        yield (Part(f"  {sign} ", tone), Part(told), Part(by_whom(one.author), Tone.FAINT))
        for below in one.lines:
            yield line(f"      {below}", Tone.FAINT)
    yield line()


def _cost(site: SitePlan) -> Iterable[Line]:
    yield line("If applied", Tone.STRONG)
    for name, text in costs(site):
        yield line(f"  {name:<9} {text}")
    yield line()


def costs(site: SitePlan) -> Iterable[tuple[str, str]]:
    """What applying takes, as names and texts."""
    cost = site.estimate
    free = (
        f"; {size(cost.free_after_bytes)} free after" if cost.free_after_bytes is not None else ""
    )
    looks = f"{site.looks} page{'s' if site.looks != 1 else ''}"
    before = f"; {size(cost.copied_bytes)} of tables copied before" if cost.copied_bytes else ""
    if site.opening:
        yield ("when", opening_text(site.opening))
    yield ("frozen", f"≈ {cost.frozen_s:.0f} s (limit {cost.freeze_limit_s} s){before}")
    yield ("snapshot", f"code and database, {size(cost.snapshot_bytes)}{free}")
    yield ("rollback", "code and database, nothing that visitors wrote is rewound")
    if site.caches:
        yield ("caches", _caches(site))
    yield ("checks", f"{looks} as a visitor, as a crawler, as an administrator, twice each")


def _caches(site: SitePlan) -> str:
    emptied = ", ".join(str(purge) for purge in site.caches if not purge.left)
    left = ", ".join(str(purge) for purge in site.caches if purge.left)
    parts = (f"{emptied} will be purged" if emptied else "", f"{left} left alone" if left else "")
    return "; ".join(part for part in parts if part)


def _footer(plan: Plan, saved_as: str | None) -> Iterable[Line]:
    totals = [f"{site.site}: {text}" for site in plan.sites if (text := counts(site))]
    if len(plan.sites) == 1 and totals:
        totals = [totals[0].split(": ", 1)[1]]
    in_sync = sum(1 for s in plan.sites if not s.changes and not s.refusals)
    if len(plan.sites) > 1 and in_sync:
        totals.append(f"{in_sync} of {len(plan.sites)} sites with nothing to apply")
    saved = (
        f" Saved: {saved_as} (until {plan.expires_at:%a %H:%M} UTC)" if saved_as is not None else ""
    )
    yield line(f"Plan: {'; '.join(totals) or 'nothing to do'}.{saved}", Tone.STRONG)


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def size(size_bytes: int) -> str:
    """`1.2 GB`."""
    left = float(size_bytes)
    for unit in ("B", "KB", "MB"):
        if abs(left) < 1000:
            return f"{left:.0f} {unit}"
        left /= 1000
    return f"{left:.1f} GB"
