"""Keeps what a pass over the fleet came to, and tells the figures of those that are kept."""

from datetime import datetime

from wpstate import __version__
from wpstate.model.passes import KeptPass
from wpstate.model.problem import Failed, Problem
from wpstate.model.reconciled import Pass
from wpstate.model.site import SiteId
from wpstate.planning.figures import kept_sites, latest
from wpstate.ports import Clock, Ledger, Passes
from wpstate.report.metrics import metrics_text


def keep_pass(
    done: Pass,
    passes: Passes,
    clock: Clock,
    *,
    fleet: str,
    asked: tuple[str, ...],
    began: datetime,
    began_s: float,
) -> None:
    """`began_s`: the same by the monotonic clock. Raises Failed (`database.unusable`)."""
    took_s = round(clock.monotonic_s() - began_s, 3)
    sites = kept_sites(done, latest(passes.latest(fleet)), clock.now())
    named = tuple(map(SiteId, asked))
    passes.add(KeptPass(fleet, named, began, took_s, sites, done.halted))


def metrics(passes: Passes, ledger: Ledger) -> str:
    """OpenMetrics text (report.metrics). Raises Failed (`database.unusable`)."""
    kept = passes.latest()
    last = {each.fleet: each for each in reversed(kept)}
    return metrics_text(latest(kept), last.values(), ledger.tally(), __version__)


def require_fresh(passes: Passes, clock: Clock, at_most_s: int) -> None:
    """Raises Failed (`metrics.stale`) where the last pass of a fleet ended longer ago, or none
    ever did."""
    now = clock.now()
    last = {each.fleet: each for each in reversed(passes.latest())}
    ages_s = {
        name: (now - each.started_at).total_seconds() - each.took_s for name, each in last.items()
    }
    late = [f"{name}: {age_s:.0f} s ago" for name, age_s in ages_s.items() if age_s > at_most_s]
    if late or not ages_s:
        raise Failed(
            [
                Problem(
                    "metrics.stale",
                    "no pass over the fleet has ended of late",
                    found="; ".join(sorted(late)) or "none ever did",
                    why=f"at most {at_most_s} s were asked for",
                    mend="look at what the service says, or try wpstate reconcile --once",
                )
            ]
        )
