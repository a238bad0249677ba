"""What a rollback and a restore by hand have in common: a person agrees inside the lock, before
visitors notice anything, and what came of it is judged by how the site was. What is done to the
site is left to rollback and restore_onto_site.
"""

from collections.abc import Callable

from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem, Refused
from wpstate.model.run import Phase
from wpstate.planning import looks, verdict
from wpstate.planning.gates import rewinding_refusals
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt, PutBack
from wpstate.workflows.looking import failures, look_after, said
from wpstate.workflows.staging import prove_origin

Told = Callable[[Attempt, str, str, str], Problem]
"""A problem of such a run: slug, what, found."""


def require_agreement(
    attempt: Attempt,
    net: SafetyNet,
    rewound: tuple[str, ...],
    agreed: Callable[[], bool],
    declined: Problem,
) -> None:
    """Raises Refused for what stands in the way, and with `declined`. `rewound`: tables that lose
    what was written since."""
    refusals = rewinding_refusals(attempt.desired, attempt.before_changes, rewound)
    if refusals:
        raise Refused(refusals)
    if not agreed():
        raise Refused([declined])
    attempt.before = attempt.look(
        looks.before_anonymous(attempt.desired, attempt.admin_url), with_token=False
    )
    prove_origin(attempt, net)


def was_well(attempt: Attempt) -> bool:
    """As visitors saw it before. Of a site that was ill there is nothing to compare with."""
    if not verdict.sick_before(looks.declared(attempt.desired), attempt.before):
        return True
    attempt.before = ()
    return False


def observed_whole(attempt: Attempt, slug: str, problem: Told) -> ObservedState:
    """Raises PutBack with this slug."""
    with attempt.log.phase(Phase.OBSERVE):
        after = attempt.observe(with_token=True)
    if after.faults:
        found = "; ".join(fault.detail for fault in after.faults)
        raise PutBack(problem(attempt, slug, "the site is not whole", found))
    return after


def ill_after(attempt: Attempt, problem: Told) -> tuple[Problem, ...]:
    attempt.checks = look_after(attempt)
    return tuple(
        problem(attempt, "check.failed", "a post-check failed", said(check))
        for check in failures(attempt.checks)
    )
