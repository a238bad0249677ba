"""Before anything is staged: does the host bear this run? Each need is done there once.

What it is fit for is left to planning.fitness, a watchdog that lives on to the freeze itself.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from wpstate.model.fitness import Fit, Tried
from wpstate.model.problem import Refused
from wpstate.model.state import kind_of
from wpstate.planning.fitness import room, trial_gaps, web_tried
from wpstate.planning.privacy import private_tried, program_look
from wpstate.workflows.attempt import Attempt


@contextmanager
def proving_host(attempt: Attempt) -> Iterator[None]:
    """Try the host while the body looks at the site and proves whose address it is.

    Raises Refused (`host.*`) with every need that is not met; Failed where it cannot be reached.
    """
    trial = attempt.tools.open_trial(attempt.desired.site, attempt.before_changes)
    with ThreadPoolExecutor(1, "trial") as pool:
        core = any(kind_of(change.address) == "core" for change in attempt.changes)
        trying = pool.submit(trial.once, room(attempt.before_changes, core=core))
        yield
        private = tuple(_private(attempt))
        tried = (*trying.result(), *web_tried(attempt.before_changes, attempt.web), *private)
    enough = (Fit.FULL, Fit.ATTENDED) if attempt.tools.attended else (Fit.FULL,)
    lacking = [gap for gap in trial_gaps(attempt.desired, tried) if gap.fit not in enough]
    if lacking:
        raise Refused(gap.problem for gap in lacking)


def _private(attempt: Attempt) -> Iterator[Tried]:
    """Nobody can fetch the program of this very run from its state folder."""
    paths = attempt.before_changes.paths
    assert paths is not None
    program = f"{paths.state}/runs/{attempt.run}/net.sh"
    asked = program_look(attempt.desired.site.url, paths.wp, program)
    if asked is not None:
        (answered,) = attempt.look((asked,), with_token=False)
        yield private_tried(answered)
