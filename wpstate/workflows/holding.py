"""Holds a site still: freeze, proof, drain, snapshot. Visitors get theirs back on any failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from wpstate.model.look import CheckResult
from wpstate.model.problem import Refused
from wpstate.model.run import Phase
from wpstate.model.state import kind_of, name_of
from wpstate.planning import looks, verdict
from wpstate.planning.estimate import confirm_within_s
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt
from wpstate.workflows.looking import failures, refuse_if_sick, said

PROOF_TRIES = 4


@contextmanager
def holding(attempt: Attempt, net: SafetyNet, *, must_hold: bool = True) -> Iterator[None]:
    """Freeze and prove it, do what stands inside, drain, take the snapshot.

    The site stays frozen when this ends well. Raises Refused or Failed, thawed: nothing changed.
    Without `must_hold` the freeze is not proven; with `freeze: off` visitors are let in. Either way
    a rollback then keeps what they write.
    """
    policy = attempt.desired.policy
    slugs = tuple(name_of(c.address) for c in attempt.changes if kind_of(c.address) == "plugins")
    net.note_known(slugs, policy.visitors)
    if policy.freeze.off:
        with _open(attempt, net):
            yield
        return
    attempt.begin_frozen()
    try:
        with attempt.log.phase(Phase.FREEZE):
            budget_s = confirm_within_s(attempt.frozen_bytes)
            attempt.held = net.freeze(attempt.token, budget_s).held
            if must_hold:
                prove_freeze(attempt)
                attempt.freeze_holds = True
            yield
        with attempt.log.phase(Phase.DRAIN):
            drain(attempt, net)
        with attempt.log.phase(Phase.SNAPSHOT):
            net.snapshot()
    except BaseException:
        attempt.thaw(net)
        raise


@contextmanager
def _open(attempt: Attempt, net: SafetyNet) -> Iterator[None]:
    """Visitors come and go, unless they had a holding page; the file only lets the run look with
    its token."""
    try:
        with attempt.log.phase(Phase.FREEZE, "off"):
            budget_s = confirm_within_s(attempt.frozen_bytes)
            attempt.held = net.freeze(attempt.token, budget_s, visitors_in=True).held
            yield
        with attempt.log.phase(Phase.SNAPSHOT):
            net.snapshot()
    except BaseException:
        attempt.thaw(net)
        raise


def see_as_administrator(attempt: Attempt) -> None:
    """The site as an administrator sees it, unchanged: what later looks are compared with."""
    attempt.before += attempt.look(looks.before_frozen(attempt.desired, attempt.admin_url))
    refuse_if_sick(attempt)


def prove_freeze(attempt: Attempt) -> None:
    """An anonymous request gets 503 and the token's holder does not. Raises Refused."""
    failed: tuple[CheckResult, ...] = ()
    for _ in range(PROOF_TRIES):
        without_token, with_token = attempt.look(looks.freeze_proof(attempt.desired))
        failed = failures(verdict.judge_freeze(without_token, with_token))
        if not failed:
            break
    else:
        raise Refused(
            [
                attempt.problem(
                    "freeze.not_proven",
                    "the freeze does not hold visitors back",
                    "; ".join(map(said, failed)),
                    "without it a rollback could lose what visitors write",
                    "look whether a cache or a proxy answers for the site",
                )
            ]
        )


def drain(attempt: Attempt, net: SafetyNet) -> None:
    limit_s = attempt.desired.policy.freeze.drain_s
    drained = net.drain(limit_s, proved=attempt.freeze_holds)
    if not drained.quiet:
        raise Refused(
            [
                attempt.problem(
                    "drain.busy",
                    "what was begun before the freeze is still at work",
                    f"after {drained.took_s:.0f} s: {', '.join(drained.still_there)}",
                    "what it still writes would be missing from the snapshot",
                    "apply again later, or raise freeze.drain for this site",
                )
            ]
        )
