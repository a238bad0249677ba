"""Runs as text: the story of one, the table of many."""

from collections.abc import Iterable

from wpstate.model.authority import Authority
from wpstate.model.run import Outcome, Run
from wpstate.report.lines import Line, Part, Tone, columns, line
from wpstate.report.moves import change_span
from wpstate.report.problems import problem_lines

OUTCOME_TONES = {
    Outcome.IN_SYNC: Tone.GOOD,
    Outcome.APPLIED: Tone.GOOD,
    Outcome.REFUSED: Tone.WARN,
    Outcome.ROLLED_BACK: Tone.WARN,
    Outcome.NEEDS_ATTENTION: Tone.BAD,
    Outcome.FAILED: Tone.BAD,
}


def run_lines(run: Run) -> Iterable[Line]:
    """Everything about one run."""
    yield (
        Part(f"{run.site}: "),
        Part(run.outcome.value, OUTCOME_TONES[run.outcome]),
        Part(f"  run {run.id}, {run.took_s:.1f} s, visitors waited {_frozen(run)}", Tone.FAINT),
    )
    for change in run.changes:
        yield line(f"  {change.address} {change_span(change)}")
    told = {problem.found for problem in run.reasons}
    for check in run.checks:
        if not check.passed and str(check) not in told:
            yield (Part("  ✗ ", Tone.BAD), Part(str(check)))
    if run.checks and all(c.passed for c in run.checks):
        yield line(f"  ✓ {len(run.checks)} checks passed", Tone.GOOD)
    for address in run.in_background:
        going = f"{address} goes on in background: `wpstate plan {run.site}` tells when it is done"
        yield (Part("  ~ ", Tone.WARN), Part(going))
    for purged in run.caches:
        if purged.proven:
            yield line(f"  ✓ {purged.cache} purged: {purged.detail}", Tone.GOOD)
        else:
            yield line(f"  ! {purged.cache} may keep old pages: {purged.detail}", Tone.WARN)
    for problem in run.reasons:
        yield from problem_lines(problem, label="reason")
    if run.authority is not None:
        yield line(f"  {_word(run, run.authority)}", Tone.FAINT)
    phases = ", ".join(f"{p.phase.value} {p.took_s:.1f}" for p in run.phases)
    yield line(f"  phases (s): {phases}", Tone.FAINT)


def runs_lines(runs: Iterable[Run]) -> Iterable[Line]:
    """A table, newest first as given."""
    rows = [("RUN", "SITE", "OUTCOME", "BEGAN (UTC)", "TOOK", "FROZEN", "CHANGES")]
    rows += [
        (
            run.id,
            run.site,
            run.outcome.value,
            f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            f"{run.took_s:.1f} s",
            _frozen(run),
            _changes(run),
        )
        for run in runs
    ]
    if len(rows) == 1:
        yield line("No runs yet.")
        return
    head, *body = columns(rows)
    yield line(head, Tone.STRONG)
    for text in body:
        yield line(text)


def _word(run: Run, authority: Authority) -> str:
    """Names are a commit's text."""
    words = [f"plan {authority.digest[:12]}" + (" as agreed to" if authority.agreed else "")]
    words += [f"commit {run.revision[:12]}"] if run.revision else []
    words += [f"by {authority.author}"] if authority.author else []
    words += [f"approved by {', '.join(authority.approvers)}"] if authority.approvers else []
    words += [f"because of {authority.why}"] if authority.why else []
    return ", ".join(words)


def _frozen(run: Run) -> str:
    return "0 s" if run.frozen_s is None else f"{run.frozen_s:.1f} s"


def _changes(run: Run) -> str:
    if not run.changes:
        return run.reasons[0].slug if run.reasons else ""
    first = run.changes[0]
    more = f" (+{len(run.changes) - 1})" if len(run.changes) > 1 else ""
    return f"{first.address} {change_span(first)}{more}"
