"""Tells people of a pass, and says on stderr how that went."""

from collections.abc import Mapping
from datetime import datetime

from wpstate.model.plan import SitePlan
from wpstate.model.problem import WpstateError
from wpstate.model.reconciled import Pass
from wpstate.model.site import SiteId
from wpstate.wiring import Wiring


def tell_people(
    wired: Wiring,
    done: Pass,
    planned: Mapping[SiteId, SitePlan],
    *,
    began_at: datetime,
    quiet: bool,
) -> None:
    """To be called once after each pass that was meant. Raises nothing of its own: no pass fails
    because nobody could be told of it."""
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.report.problems import problem_lines
    from wpstate.workflows.tell import tell

    fleet = wired.fleet()
    if not (fleet.telling.receivers or fleet.telling.heartbeat):
        return
    try:
        sent = tell(
            fleet,
            done,
            planned,
            began_at=began_at,
            now=wired.clock.now(),
            notices=wired.notices(),
            outgoing=wired.outgoing(),
            ledger=wired.ledger(),
        )
    except WpstateError as error:
        for problem in error.problems:
            say(problem_lines(problem, label="warning"), to_stderr=True)
        return
    if not quiet:
        say((line(f"Told: {title}", Tone.FAINT) for title in sent.titles), to_stderr=True)
    for problem in sent.problems:
        say(problem_lines(problem, label="warning"), to_stderr=True)
