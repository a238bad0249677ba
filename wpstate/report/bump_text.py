"""What a proposal of new versions says: to git, to whoever reviews it, and at the terminal.

Words of authors stand indented, so that Markdown takes them for code, with nothing in them that a
forge would act upon.
"""

from collections.abc import Iterator, Mapping, Sequence

from wpstate.model.bump import Component, Name, Outdated
from wpstate.model.proposed import Came, Proposed, RingShare
from wpstate.report.lines import Line, Tone, line
from wpstate.report.problems import problems_lines
from wpstate.resources.changelog import inert, until_version

_MOST_LINES = 40
_MOST_CHARACTERS = 3000
_MOST_NAMED = 3


def title_of(parts: Sequence[Outdated]) -> str:
    urgent = "Security: update" if any(part.mends for part in parts) else "Update"
    if len(parts) == 1:
        (part,) = parts
        return f"{urgent} {_called(part)} from {part.approved} to {part.proposed}"
    names = [_called(part) for part in parts]
    more = len(names) - _MOST_NAMED
    told = ", ".join(names[:_MOST_NAMED])
    return f"{urgent} {told} and {more} more" if more > 0 else f"{urgent} {told}"


def body_of(
    parts: Sequence[Outdated],
    components: Mapping[Name, Component],
    rings: Sequence[RingShare],
) -> str:
    """The same text for the same proposal, whatever the time."""
    return "\n".join(_body(parts, components, rings)) + "\n"


def _body(
    parts: Sequence[Outdated],
    components: Mapping[Name, Component],
    rings: Sequence[RingShare],
) -> Iterator[str]:
    for part in parts:
        step = part.step.value if part.step else ""
        yield f"- {_called(part)} {part.approved} → {part.proposed} ({step})"
        if part.mends:
            yield f"  mends {inert(', '.join(part.mends))}"
        if part.pinned:
            yield f"  {part.pinned} of its sites ask for another version and stay"
    yield ""
    yield f"Sites: {sum(ring.sites for ring in rings)}"
    yield from (f"- {ring.ring}: {ring.sites}" for ring in rings if ring.ring)
    for part in parts:
        said = _changelog(components[Name(part.kind, part.slug)])
        if said:
            yield ""
            yield f"What the authors of {_called(part)} say, as they say it:"
            yield ""
            yield from (f"    {each}" for each in said)


def _changelog(component: Component) -> list[str]:
    told: list[str] = []
    left = _MOST_CHARACTERS
    for each in until_version(component.listed.changelog, component.approved):
        left -= len(each)
        if left < 0 or len(told) == _MOST_LINES:
            return [*told, "…"]
        told.append(inert(each))
    return told


def _called(part: Outdated) -> str:
    return "WordPress" if part.kind == "core" else part.slug


_TOLD = {
    Came.WOULD: ("would be proposed", Tone.CHANGE),
    Came.MADE: ("proposed", Tone.GOOD),
    Came.UPDATED: ("brought up to date", Tone.GOOD),
    Came.SAME: ("proposed already", Tone.FAINT),
    Came.NOTHING: ("there already", Tone.FAINT),
    Came.STALE: ("stands, and nothing proposes it any more: close it", Tone.WARN),
    Came.HELD: ("not proposed", Tone.WARN),
}


def bump_lines(several: Sequence[Proposed]) -> Iterator[Line]:
    for each in several:
        told, tone = _TOLD[each.came]
        yield line(f"{each.title}: {told}", tone)
        if each.came is Came.STALE:
            yield line(f"  branch {each.branch}")
            continue
        sites = sum(ring.sites for ring in each.rings)
        named = ", ".join(f"{ring.ring} {ring.sites}" for ring in each.rings if ring.ring)
        yield line(f"  branch {each.branch} · {sites} sites{f': {named}' if named else ''}")
        if each.declined:
            yield line(f"  was closed by people, and stays so: {each.pull_request}", Tone.WARN)
        elif each.pull_request:
            yield line(f"  {each.pull_request}")
        yield from (line(f"  Next: {words}", Tone.STRONG) for words in each.to_type)
        yield from problems_lines(each.problems)
    if not several:
        yield line("Nothing to propose: wpstate outdated tells what waits.", Tone.GOOD)
