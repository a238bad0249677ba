"""Troubles as people are told of them: title and plain text. Digests are left to digest_text.

A title of a ticket depends on fleet and cause alone: its end is found by it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from wpstate.model.site import SiteId
from wpstate.model.telling import (
    Acknowledgement,
    Ended,
    Held,
    Lasting,
    News,
    Sort,
    Trouble,
    What,
)
from wpstate.report.lines import Line, Tone, columns, line

SORT_WORDS = {
    Sort.SITE_DOWN: "Site down",
    Sort.NEEDS_ATTENTION: "Needs attention",
    Sort.SILENT: "wpstate was silent",
    Sort.ROLLED_BACK: "Rolled back",
    Sort.REFUSED: "Refused",
    Sort.VULNERABLE: "Vulnerable",
    Sort.DRIFT: "Drift",
}
_WHY = {
    What.BEGAN: "",
    What.SPREAD: "It has spread to more sites.",
    What.STILL: "It is still so, a day after this was last told.",
    What.UNHUSHED: "It was acknowledged, and is still so or has spread.",
    What.TICKET: "",
}
_SHOWN_SITES = 50
LONGEST_CHARS = 8000


def notice(fleet: str, news: News) -> tuple[str, str, str]:
    """Title, text and tone of all but a digest."""
    if news.what is What.HELD:
        title = f"{fleet}: {_count(len(news.held), 'message')} held back over quiet hours"
        return title, bounded(_held(news.held)), "warning"
    if news.what is What.TICKET_ENDED:
        (ended,) = news.ended
        text = (f"Well again: {ended_line(ended)}", "", f"cause  {ended.trouble.cause}")
        return _title(fleet, ended.trouble), bounded(text), "success"
    assert news.lasting is not None
    each = news.lasting
    return _title(fleet, each.trouble), bounded(_lines(each, _WHY[news.what])), "failure"


def bounded(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= LONGEST_CHARS else text[: LONGEST_CHARS - 2] + "\n…"


def headline(trouble: Trouble) -> str:
    return f"{SORT_WORDS[trouble.sort]}: {trouble.text}{_on(trouble)}"


def ended_line(ended: Ended) -> str:
    lasted = f"{_moment(ended.since)} to {_moment(ended.at)}"
    return f"{headline(ended.trouble)}, {lasted}"


def acknowledged_words(
    cause: str, sites: frozenset[SiteId], known: Iterable[Acknowledgement], now: datetime
) -> tuple[str, ...]:
    """Who acknowledged a cause, or some of its sites, until when and why."""
    return tuple(
        f"acknowledged{'' if each.named == cause else f' for {each.named}'} by {each.by}"
        f" until {_moment(each.until)}: {each.why}"
        for each in known
        if each.until > now
        for covers, covered in each.covers
        if covers == cause and (each.named == cause or sites & frozenset(covered))
    )


def acknowledged_lines(
    sites: frozenset[SiteId],
    lasting: Sequence[Lasting],
    known: Sequence[Acknowledgement],
    now: datetime,
) -> Iterator[Line]:
    """Below a plan: what somebody knows already of these sites."""
    for each in lasting:
        if each.trouble.names & sites:
            for words in acknowledged_words(each.trouble.cause, each.trouble.names, known, now):
                yield line(f"{headline(each.trouble)}: {words}", Tone.FAINT)


def lasting_lines(
    lasting: Sequence[Lasting], known: Sequence[Acknowledgement], now: datetime
) -> Iterator[Line]:
    """All that lasts as a table, acknowledged or not."""
    if not lasting:
        yield line("Nothing to acknowledge.", Tone.FAINT)
        return
    rows = [("CAUSE", "SINCE (UTC)", "SITES", "")]
    for each in lasting:
        words = acknowledged_words(each.trouble.cause, each.trouble.names, known, now)
        names = " ".join(site for site, _ in each.trouble.sites[:3])
        more = len(each.trouble.sites) - 3
        shown = f"{names} and {more} more" if more > 0 else names
        rows.append((each.trouble.cause, f"{each.since:%Y-%m-%d %H:%M}", shown, "; ".join(words)))
    first, *body = columns(rows)
    yield line(first, Tone.STRONG)
    for text, row in zip(body, rows[1:], strict=True):
        yield line(text, Tone.FAINT if row[3] else Tone.WARN)


def _title(fleet: str, trouble: Trouble) -> str:
    return f"{fleet}: {SORT_WORDS[trouble.sort]}: {trouble.text}"


def _lines(each: Lasting, why: str) -> Iterator[str]:
    trouble = each.trouble
    yield f"{SORT_WORDS[trouble.sort]}: {trouble.text}"
    yield f"since {_moment(each.since)}"
    if why:
        yield why
    if trouble.sites:
        yield ""
    yield from site_lines(trouble)
    yield ""
    yield f"cause  {trouble.cause}"
    if trouble.sort is not Sort.SILENT:
        yield f"To hear no more of it: wpstate acknowledge {trouble.cause} --until 3d --why TEXT"


def site_lines(trouble: Trouble, most: int = _SHOWN_SITES) -> Iterator[str]:
    """Each with what was found there; what all of them share is said once."""
    details = {detail for _, detail in trouble.sites}
    if len(trouble.sites) > 1 and len(details) == 1:
        yield f"  on each: {next(iter(details))}"
    for site, detail in trouble.sites[:most]:
        yield f"  {site}" if len(details) == 1 < len(trouble.sites) else f"  {site}: {detail}"
    if len(trouble.sites) > most:
        yield f"  and {len(trouble.sites) - most} more"


def _held(held: Iterable[Held]) -> Iterator[str]:
    for each in held:
        well = f", well again {_moment(each.ended_at)}" if each.ended_at else ", still so"
        yield f"{headline(each.trouble)}, since {_moment(each.since)}{well}"
        yield from site_lines(each.trouble, 10)
        yield f"  cause  {each.trouble.cause}"


def _on(trouble: Trouble) -> str:
    if not trouble.sites:
        return ""
    if len(trouble.sites) == 1:
        return f", on {trouble.sites[0][0]}"
    return f", on {len(trouble.sites)} sites"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _moment(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"
