"""Under the freeze: apply, observe, post-check, verdict; then the thaw.

Freezing and the snapshot are left to holding, undoing to put_back.
"""

from contextlib import ExitStack

from wpstate.model.problem import Problem
from wpstate.model.run import Outcome, Phase
from wpstate.planning import tree_rules
from wpstate.planning.caches import folders, host_words
from wpstate.planning.follows import in_background
from wpstate.planning.role_vars import planned_globs, planned_prefixes
from wpstate.planning.verify import unconfirmed
from wpstate.ports import PlaybookResult, SafetyNet, TreeChange, WaitingPlaybook
from wpstate.workflows.attempt import Attempt, PutBack
from wpstate.workflows.holding import holding, see_as_administrator
from wpstate.workflows.looking import failures, look_after, look_thawed, said
from wpstate.workflows.purging import flush, flush_in_front
from wpstate.workflows.put_back import host_was_first, put_back, undo_after_thaw
from wpstate.workflows.records import applied_record

APPLY_TIMEOUT_S = 240.0


def change_frozen(
    attempt: Attempt, net: SafetyNet, waiting: WaitingPlaybook
) -> tuple[Outcome, tuple[Problem, ...]]:
    """Freeze, change, prove, thaw. Whatever goes wrong after the snapshot puts the site back.

    Raises Refused or Failed where nothing was changed.
    """
    with holding(attempt, net):
        see_as_administrator(attempt)
    with ExitStack() as settling:
        try:
            _apply(attempt, waiting)
            _observe(attempt)
            _post_check(attempt, net)
            # From the verdict on, who wants to stop waits for the end.
            settling.enter_context(attempt.tools.interrupts.held_back())
            if not net.confirm(applied_record(attempt)):
                raise PutBack(host_was_first(attempt))
        except BaseException as error:  # noqa: BLE001  whatever it is, the site comes first
            waiting.cancel()
            return put_back(attempt, net, error)
        with attempt.unsettled(), attempt.log.phase(Phase.THAW):
            attempt.thaw(net)
            flush_in_front(attempt)
            thawed = look_thawed(attempt)
        attempt.checks += thawed
        failed = failures(thawed)
        if failed:
            return undo_after_thaw(attempt, net, failed)
        return attempt.settle(Outcome.APPLIED)


def _apply(attempt: Attempt, waiting: WaitingPlaybook) -> None:
    with attempt.log.phase(Phase.APPLY):
        waiting.open_gate()
        result: PlaybookResult = waiting.wait(APPLY_TIMEOUT_S)
        if result.failure is not None:
            raise PutBack(
                attempt.problem(
                    "apply.failed",
                    "a change could not be made",
                    f"{result.failure.task}: {result.failure.message}",
                    "a site is left as it was or as planned, never between",
                    "mend or pin the component, then plan again",
                )
            )


def _observe(attempt: Attempt) -> None:
    """A tool's own success is never believed: versions are read again from disk."""
    with attempt.log.phase(Phase.OBSERVE):
        seen = attempt.observe_changed()
        missing = [f.detail for f in seen.faults] + list(unconfirmed(attempt.planned, seen))
        if missing:
            raise PutBack(
                attempt.problem(
                    "apply.not_confirmed",
                    "the site is not as planned after the changes",
                    "; ".join(missing),
                    "the record never runs ahead of the world",
                    "look at the component's own errors, then plan again",
                )
            )
        attempt.in_background = in_background(attempt.changes, seen)


def _post_check(attempt: Attempt, net: SafetyNet) -> None:
    with attempt.log.phase(Phase.POST_CHECK):
        flush(attempt, net)
        attempt.checks = look_after(attempt)
        failed = failures(attempt.checks)
        if failed:
            raise PutBack(
                *(
                    attempt.problem(
                        "check.failed",
                        "a post-check failed",
                        said(check),
                        "the page was well before the changes",
                        "mend or pin the component, then plan again",
                    )
                    for check in failed
                )
            )
        # The beacon stays until the thaw: what is put back is flushed through it.
        _compare_tree(attempt, net)


def _compare_tree(attempt: Attempt, net: SafetyNet) -> None:
    seen = attempt.before_changes
    compare_tree(
        attempt,
        net,
        planned_prefixes(attempt.planned, seen, attempt.fetched),
        planned_globs(attempt.planned, seen, attempt.fetched),
    )


def compare_tree(
    attempt: Attempt, net: SafetyNet, prefixes: tuple[str, ...], globs: tuple[str, ...] = ()
) -> None:
    """Raises PutBack (`tree.unplanned`) of what changed beside these."""
    seen = attempt.before_changes
    assert seen.paths is not None
    root = seen.paths.wp.rstrip("/") + "/"
    offending = tree_rules.unplanned(
        (change for change in net.tree_changes() if not _is_purged(attempt, change, root)),
        prefixes,
        (*attempt.desired.policy.may_change, *globs),
        content=seen.paths.content.removeprefix(root),
        uploads=seen.paths.uploads.removeprefix(root),
    )
    if offending:
        raise PutBack(
            attempt.problem(
                "tree.unplanned",
                "the run left files that nobody planned",
                ", ".join(offending[:8]) + (" …" if len(offending) > 8 else ""),
                "an update may not write code elsewhere",
                "look at these files in the run's quarantine folder on the host",
            )
        )


def _is_purged(attempt: Attempt, change: TreeChange, root: str) -> bool:
    """It lay in a folder that the run emptied."""
    assert attempt.before_changes.paths is not None
    content = attempt.before_changes.paths.content.removeprefix(root)
    emptied = folders(host_words(attempt.desired, attempt.purges))
    return change.sort == "removed" and any(
        change.path.startswith(f"{content}/{folder}/") for folder in emptied
    )
