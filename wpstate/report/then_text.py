"""What was asked of a site once, as people read it."""

from collections.abc import Iterator

from wpstate.model.state import short
from wpstate.model.then import AskedThen, Then
from wpstate.report.lines import Line, Part, Tone, line


def then_lines(told: Then) -> Iterator[Line]:
    yield line(f"{told.site} · git {told.revision[:12]} of {told.committed_at:%Y-%m-%d %H:%M} UTC",
               Tone.STRONG)  # fmt: skip
    yield line(_last(told), Tone.FAINT)
    yield line()
    if not told.resources:
        yield line("Nothing was asked of it.")
        return
    width = max(len(each.address) for each in told.resources)
    wanted = max(len(_want(each)) for each in told.resources)
    for each in told.resources:
        sign, tone = _sign(each)
        yield (
            Part(f"  {sign} ", tone),
            Part(f"{each.address:<{width}}  "),
            Part(f"{_want(each):<{wanted}}  ", Tone.STRONG),
            Part(_confirmed(each), tone),
            Part(f"  {each.where.file}:{each.where.line}" if each.where else "", Tone.FAINT),
        )


def _last(told: Then) -> str:
    run = told.last_run
    if run is None:
        return f"no run by {told.until:%Y-%m-%d %H:%M} UTC in this controller's ledger"
    at = f" at git {run.revision[:12]}" if run.revision else ""
    return f"last run {run.id}, {run.outcome.value}, {run.started_at:%Y-%m-%d %H:%M} UTC{at}"


def _want(each: AskedThen) -> str:
    return short(each.want) if each.want else "not asked"


def _sign(each: AskedThen) -> tuple[str, Tone]:
    if each.confirmed is None:
        return "?", Tone.FAINT
    if each.want is None:
        return "-", Tone.FAINT
    return ("=", Tone.GOOD) if each.confirmed.state == each.want else ("!", Tone.WARN)


def _confirmed(each: AskedThen) -> str:
    seen = each.confirmed
    if seen is None:
        return "unknown"
    return f"{short(seen.state)} ({seen.at:%Y-%m-%d %H:%M}, {seen.run})"
