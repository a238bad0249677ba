"""Puts one folder or file of a backup back onto its live site, behind the same net as a change.

Reading the backup is left to restore_backup, putting it in place to the safety net. Tables and
uploads are not restored so: no snapshot holds uploads, and nobody counts yet what would be lost.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from wpstate.model.backup import Backup
from wpstate.model.desired import DesiredState
from wpstate.model.problem import NeedsAttention, Problem
from wpstate.model.run import Outcome, Phase, Run
from wpstate.planning.build import build
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt, PutBack, giving_back, telling_of_the_lock
from wpstate.workflows.by_hand import ill_after, observed_whole, require_agreement, was_well
from wpstate.workflows.frozen import compare_tree
from wpstate.workflows.holding import holding, see_as_administrator
from wpstate.workflows.large_tables import copy_large_tables
from wpstate.workflows.looking import failures, said
from wpstate.workflows.purging import flush
from wpstate.workflows.put_back import host_was_first, put_back, undo_after_thaw
from wpstate.workflows.recording import Ending, recorded
from wpstate.workflows.records import by_hand_record
from wpstate.workflows.rollback import thawed_again
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools

RESTORE = "restore"
"""In place of a plan's id."""


@dataclass(frozen=True, slots=True)
class PartOffer:
    """What a person decides on before anything is touched."""

    backup: Backup
    path: str
    """Below the WordPress folder."""
    tar: bytes
    """Holds it as `it`."""
    files: int


def restore_onto_site(
    desired: DesiredState,
    tools: Tools,
    offer: PartOffer,
    agreed: Callable[[PartOffer], bool],
) -> Run:
    """`agreed` is asked inside the lock, before visitors notice anything."""
    plan = build(RESTORE, "", [], revision=None, dirty=False, now=tools.clock.now())

    def work(attempt: Attempt) -> Ending:
        return _locked(attempt, offer, agreed)

    return recorded(plan, desired, None, tools, work)


def _locked(attempt: Attempt, offer: PartOffer, agreed: Callable[[PartOffer], bool]) -> Ending:
    with attempt.log.phase(Phase.LOCK):
        net, seen = take_lock(attempt)
    with giving_back(net.release), telling_of_the_lock(net):
        with attempt.log.phase(Phase.VERIFY):
            attempt.seen = seen
            declined = _problem(attempt, "restore.declined", "nobody agreed", offer.path)
            require_agreement(attempt, net, (), lambda: agreed(offer), declined)
        with giving_back(net.remove_beacon):
            with attempt.log.phase(Phase.STAGE):
                net.bring(offer.path, offer.tar)
                net.copy_code()
                copy_large_tables(attempt, net)
            return _held(attempt, net, offer)


def _held(attempt: Attempt, net: SafetyNet, offer: PartOffer) -> Ending:
    well = was_well(attempt)
    # A dead WordPress cannot hold visitors back, nor take what they write.
    with holding(attempt, net, must_hold=well):
        if well:
            see_as_administrator(attempt)
    with ExitStack() as settling:
        try:
            with attempt.log.phase(Phase.APPLY):
                net.put_in(offer.path)
            after = observed_whole(attempt, "apply.not_confirmed", _problem)
            with attempt.log.phase(Phase.POST_CHECK):
                flush(attempt, net)
                ill = ill_after(attempt, _problem)
                if ill and well:
                    raise PutBack(*ill)
                compare_tree(attempt, net, (offer.path, f"{offer.path}/"))
            net.remove_beacon()
            settling.enter_context(attempt.tools.interrupts.held_back())
            if not net.confirm(by_hand_record(attempt, after, offer.backup.id, Outcome.APPLIED)):
                raise PutBack(host_was_first(attempt))
        except BaseException as error:  # noqa: BLE001  whatever it is, the site comes first
            return put_back(attempt, net, error)
        with attempt.unsettled(), attempt.log.phase(Phase.THAW):
            thawed = thawed_again(attempt, net, ill=bool(ill))
        attempt.checks += thawed
        failed = failures(thawed)
        if failed and well:
            return undo_after_thaw(attempt, net, failed)
        if ill or failed:
            what = "the site is as ill as before; what was restored stays"
            found = "; ".join(map(said, failed))
            raise NeedsAttention(ill or (_problem(attempt, "check.after_thaw", what, found),))
        return attempt.settle(Outcome.APPLIED)


def _problem(attempt: Attempt, slug: str, what: str, found: str) -> Problem:
    site = attempt.desired.site.id
    why = "what a backup brings goes through the same proofs as a change"
    return attempt.problem(slug, what, found, why, f"wpstate runs {site}")
