"""Problems as text and JSON: what, where, found, why, mend. Collecting them is left to who finds
them; values are made visible here, since they may come from anywhere."""

import json
from collections.abc import Iterable, Iterator

from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.resources.foreign_text import visible


def problem_lines(problem: Problem, *, label: str = "error") -> Iterator[Line]:
    """The block of one problem; `label` says what it did: error, refusal, reason."""
    yield (
        Part(f"{label}[{problem.slug}]", Tone.BAD),
        Part(f": {visible(problem.what)}", Tone.STRONG),
    )
    rows = (
        ("where", _where(problem)),
        ("found", problem.found),
        ("why", problem.why),
        ("mend", problem.mend),
    )
    for name, text in rows:
        if text:
            yield (Part(f"  {name:<7}", Tone.FAINT), Part(visible(text, limit=2000)))


def problems_lines(problems: Iterable[Problem], *, label: str = "error") -> Iterator[Line]:
    """All blocks with an empty line between, and how many there are at the end."""
    count = 0
    for count, problem in enumerate(problems, start=1):
        if count > 1:
            yield line()
        yield from problem_lines(problem, label=label)
    if count > 1:
        yield line()
        yield line(f"{count} problems.", Tone.STRONG)


def problems_json(problems: Iterable[Problem]) -> str:
    """The same facts as JSON, described by schemas/problems.schema.json."""
    document = {"problems": [_facts(problem) for problem in problems]}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _where(problem: Problem) -> str | None:
    place = str(problem.where) if problem.where else None
    over = f"(overrides {problem.overrides})" if problem.overrides else None
    return "   ".join(part for part in (place, problem.key, over) if part) or None


def _facts(problem: Problem) -> dict[str, object]:
    return {
        "slug": problem.slug,
        "what": problem.what,
        "where": _place(problem.where),
        "key": problem.key,
        "overrides": _place(problem.overrides),
        "found": problem.found,
        "why": problem.why,
        "mend": problem.mend,
    }


def _place(span: SourceSpan | None) -> dict[str, object] | None:
    return {"file": span.file, "line": span.line, "column": span.column} if span else None
