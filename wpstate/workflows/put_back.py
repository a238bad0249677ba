"""Undoing inside a run: restore, observe, look, thaw; the same proofs as for a change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from wpstate.model.look import CheckResult
from wpstate.model.problem import NeedsAttention, Problem, WpstateError
from wpstate.model.run import Outcome, Phase
from wpstate.model.table import TableLeft, Tables, rows_left
from wpstate.planning.digest import observed_digest
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt, PutBack
from wpstate.workflows.looking import failures, look_after, look_thawed, said
from wpstate.workflows.records import rolled_back_record, unapplied_record

ROLLBACK_TRIES = 2


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
        left, failed = _restored(attempt, net, reasons)
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
) -> tuple[tuple[TableLeft, ...], tuple[CheckResult, ...]]:
    """Restore, prove, record, thaw; the tables that had to stay, and what visitors see that is not
    as before. Where there is both, they keep seeing a holding page."""
    with attempt.log.phase(Phase.ROLLBACK):
        if not attempt.freeze_holds:
            _end_new_code(attempt, net)
        restored = net.restore()
        left = restored.left
    with attempt.log.phase(Phase.OBSERVE):
        _as_before(attempt)
    if restored.by_host:
        # The token opens nothing any more: what visitors see is all that can be looked at.
        with attempt.log.phase(Phase.THAW):
            attempt.thaw(net)
            return left, failures(look_thawed(attempt))
    with attempt.log.phase(Phase.POST_CHECK):
        flush(attempt)
        failed = _looks_failing(attempt)
        # The looks themselves may have written, a transient or a counter: put that back too.
        if attempt.freeze_holds:
            left = net.restore().left
        flush(attempt)
    net.remove_beacon()
    net.record(rolled_back_record(attempt, reasons))
    with attempt.log.phase(Phase.THAW):
        if left and failed:
            net.hold()
            return left, failed
        attempt.thaw(net)
        return left, failed + failures(look_thawed(attempt))


def _end_new_code(attempt: Attempt, net: SafetyNet) -> None:
    """Where visitors come and go, the undone code must have run for the last time before tables go
    back, or it would change them again."""
    net.restore(tables=Tables.KEPT)
    flush(attempt)
    net.drain(attempt.desired.policy.freeze.drain_s)


def undo_after_thaw(
    attempt: Attempt, net: SafetyNet, failed: tuple[CheckResult, ...]
) -> tuple[Outcome, tuple[Problem, ...]]:
    """Visitors have been let in and the anonymous look fails: code goes back, data stays.

    The database is not rewound, because visitors may have written to it since the thaw.
    """
    reasons = tuple(_still_ill(attempt, check) for check in failed)
    attempt.interrupted_for = reasons
    with attempt.unsettled(*reasons), _followed(attempt, net):
        with attempt.log.phase(Phase.ROLLBACK):
            net.restore(tables=Tables.KEPT)
            flush(attempt)
        net.record(unapplied_record(attempt, reasons))
        still = failures(look_thawed(attempt))
    if still:
        raise NeedsAttention(reasons)
    return attempt.settle(Outcome.ROLLED_BACK, *reasons)


def flush(attempt: Attempt) -> None:
    """Empty OPcache and the object cache from the web server's own PHP.

    The beacon works where WordPress is dead; the front page reaches the object cache.
    """
    for url in (attempt.beacon_url, f"{attempt.desired.site.url}/"):
        attempt.ask(url, "flush")


def _as_before(attempt: Attempt) -> None:
    site, before = attempt.desired.site, attempt.before_changes
    seen = attempt.observe(with_token=True)
    if observed_digest(attempt.desired, seen) != observed_digest(attempt.desired, before):
        raise NeedsAttention(
            [
                attempt.problem(
                    "rollback.not_confirmed",
                    "the site is not as it was after the rollback",
                    "; ".join(f.detail for f in seen.faults) or "a managed fact differs",
                    "a rollback counts only once a fresh observation confirms it",
                    f"wpstate plan {site.id}",
                )
            ]
        )


def _looks_failing(attempt: Attempt) -> tuple[CheckResult, ...]:
    failed: tuple[CheckResult, ...] = ()
    for _ in range(ROLLBACK_TRIES):
        failed = failures(look_after(attempt))
        if not failed:
            break
        flush(attempt)
    return failed


def _reasons(error: BaseException) -> tuple[Problem, ...]:
    if isinstance(error, PutBack | WpstateError):
        return error.problems
    return ()


def _still_ill(attempt: Attempt, check: CheckResult) -> Problem:
    return attempt.problem(
        "check.after_thaw",
        "the site does not answer visitors as before",
        said(check),
        "after the thaw one anonymous look must succeed",
        f"look at {attempt.desired.site.url}, then wpstate plan {attempt.desired.site.id}",
    )
