"""What sites are fit for, as people read it."""

from collections.abc import Iterable, Iterator

from wpstate.model.fitness import Fit, Fitness
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.report.problems import problem_lines
from wpstate.resources.foreign_text import visible

_TONES = {
    Fit.FULL: Tone.GOOD,
    Fit.ATTENDED: Tone.WARN,
    Fit.OBSERVE: Tone.BAD,
    Fit.NONE: Tone.BAD,
}


def fitness_lines(found: Fitness) -> Iterator[Line]:
    """The site's answer, what was tried, and each gap with its mend."""
    yield (
        Part(found.site, Tone.STRONG),
        Part("  fit for: "),
        Part(found.fit.value, _TONES[found.fit]),
        Part(f"  {found.took_s:.1f} s", Tone.FAINT),
    )
    for one in found.tried:
        sign, tone = ("ok", Tone.GOOD) if one.ok else ("no", Tone.WARN)
        yield (
            Part(f"  {sign}  ", tone),
            Part(f"{one.need.replace('_', ' '):<11}"),
            Part(visible(one.found, 300), Tone.FAINT),
        )
    for gap in found.gaps:
        yield line()
        label = "note" if gap.fit is Fit.FULL else gap.fit.value
        yield from problem_lines(gap.problem, label=label)
    yield line()


def fleet_lines(found: Iterable[Fitness]) -> Iterator[Line]:
    """How many sites are fit for what."""
    fits = [one.fit for one in found]
    counted = ", ".join(f"{fits.count(fit)} {fit.value}" for fit in Fit if fit in fits)
    yield line(f"{len(fits)} site{'s' if len(fits) != 1 else ''}: {counted}.", Tone.STRONG)
