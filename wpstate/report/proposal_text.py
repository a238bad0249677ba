"""A proposed change as people read it: how far it reaches, what it changes of the rules, then the
plan of its sites."""

from collections.abc import Iterable, Iterator

from wpstate.model.proposal import Proposal, Radius, Share
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.report.plan_text import plan_lines, size
from wpstate.report.problems import problem_lines

_SHOWN = 8


def proposal_lines(proposal: Proposal, *, saved_as: str | None = None) -> Iterable[Line]:
    """All of it; text from a site is made visible where it is printed."""
    yield line(f"{proposal.head[:12]} into {proposal.base[:12]}", Tone.STRONG)
    for name, text in radius_rows(proposal):
        yield line(f"  {name:<9} {text}")
    if proposal.plan.sites:
        yield line(f"  {'digest':<9} {proposal.digest}", Tone.FAINT)
    yield line()
    if proposal.policy:
        yield line("Rules that would change once it is merged", Tone.STRONG)
        for problem in proposal.policy:
            yield from problem_lines(problem, label="rule")
        yield line()
    for each in proposal.withheld:
        yield (Part("  ? ", Tone.WARN), Part(f"{each.site}: not looked at, {each.why}"))
    for site in proposal.leaving:
        yield (Part("  - ", Tone.WARN), Part(f"{site}: leaves the fleet; nothing is done to it"))
    if proposal.withheld or proposal.leaving:
        yield line()
    yield from plan_lines(proposal.plan, saved_as=saved_as, with_next=False)


def radius_rows(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Names and texts; also what the sites share with each other."""
    far = proposal.radius
    yield "sites", _sites(proposal)
    if not far.sites:
        return
    yield "clients", shares(far.clients)
    yield "offers", shares(far.offers)
    if far.rings:
        yield "rings", shares(far.rings)
    closed = f"; {far.closed_now} closed at this moment" if far.closed_now else ""
    yield "windows", shares(far.windows) + closed
    yield "one-way", one_way(far)
    yield "frozen", f"≈ {far.frozen_s:.0f} s in all, {far.longest_s:.0f} s on one site at most"
    free = f"; at least {size(far.least_free_bytes)} free after" if far.least_free_bytes else ""
    yield "snapshots", f"{size(far.snapshot_bytes)} in all{free}"


def shares(several: tuple[Share, ...]) -> str:
    """`Atelier 12, Mairie 3 and 4 more`."""
    shown = ", ".join(f"{share.name} {share.sites}" for share in several[:_SHOWN])
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return shown + more


def one_way(far: Radius) -> str:
    if not far.one_way:
        return "no migration"
    more = f" and {len(far.one_way) - _SHOWN} more" if len(far.one_way) > _SHOWN else ""
    return f"{len(far.one_way)} migrations: " + ", ".join(far.one_way[:_SHOWN]) + more


def _sites(proposal: Proposal) -> str:
    far = proposal.radius
    s = "" if far.changes == 1 else "s"
    words = [f"{far.sites} of {_all(proposal)} to change, {far.changes} change{s}"]
    if far.refused:
        words.append(f"{far.refused} refused")
    if proposal.withheld:
        words.append(f"{len(proposal.withheld)} not looked at")
    if proposal.leaving:
        words.append(f"{len(proposal.leaving)} leave the fleet")
    return ", ".join(words)


def _all(proposal: Proposal) -> int:
    return proposal.unchanged + len(proposal.plan.sites) + len(proposal.withheld)
