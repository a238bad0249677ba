"""A plan as Markdown, for a pull request or a ticket."""

from collections.abc import Iterator

from wpstate.model.event import Author
from wpstate.model.facts import Finding
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.state import short
from wpstate.report.facts_text import details, facts_footer, headline
from wpstate.report.lines import plain
from wpstate.report.moves import by_whom, moved_span
from wpstate.report.plan_text import costs, counts
from wpstate.resources.feeds.feed import link
from wpstate.resources.foreign_text import visible

_CODE_CHARACTERS = 2000


def plan_markdown(plan: Plan) -> str:
    """A heading and a table per site; text from a site stands in code spans."""
    blocks = [f"{_title(site)}\n{site_markdown(site)}".rstrip() for site in plan.sites]
    head = f"Plan `{plan.id}`, revision `{plan.revision or 'none'}`"
    facts = [code(text) for text in plain(facts_footer(plan)).splitlines()]
    return "\n\n".join([head, *blocks, *facts]) + "\n"


def _title(site: SitePlan) -> str:
    return f"### {cell(site.site)}: {cell(counts(site) or 'in sync')}"


def site_markdown(site: SitePlan) -> str:
    """All of one site but its heading."""
    # Another mark begins another list: with the same one both would be spaced out.
    cost = [f"* {name}: {cell(text)}" for name, text in costs(site)] if site.changes else []
    return "\n".join([body_markdown(site), *([""] if cost else []), *cost])


def body_markdown(site: SitePlan) -> str:
    """What is done and told, without what it takes: the same on sites that are alike."""
    rows: list[str] = []
    if site.changes:
        rows += ["", "| change | before | after | why |", "| --- | --- | --- | --- |"]
        rows += [
            f"| {c.action.value} {code(c.address)} | {code(short(c.before))} "
            f"| {code(short(c.after))} | {cell(f'{c.source.file}:{c.source.line}')} "
            f"({c.cause.value}) |"
            for c in site.changes
        ]
    brought = [
        f"- {code(c.address)}: {cell(one.told)}" for c in site.changes for one in c.then if one.told
    ]
    notes = [
        row
        for n in site.noted
        for row in (
            f"- {code(n.address)} {code(moved_span(n))}: {cell(n.text)}{_author(n.author)}",
            *(f"  - {code(below)}" for below in n.lines),
        )
    ]
    refused = [f"- **refused** {cell(p.slug)}: {code(p.found or p.what)}" for p in site.refusals]
    known = [row for finding in site.findings for row in _finding(finding)]
    if told := (*refused, *brought, *known, *notes):
        rows += ["", *told]
    return "\n".join(rows)


def _author(author: Author | None) -> str:
    """A login is a site's text."""
    return f" {code(by_whom(author).lstrip(', '))}" if author else ""


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- {code(headline(finding))}"
    for below in details(finding, with_link=False):
        yield f"  - {code(below)}"
    # A feed's licence may ask for a link that leads there; a plan file may come from anybody.
    address = link(finding.link)
    if address:
        yield f"  - <{address}>"


def cell(text: str) -> str:
    """Text of ours, with words of the fleet's files: it neither ends a table cell nor opens markup,
    names nobody and leads nowhere."""
    text = text.replace("@", "(at)").replace("://", ": //")
    for raw in "\\`*_{}[]<>|#!":
        text = text.replace(raw, "\\" + raw)
    return " ".join(text.split())


def code(text: str) -> str:
    """Text from anywhere in a code span, which it can neither end nor carry into the next cell.

    Only there does it name nobody (`@team`), lead nowhere (`https://…`) and stay what it is.
    """
    shown = visible(text, _CODE_CHARACTERS).replace("`", "'").replace("|", "\\|")
    return "`" + " ".join(shown.split()) + "`"
