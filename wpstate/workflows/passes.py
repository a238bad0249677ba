"""Keeps what a pass over the fleet came to, and tells the figures of those that are kept."""

from datetime import datetime, timedelta

from wpstate import __version__
from wpstate.model.passes import FailedPass, KeptPass
from wpstate.model.problem import Failed, Problem, UsageError
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


def keep_failure(passes: Passes, clock: Clock, *, fleet: str, found: str) -> None:
    """Of a pass that did not come to its end. Raises Failed (`database.unusable`)."""
    passes.add_failure(FailedPass(fleet, clock.now(), found))


def metrics(passes: Passes, ledger: Ledger) -> str:
    """OpenMetrics text (report.metrics). Raises Failed (`database.unusable`)."""
    kept = passes.latest()
    last = {each.fleet: each for each in reversed(kept)}
    failures = passes.failures()
    return metrics_text(latest(kept), last.values(), ledger.tally(), __version__, failures)


def require_fresh(passes: Passes, clock: Clock, at_most_s: int) -> None:
    """Raises Failed (`metrics.stale`) where the last pass of a fleet ended longer ago, or none
    ever did."""
    now = clock.now()
    last = {each.fleet: each for each in reversed(passes.latest())}
    ends = {name: each.started_at + timedelta(seconds=each.took_s) for name, each in last.items()}
    failures = {each.fleet: each for each in passes.failures()}
    late = []
    for name in sorted(ends.keys() | failures.keys()):
        end, failed = ends.get(name), failures.get(name)
        if end is not None and (now - end).total_seconds() <= at_most_s:
            continue
        told = f"{name}: {(now - end).total_seconds():.0f} s ago" if end else f"{name}: never"
        if failed is not None and (end is None or failed.at > end):
            tried_s = (now - failed.at).total_seconds()
            told += f", and one failed {tried_s:.0f} s ago ({failed.found})"
        late.append(told)
    if late or not ends:
        raise Failed(
            [
                Problem(
                    "metrics.stale",
                    "no pass over the fleet has ended of late",
                    found="; ".join(late) or "none ever did",
                    why=f"at most {at_most_s} s were asked for",
                    mend="look at what the service says, or try wpstate reconcile --once; a fleet "
                    "that is no more: wpstate metrics --forget NAME",
                )
            ]
        )


def forget(passes: Passes, fleet: str) -> None:
    """Keep nothing more of its passes. Raises UsageError (`usage.forget`)."""
    failures = {each.fleet for each in passes.failures()}
    known = sorted(failures | {each.fleet for each in passes.latest()})
    if not passes.forget(fleet):
        raise UsageError(
            [
                Problem(
                    "usage.forget",
                    "no passes are kept of a fleet of this name",
                    key=fleet,
                    found=f"those of {', '.join(known)}" if known else "none at all",
                    mend="name one as `name` in its fleet.yml was",
                )
            ]
        )
