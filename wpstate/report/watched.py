"""What a person who watches a command sees of it at one moment, folded from its events: the runs
under way, those that ended last, and how many there are of each sort.

How a terminal draws it is left to cli.live_table.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wpstate.model.progress import (
    Frozen,
    Looked,
    PhaseBegan,
    PhaseEnded,
    ProgressEvent,
    RunEnded,
    SetOut,
    Stopping,
    Thawed,
)
from wpstate.model.run import Outcome, Phase
from wpstate.model.site import SiteId
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.report.run_text import OUTCOME_TONES

HEAD = ("SITE", "PHASE", "SINCE", "FROZEN", "OUTCOME")
MOST_ROWS = 24
_COUNTED = {
    Outcome.ROLLED_BACK: "put back",
    Outcome.REFUSED: "refused",
    Outcome.FAILED: "failed",
    Outcome.NEEDS_ATTENTION: "need attention",
}


@dataclass(frozen=True, slots=True)
class _Site:
    phase: Phase | None
    since_s: float
    """On the clock of whoever watches: of the phase, or of the end."""
    text: str = ""
    frozen_from_s: float | None = None
    frozen_s: float | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    rows: tuple[tuple[Part, ...], ...]
    """Cells as HEAD names them."""
    foot: tuple[Line, ...]


@dataclass(slots=True)
class Watched:
    _looked: Looked | None = None
    _set_out: set[SiteId] = field(default_factory=set)
    _sites: dict[SiteId, _Site] = field(default_factory=dict)
    """Under way or ended, in the order in which they last began or ended."""
    _stopping: Stopping | None = None

    @property
    def under_way(self) -> int:
        return sum(each.outcome is None for each in self._sites.values())

    def take(self, event: ProgressEvent, now_s: float) -> None:
        match event:
            case Looked():
                self._looked = event
            case SetOut():
                self._looked = None
                self._set_out.update(event.sites)
            case Stopping():
                self._stopping = event
            case PhaseBegan():
                self._looked = None
                known = self._sites.get(event.site)
                if known is None or known.outcome is not None:
                    self._sites.pop(event.site, None)
                    known = _Site(None, now_s)
                began = replace(known, phase=event.phase, since_s=now_s, text=event.text)
                self._sites[event.site] = began
            case PhaseEnded():
                pass  # the next one begins at once, or the run ends
            case Frozen():
                self._change(event.site, frozen_from_s=now_s)
            case Thawed():
                self._change(event.site, frozen_s=event.frozen_s)
            case RunEnded():
                known = self._sites.pop(event.site, None) or _Site(None, now_s)
                frozen_s = known.frozen_s if event.frozen_s is None else event.frozen_s
                self._sites[event.site] = replace(
                    known, since_s=now_s, outcome=event.outcome, frozen_s=frozen_s
                )

    def _change(self, site: SiteId, **values: float) -> None:
        if site in self._sites:
            self._sites[site] = replace(self._sites[site], **values)  # type: ignore[arg-type]

    def picture(self, now_s: float, most_rows: int = MOST_ROWS) -> Picture:
        """The runs under way, then those that ended last; what is in sync is only counted."""
        under_way = [(s, each) for s, each in self._sites.items() if each.outcome is None]
        ended = [
            (s, each)
            for s, each in reversed(self._sites.items())
            if each.outcome not in (None, Outcome.IN_SYNC)
        ]
        shown = (*under_way, *ended)[: max(0, most_rows)]
        return Picture(tuple(_row(site, each, now_s) for site, each in shown), tuple(self._foot()))

    def _foot(self) -> Iterator[Line]:
        looked = self._looked
        if looked is not None:
            yield looked_line(looked)
        if self._sites or self._set_out:
            yield line(", ".join(self._counts()), Tone.FAINT)
        if self._stopping is not None and self.under_way:
            yield stopping_line(replace(self._stopping, runs=self.under_way))

    def _counts(self) -> Iterator[str]:
        outcomes = Counter(each.outcome for each in self._sites.values())
        under_way = outcomes.pop(None, 0)
        total = len(self._set_out | self._sites.keys())
        yield f"{outcomes.total()} of {total} done"
        yield f"{under_way} under way"
        yield from (f"{outcomes[each]} {word}" for each, word in _COUNTED.items() if outcomes[each])


def looked_line(looked: Looked) -> Line:
    told = f"looking at {_many(looked.sites, 'site')} on {_many(looked.accounts, 'account')}"
    return line(f"{told}: {looked.answered} answered", Tone.FAINT)


def stopping_line(stopping: Stopping) -> Line:
    if stopping.again:
        told = f"stopping: {_many(stopping.runs, 'run')} left to the hosts, which end them"
    elif stopping.runs == 1:
        told = "stopping: 1 run finishes or undoes its step; once more leaves it to its host"
    else:
        told = (
            f"stopping: {stopping.runs} runs finish or undo their step; once more leaves them "
            "to their hosts"
        )
    return line(told, Tone.WARN)


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _row(site: SiteId, each: _Site, now_s: float) -> tuple[Part, ...]:
    frozen_s = each.frozen_s
    waiting = frozen_s is None and each.frozen_from_s is not None
    if waiting and each.frozen_from_s is not None:
        frozen_s = now_s - each.frozen_from_s
    phase = each.phase.value if each.phase else ""
    over = each.outcome is not None
    return (
        Part(site),
        Part(f"{phase} {each.text}".rstrip(), Tone.FAINT if over else Tone.CHANGE),
        Part(_seconds(now_s - each.since_s), Tone.FAINT),
        Part("" if frozen_s is None else _seconds(frozen_s), Tone.WARN if waiting else Tone.FAINT),
        Part(each.outcome.value, OUTCOME_TONES[each.outcome]) if each.outcome else Part(""),
    )


def _seconds(number: float) -> str:
    return f"{number:.0f} s"
