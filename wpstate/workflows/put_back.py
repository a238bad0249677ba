"""Undoing inside a run: restore, observe, look, thaw; the same proofs as for a change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from wpstate.model.look import CheckResult
from wpstate.model.problem import NeedsAttention, Problem, WpstateError
from wpstate.model.run import Outcome, Phase, Tier
from wpstate.model.table import TableLeft, Tables, rows_left
from wpstate.planning.digest import observed_digest
from wpstate.planning.verify import not_as_before
from wpstate.ports import Restored, SafetyNet
from wpstate.workflows.attempt import Attempt, PutBack, giving_back
from wpstate.workflows.looking import failures, look_after, look_thawed, said
from wpstate.workflows.purging import flush, flush_in_front
from wpstate.workflows.records import rolled_back_record, unapplied_record
from wpstate.workflows.staging import place_beacon

ROLLBACK_TRIES = 2
PATIENCE_S = 15.0
"""A web server that is away may be on its way back; only the verdict waits for it."""


def put_back(
    attempt: Attempt, net: SafetyNet, error: BaseException
) -> tuple[Outcome, tuple[Problem, ...]]:
    """Return the site to its snapshot and prove it.

    Raises NeedsAttention where that cannot be proven, and what was not wpstate's own error
    (an interrupt, a bug) again once the site is whole.
    """
    reasons = _reasons(error)
    attempt.interrupted_for = reasons
    with attempt.unsettled(*reasons), _followed(attempt, net):
        left, failed, by_host = _restored(attempt, net, reasons)
    if by_host:
        # What this run met since then is the restored site, and no fault of the changes.
        reasons = (host_was_first(attempt), *(replace(reason, mend=None) for reason in reasons))
    if failed or left:
        site = attempt.desired.site.id
        raise NeedsAttention(
            (
                *reasons,
                *(_still_ill(attempt, check) for check in failed),
                *((rows_left(site, attempt.run, left, held=bool(failed)),) if left else ()),
            )
        )
    attempt.interrupted_as = attempt.undone_as
    if not isinstance(error, WpstateError | PutBack):
        raise error
    return attempt.settle(attempt.undone_as, *reasons)


@contextmanager
def _followed(attempt: Attempt, net: SafetyNet) -> Iterator[None]:
    """A first interrupt waits until the site is whole. A second one stops the view alone: the
    host goes on by itself."""
    try:
        with attempt.tools.interrupts.held_back():
            yield
    except KeyboardInterrupt:
        handed_over = attempt.problem(
            "run.handed_over",
            "the host puts the site back by itself",
            "you stopped watching the rollback",
            "a rollback that was begun is never left half way",
            f"wpstate recover {attempt.desired.site.id}",
        )
        attempt.interrupted_for = (*attempt.interrupted_for, handed_over)
        with suppress(WpstateError):
            net.hand_over()
        raise KeyboardInterrupt(handed_over) from None


def _restored(
    attempt: Attempt, net: SafetyNet, reasons: tuple[Problem, ...]
) -> tuple[tuple[TableLeft, ...], tuple[CheckResult, ...], bool]:
    """Restore, prove, record, thaw; the tables that had to stay, what visitors see that is not
    as before, and whether the host had done it all. Where there is both, visitors keep seeing a
    holding page."""
    with attempt.log.phase(Phase.ROLLBACK):
        restored = net.restore() if attempt.freeze_holds else _restored_in_the_open(attempt, net)
        left = restored.left
        attempt.tier = _tier(attempt, restored)
    with attempt.log.phase(Phase.OBSERVE):
        _as_before(attempt)
    if restored.by_host:
        # The token opens nothing any more: what visitors see is all that can be looked at.
        with attempt.log.phase(Phase.THAW):
            attempt.thaw(net)
            attempt.purged = ()  # the host emptied its own again, as its journal says
            flush_in_front(attempt)
            return left, _unseen(attempt), True
    with attempt.log.phase(Phase.POST_CHECK):
        flush(attempt, net)
        # A site that was held is ill by nature: nothing can be asked of its pages.
        failed = () if attempt.held else _looks_failing(attempt, net)
        # The looks themselves may have written, a transient or a counter: put that back too.
        if attempt.freeze_holds:
            left = net.restore().left
        flush(attempt, net)
    net.remove_beacon()
    net.record(rolled_back_record(attempt, reasons, whole=not (left or failed)))
    with attempt.log.phase(Phase.THAW):
        if left and failed:
            net.hold()
            return left, failed, False
        attempt.thaw(net)
        flush_in_front(attempt)
        unseen = _unseen(attempt)
        if unseen and not (left or failed):
            net.record(rolled_back_record(attempt, reasons, whole=False))
        return left, failed + unseen, False


def _tier(attempt: Attempt, restored: Restored) -> Tier:
    if restored.by_host:
        return Tier.HOST
    return Tier.WHOLE if attempt.freeze_holds else Tier.TABLES


def _unseen(attempt: Attempt) -> tuple[CheckResult, ...]:
    """What visitors do not see as before. Where they had a holding page, they have it again."""
    return () if attempt.held else failures(look_thawed(attempt, patient_s=PATIENCE_S))


def _restored_in_the_open(attempt: Attempt, net: SafetyNet, *, thawed: bool = False) -> Restored:
    """Where visitors come and go, the undone code must have run for the last time before tables go
    back, or it would change them again."""
    restored = net.restore(tables=Tables.CODE_FIRST)
    if restored.by_host:
        return restored
    flush(attempt, net, thawed=thawed, with_pages=False)
    net.drain(attempt.desired.policy.freeze.drain_s)
    return net.restore()


def undo_after_thaw(
    attempt: Attempt, net: SafetyNet, failed: tuple[CheckResult, ...]
) -> tuple[Outcome, tuple[Problem, ...]]:
    """Visitors have been let in and the anonymous look fails: the site goes back as where visitors
    come and go. What they may have written since stays.

    Raises NeedsAttention where rows had to stay, and where visitors still do not see the site as
    before, whoever is to blame for that.
    """
    reasons = tuple(_still_ill(attempt, check) for check in failed)
    attempt.interrupted_for = reasons
    with attempt.unsettled(*reasons), _followed(attempt, net):
        with attempt.log.phase(Phase.ROLLBACK):
            place_beacon(attempt, net)
            with giving_back(net.remove_beacon):
                restored = _restored_in_the_open(attempt, net, thawed=True)
                left = restored.left
                attempt.tier = Tier.HOST if restored.by_host else Tier.TABLES
                flush(attempt, net, thawed=True)
        # Also what was applied before counts again, which the observation compares.
        net.record(unapplied_record(attempt, reasons, whole=not left))
        with attempt.log.phase(Phase.OBSERVE):
            _as_before(attempt)
        flush_in_front(attempt)
        unseen = failures(look_thawed(attempt, patient_s=PATIENCE_S))
        if unseen:
            net.record(unapplied_record(attempt, reasons, whole=False))
        if left and unseen:
            net.hold()
    if left or unseen:
        site = attempt.desired.site.id
        raise NeedsAttention(
            (
                *(reasons if not unseen else ()),
                *(_still_ill(attempt, check, put_back=not left) for check in unseen),
                *((rows_left(site, attempt.run, left, held=bool(unseen)),) if left else ()),
            )
        )
    attempt.interrupted_as = Outcome.ROLLED_BACK
    return attempt.settle(Outcome.ROLLED_BACK, *reasons)


def host_was_first(attempt: Attempt) -> Problem:
    return attempt.problem(
        "watchdog.first",
        "the host restored the site before this run was confirmed",
        "the verdict was already settled on the host",
        "a run that is not confirmed in time is undone",
        f"wpstate plan {attempt.desired.site.id}",
    )


def _as_before(attempt: Attempt) -> None:
    site, before = attempt.desired.site, attempt.before_changes
    seen = attempt.observe(with_token=True)
    if observed_digest(attempt.desired, seen) != observed_digest(attempt.desired, before):
        raise NeedsAttention(
            [
                attempt.problem(
                    "rollback.not_confirmed",
                    "the site is not as it was after the rollback",
                    not_as_before(attempt.desired, before, seen),
                    "a rollback counts only once a fresh observation confirms it",
                    f"wpstate plan {site.id}",
                )
            ]
        )


def _looks_failing(attempt: Attempt, net: SafetyNet) -> tuple[CheckResult, ...]:
    clock = attempt.tools.clock
    until_s = clock.monotonic_s() + PATIENCE_S
    tries = 1
    failed = failures(look_after(attempt))
    while failed and (tries < ROLLBACK_TRIES or clock.monotonic_s() < until_s):
        if tries >= ROLLBACK_TRIES:
            clock.pause(1.0)
        tries += 1
        flush(attempt, net)
        failed = failures(look_after(attempt))
    return failed


def _reasons(error: BaseException) -> tuple[Problem, ...]:
    if isinstance(error, PutBack | WpstateError):
        return error.problems
    return ()


def _still_ill(attempt: Attempt, check: CheckResult, *, put_back: bool = False) -> Problem:
    back = "; its files and tables are as before this run" if put_back else ""
    return attempt.problem(
        "check.after_thaw",
        "the site does not answer visitors as before",
        f"{said(check)}{back}",
        "after the thaw one anonymous look must succeed",
        f"look at {attempt.desired.site.url}, then wpstate plan {attempt.desired.site.id}",
    )
