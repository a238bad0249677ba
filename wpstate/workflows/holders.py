"""Who holds a site, in words: somebody at work, a run that nobody is behind, a copied lock."""

from dataclasses import replace
from datetime import UTC, datetime

from wpstate.model.desired import DesiredState
from wpstate.model.problem import Problem
from wpstate.ports import Ended, Holder

_FOUND = {
    Ended.UNTOUCHED: "nothing was changed yet; the site is free again",
    Ended.ROLLED_BACK: "the site was put back as before that run",
    Ended.CONFIRMED: "the run was confirmed already; visitors have the site again",
}


def copied_lock(copied: Problem, holder: Holder) -> Problem:
    """Undoing that run here would put another site's snapshot into this one."""
    return replace(
        copied,
        found=f"{copied.found}; with it came the lock of run {holder.run}",
        mend="remove the folder `lock` from the site's state folder on the host, then claim",
    )


def at_work(desired: DesiredState, holder: Holder) -> Problem:
    """The problem of a lock that somebody is behind, with all that a person needs to judge it."""
    return Problem(
        "run.locked",
        "another run holds this site",
        key=desired.site.id,
        found=facts(holder),
        why="two runs on one site would undo each other's work",
        mend="wait until it ends; an abandoned run is ended after ten minutes of silence",
    )


def facts(holder: Holder) -> str:
    since = datetime.fromtimestamp(holder.since_s, UTC)
    return (
        f"run {holder.run} of {holder.controller} since {since:%Y-%m-%d %H:%M:%S} UTC, heard of "
        f"{holder.heartbeat_age_s} s ago, {holder.living} at work on the host, id {holder.nonce}"
    )


def abandoned_run(desired: DesiredState, holder: Holder, ended: Ended) -> Problem:
    how = "its process is gone" if holder.dead else f"silent for {holder.heartbeat_age_s} s"
    return Problem(
        "run.abandoned",
        "the controller of this run did not come back",
        key=desired.site.id,
        found=f"{_FOUND[ended]}; {holder.controller}: {how}",
        why="a run that nobody is behind is undone, or finished where it was confirmed",
        mend=f"wpstate plan {desired.site.id}",
    )
