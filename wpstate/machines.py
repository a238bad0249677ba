"""Joins what a worker of several machines needs to what carries out a job. Its adapters are built
here; all else is wiring's.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.run import Run
from wpstate.report.record import plan_from_text
from wpstate.wiring import Wiring
from wpstate.workflows.handed_over import HandedOver, Noted, carry_out
from wpstate.workflows.judged_anew import EarlierRings, held_back

if TYPE_CHECKING:
    from wpstate.adapters.site_processes import SiteProcesses
    from wpstate.adapters.worker import Worker


def worker(
    wired: Wiring,
    at_once: int,
    *,
    told: Callable[[Run], None],
    failed: Callable[[Exception], None],
) -> "Worker":
    """What works runs off the queue. Raises UsageError (`usage.worker`, `database.driver`)."""
    queue = wired.queue()
    from wpstate.adapters.postgres import PostgresDatabase
    from wpstate.adapters.worker import Worker

    earlier = EarlierRings()

    def carried_out(text: str, began: str | None, noted: Noted, runs: "SiteProcesses") -> Run:
        def begin(plan: Plan, fleet: Fleet, run_id: str) -> Run:
            return runs.run(plan, fleet, run_id=run_id, foreign=True)

        job = HandedOver(plan_from_text(text, "a job of the queue"), began)
        with wired.anew() as now:
            judge = partial(
                held_back,
                earlier=earlier,
                observer=now.probe(),
                clock=now.clock,
                facts=now.facts() if now.fleet().facts else None,
            )
            return carry_out(job, now.fleet(), now.tools(), begin, noted, judge)

    assert isinstance(wired.database, PostgresDatabase)
    return Worker(
        wired.database,
        queue,
        carried_out,
        lambda progress: wired.processes(also=progress),
        at_once=at_once,
        told=told,
        failed=failed,
    )
