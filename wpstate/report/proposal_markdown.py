"""A proposed change as the comment below a pull request: how far it reaches, what is the same on
many sites, then the sites themselves, folded, as many as a forge lets through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.proposal import Proposal
from wpstate.model.site import SiteId
from wpstate.model.state import short
from wpstate.report.facts_text import facts_footer
from wpstate.report.folded_sites import folded, refused_table, size_bytes
from wpstate.report.lines import plain
from wpstate.report.markdown import cell, code
from wpstate.report.personal import masked
from wpstate.report.proposal_text import radius_rows

MOST_BYTES = 65_536
"""Of a comment on GitHub, which counts characters; GitLab takes more."""
_MOST_ROWS = 40
_MOST_PROBLEMS = 20
_ROOM = 600
"""For what says that something was left out."""


def proposal_markdown(
    proposal: Proposal, *, most_bytes: int = MOST_BYTES, artifact: str | None = None
) -> str:
    """Begins with a mark by which a comment is found again and replaced. Sites that do not fit are
    named as a number; `artifact`: where the whole is kept."""
    blocks = [
        marker(proposal.plan.fleet),
        f"### wpstate: {cell(_headline(proposal))}",
        "\n".join(_radius(proposal)),
        *_rules(proposal.policy),
        *_beside(proposal),
    ]
    return _fitted(blocks, proposal.plan, most_bytes, artifact)


def plan_comment(plan: Plan, *, most_bytes: int = MOST_BYTES, artifact: str | None = None) -> str:
    """A plan of many sites, folded and cut in the same way."""
    blocks = [
        marker(plan.fleet),
        f"### wpstate: {cell(_counted(plan))}",
        f"Plan `{plan.id}`, revision `{plan.revision or 'none'}`",
    ]
    return _fitted(blocks, plan, most_bytes, artifact)


def moved_comment(
    plan: Plan,
    refused: Mapping[SiteId, Problem],
    digest: str,
    *,
    most_bytes: int = MOST_BYTES,
    artifact: str | None = None,
) -> str:
    """In place of a comment that people agreed to: why it was not applied on these sites, and
    their fresh plan."""
    sites = f"{len(refused)} site{'s' * (len(refused) != 1)}"
    rows = [
        f"- <b>{site}</b>, {cell(problem.what)}: {code(masked(problem.found or ''))}"
        for site, problem in sorted(refused.items())
    ]
    more = [f"- and {len(rows) - _MOST_PROBLEMS} more"] if len(rows) > _MOST_PROBLEMS else []
    blocks = [
        marker(plan.fleet),
        f"### wpstate: not applied as approved on {sites}, {cell(_counted(plan))} by now",
        "\n".join([*rows[:_MOST_PROBLEMS], *more]),
        "Nothing was changed there. To agree to what is planned below:"
        f" `wpstate reconcile --once --approved {digest}`",
    ]
    return _fitted(blocks, plan, most_bytes, artifact)


def marker(fleet: str) -> str:
    """Shown to nobody. A fleet's name is letters, digits and hyphens."""
    return f"<!-- wpstate plan {fleet} -->"


def _fitted(blocks: list[str], plan: Plan, most_bytes: int, artifact: str | None) -> str:
    facts = [code(text) for text in plain(facts_footer(plan)).splitlines()]
    blocks = [*blocks, *_together(plan), *refused_table(plan.sites)]
    used = sum(size_bytes(block) for block in (*blocks, *facts)) + _ROOM
    told, left = folded(plan.sites, most_bytes - used)
    cut = [_left_out(left, artifact)] if left else []
    return "\n\n".join([*blocks, *told, *cut, *facts]) + "\n"


def _headline(proposal: Proposal) -> str:
    rules = len(proposal.policy)
    words = [_counted(proposal.plan)]
    if rules:
        words.append(f"{rules} rule{'s' * (rules != 1)} would change")
    return ", ".join(words)


def _counted(plan: Plan) -> str:
    sites = sum(bool(site.changes) for site in plan.sites)
    changes = sum(len(site.changes) for site in plan.sites)
    refused = sum(bool(site.refusals) for site in plan.sites)
    told = f"{changes} change{'s' * (changes != 1)} on {sites} site{'s' * (sites != 1)}"
    return told + (f", {refused} refused" if refused else "")


def _radius(proposal: Proposal) -> Iterator[str]:
    (first, told), *rows = radius_rows(proposal)
    yield f"| {cell(first)} | {code(told)} |"
    yield "| :--- | :--- |"
    for name, text in rows:
        yield f"| {cell(name)} | {code(text)} |"
    yield f"| revisions | `{proposal.head[:12]}` into `{proposal.base[:12]}` |"
    if proposal.plan.sites:
        yield f"| digest | `{proposal.digest}` |"


def _rules(policy: Iterable[Problem]) -> Iterator[str]:
    several = tuple(policy)
    if not several:
        return
    rows = [
        "**Rules that would change once this is merged.** This plan is made by those of the base."
    ]
    rows.append("")
    for problem in several[:_MOST_PROBLEMS]:
        where = f" ({cell(str(problem.where))})" if problem.where else ""
        key = f" {code(problem.key)}" if problem.key else ""
        rows.append(f"- {cell(problem.what)}:{key} {code(problem.found or '')}{where}")
    if len(several) > _MOST_PROBLEMS:
        rows.append(f"- and {len(several) - _MOST_PROBLEMS} more")
    yield "\n".join(rows)


def _beside(proposal: Proposal) -> Iterator[str]:
    rows = [
        f"- {code(each.site)} was not looked at: {code(each.why)}" for each in proposal.withheld
    ]
    rows += [f"- {code(site)} leaves the fleet; nothing is done to it" for site in proposal.leaving]
    if rows:
        more = [f"- and {len(rows) - _MOST_PROBLEMS} more"] if len(rows) > _MOST_PROBLEMS else []
        yield "\n".join([*rows[:_MOST_PROBLEMS], *more])


def _together(plan: Plan) -> Iterator[str]:
    """What is the same on several sites, most of them first."""
    sites: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for site in plan.sites:
        for change in site.changes:
            told = change.action.value, change.address, short(change.before), short(change.after)
            sites[told] += 1
    if len(plan.sites) < 2 or not sites:
        return
    rows = ["| change | before | after | sites |", "| --- | --- | --- | ---: |"]
    ordered = sorted(sites.items(), key=lambda each: (-each[1], each[0]))
    for (action, address, before, after), count in ordered[:_MOST_ROWS]:
        rows.append(f"| {action} {code(address)} | {code(before)} | {code(after)} | {count} |")
    if len(ordered) > _MOST_ROWS:
        rows.append(f"| and {len(ordered) - _MOST_ROWS} more | | | |")
    yield "\n".join(rows)


def _left_out(count: int, artifact: str | None) -> str:
    where = code(artifact) if artifact else "what `wpstate plan --out FILE` saved"
    if artifact and artifact.startswith("https://") and not set(artifact) & set(" <>`|\n"):
        where = f"<{artifact}>"
    noun = "site is" if count == 1 else "sites are"
    return f"**{count} more {noun} left out here.** The whole plan: {where[:400]}"
