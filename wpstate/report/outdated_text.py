"""New versions as people read them."""

from collections.abc import Iterator, Sequence

from wpstate.model.bump import Outdated, Standing
from wpstate.report.lines import Line, Part, Tone, line

_SIGNS = {
    Standing.CURRENT: ("=", Tone.GOOD),
    Standing.PROPOSED: ("↑", Tone.CHANGE),
    Standing.WAITING: ("…", Tone.WARN),
    Standing.UNKNOWN: ("?", Tone.FAINT),
}


def outdated_lines(found: Sequence[Outdated], *, every: bool) -> Iterator[Line]:
    """What is not current; `every`: that too."""
    shown = [each for each in found if every or each.standing is not Standing.CURRENT or each.why]
    names = max((len(_name(each)) for each in shown), default=0)
    versions = max((len(_versions(each)) for each in shown), default=0)
    for each in shown:
        sign, tone = _SIGNS[each.standing]
        yield (
            Part(f"  {sign} ", tone),
            Part(f"{_name(each):<{names}}  "),
            Part(f"{_versions(each):<{versions}}  ", Tone.STRONG),
            Part(_told(each), Tone.FAINT),
        )
        for why in each.why:
            yield line(f"      {why}", Tone.PLAIN if each.standing is Standing.PROPOSED else tone)
    yield _summary(found)


def _name(each: Outdated) -> str:
    return "core" if each.kind == "core" else f"{each.kind}.{each.slug}"


def _versions(each: Outdated) -> str:
    to = each.proposed or each.newest
    return each.approved if to in (None, each.approved) else f"{each.approved} → {to}"


def _told(each: Outdated) -> str:
    words = [f"{each.sites} site{'' if each.sites == 1 else 's'}"]
    if each.pinned:
        words.append(f"{each.pinned} pinned elsewhere")
    if each.step:
        words.insert(0, each.step.value)
    if each.released_at and each.proposed in (None, each.newest):
        words.append(f"released or first seen {each.released_at:%Y-%m-%d}")
    if each.group is not None:
        words.append(f"moves with {each.group}")
    return " · ".join(words)


def _summary(found: Sequence[Outdated]) -> Line:
    count = {standing: sum(1 for e in found if e.standing is standing) for standing in Standing}
    said = [f"{count[Standing.PROPOSED]} to propose", f"{count[Standing.WAITING]} waiting"]
    if count[Standing.UNKNOWN]:
        said.append(f"{count[Standing.UNKNOWN]} unknown")
    told = f"{', '.join(said)}, {count[Standing.CURRENT]} current."
    if count[Standing.PROPOSED]:
        return line(f"{told} Next: wpstate bump", Tone.STRONG)
    return line(told, Tone.STRONG)
