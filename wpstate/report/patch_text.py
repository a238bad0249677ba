"""An urgent patch as a table: what became of each site, and what the fleet's files need now."""

from collections.abc import Iterable

from wpstate.model.patch import Overtaken, PatchedSite, Patching
from wpstate.model.reconciled import Standing
from wpstate.model.state import short
from wpstate.report.lines import Line, Tone, columns, line
from wpstate.report.pass_text import STANDING_TONES
from wpstate.report.problems import problem_lines
from wpstate.report.run_text import OUTCOME_TONES

_STILL = (Standing.DUE, Standing.WAITS, Standing.HALTED)


def patching_lines(done: Patching) -> Iterable[Line]:
    what = f"{done.plugin} {done.version}" if done.version else f"{done.plugin}, switched off"
    yield line(f"Patch: {what}", Tone.STRONG)
    if done.sha256:
        yield line(f"sha256 {done.sha256}", Tone.FAINT)
    rings = any(each.ring for each in done.sites)
    head = ("SITE", "BEFORE", "GIT", "STANDING", "")
    rows: list[tuple[str, ...]] = [("RING", *head) if rings else head]
    rows += [_row(each, rings=rings) for each in done.sites]
    first, *body = columns(rows)
    yield line(first, Tone.STRONG)
    for each, text in zip(done.sites, body, strict=True):
        tone = OUTCOME_TONES[each.run.outcome] if each.run else STANDING_TONES[each.standing]
        yield line(text, tone)
    if done.halted:
        yield line(f"Stopped: {done.halted}", Tone.BAD)
    if done.follow_up:
        yield line()
        yield line("Git asks for less; until this is merged, passes only tell of it",
                   Tone.WARN)  # fmt: skip
        for one in done.follow_up:
            yield line(f"  {one.at.file}:{one.at.line}  {'.'.join(one.keys)}: {_move(one)}")
    if done.branch:
        yield line(f"Written as the branch {done.branch}: propose and merge it", Tone.STRONG)
    for problem in done.unwritten:
        yield from problem_lines(problem, label="warning")
    left = sum(each.standing in _STILL for each in done.sites)
    have = "1 site has" if len(done.sites) == 1 else f"{len(done.sites)} sites have"
    yield line(f"{have} it or could not be asked, {left} still to be changed", Tone.STRONG)


def _move(one: Overtaken) -> str:
    after = (
        one.after
        if isinstance(one.after, str)
        else "{" + ", ".join(f"{key}: {value}" for key, value in one.after) + "}"
    )
    return f"{one.before} → {after}" if one.before else after


def _row(each: PatchedSite, *, rings: bool) -> tuple[str, ...]:
    word = each.run.outcome.value if each.run else each.standing.value
    before = short(each.before) if each.before else "?"
    told = each.told
    if each.overrides is not None:
        past = f"past {each.overrides.file}:{each.overrides.line}"
        told = f"{told}; {past}" if told else past
    row = (str(each.site), before, each.git, word, told)
    return ((each.ring or ""), *row) if rings else row
