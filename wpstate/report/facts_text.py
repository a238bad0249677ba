"""Facts about versions as people read them: findings of a site, feeds with their age, and what the
licences of feeds ask to be shown."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from wpstate.model.facts import FeedState, Finding, Response
from wpstate.model.plan import Plan
from wpstate.model.state import Address
from wpstate.report.lines import Line, Part, Tone, columns, line

_SHOWN_UNKNOWN = 5
_TONES = {
    Response.UPDATE: ("!", Tone.BAD),
    Response.MITIGATE: ("~", Tone.WARN),
    Response.ACCEPT: ("=", Tone.FAINT),
}
_WORDS = {
    Response.UPDATE: "update at once",
    Response.MITIGATE: "mitigated",
    Response.ACCEPT: "accepted",
}
NO_FEED = "Known vulnerabilities: unknown, since fleet.yml names no feed (`facts`)"


def finding_lines(
    findings: Iterable[Finding], unknown: Iterable[Address], feeds: tuple[FeedState, ...]
) -> Iterator[Line]:
    """The block of one site; nothing where there is no feed, which is told once for all sites."""
    found = tuple(findings)
    if found:
        yield line("What is known of these versions", Tone.STRONG)
    for each in found:
        sign, tone = _TONES[each.response] if each.response else ("!", Tone.WARN)
        yield (Part(f"  {sign} ", tone), Part(headline(each), tone))
        for below in details(each):
            yield line(f"      {below}", Tone.FAINT)
    dark = tuple(unknown)
    if dark and feeds:
        more = f" and {len(dark) - _SHOWN_UNKNOWN} more" if len(dark) > _SHOWN_UNKNOWN else ""
        names = ", ".join(dark[:_SHOWN_UNKNOWN])
        yield line(f"  ? unknown, no fresh feed tells of it: {names}{more}", Tone.WARN)
    if found or (dark and feeds):
        yield line()


def headline(finding: Finding) -> str:
    """`plugins.x 1.0: update at once, critical 9.8, CVE-2026-21001`."""
    words = [_WORDS[finding.response]] if finding.response else [finding.sort]
    if finding.severity:
        points = f" {finding.score:.1f}" if finding.score is not None else ""
        words.append(f"{finding.severity.value}{points}")
    words.extend(finding.cves or ([finding.id] if finding.id else []))
    beside = "" if finding.managed else " (not managed)"
    return f"{finding.address} {finding.version or '?'}{beside}: {', '.join(words)}"


def details(finding: Finding, *, with_link: bool = True) -> Iterator[str]:
    yield finding.text
    if finding.answer:
        yield finding.answer
    if finding.sort == "vulnerable":
        yield finding.after or _mend(finding)
    if finding.link and with_link:
        yield f"{finding.link} ({finding.feed})"


def _mend(finding: Finding) -> str:
    if not finding.fixed_in:
        return "no version that mends it is known"
    return f"mended in {' or '.join(finding.fixed_in)}"


def feed_lines(feeds: Iterable[FeedState], now: datetime) -> Iterator[Line]:
    """A line for each feed, with the age of what is kept of it."""
    rows = [("FEED", "AGE", "RECORDS", "FROM")]
    states = tuple(feeds)
    rows += [(f.feed, age(f, now), f"{f.records:,}" if f.kept_at else "-", f.place) for f in states]
    head, *body = columns(rows)
    yield line(head, Tone.STRONG)
    for state, text in zip(states, body, strict=True):
        yield line(text, Tone.PLAIN if state.is_fresh else Tone.WARN)
        if state.left_out:
            yield line(f"  {state.left_out} records were not understood", Tone.WARN)
        if state.error:
            yield line(f"  the last try failed: {state.error}", Tone.BAD)
        if not state.is_fresh:
            yield line("  what it does not tell is unknown, not safe", Tone.WARN)


def facts_footer(plan: Plan) -> Iterator[Line]:
    """Below a plan: what the findings rest on, and what licences ask to be shown with them."""
    if not plan.feeds:
        yield line(NO_FEED, Tone.FAINT)
        return
    told = (f"{feed.feed} {age(feed, plan.made_at)}" for feed in plan.feeds)
    yield line(f"Facts: {', '.join(told)}", Tone.FAINT)
    for notice in notices(finding for site in plan.sites for finding in site.findings):
        yield line(notice, Tone.FAINT)


def notices(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Each once, in the order of the findings."""
    return tuple(dict.fromkeys(text for finding in findings for text in finding.notices))


def age(feed: FeedState, now: datetime) -> str:
    """`3 h old`, `9 d old: stale`, `never fetched`."""
    if feed.kept_at is None:
        return "never fetched"
    seconds = max(0, int((now - feed.kept_at).total_seconds()))
    for unit, size_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size_s:
            return f"{seconds // size_s} {unit} old{'' if feed.is_fresh else ': stale'}"
    return "just fetched"
