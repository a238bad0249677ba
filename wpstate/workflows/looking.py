"""Takes looks in waves and turns what they show into reasons. Judging is left to planning."""

from wpstate.model.look import CheckResult
from wpstate.model.problem import Refused
from wpstate.planning import looks, verdict
from wpstate.workflows.attempt import Attempt

LOOK_TRIES = 3


def refuse_if_sick(attempt: Attempt) -> None:
    """Raises Refused where the looks before the changes show an ill or a walled site."""
    sick = verdict.sick_before(looks.declared(attempt.desired), attempt.before)
    if not sick:
        return
    attempt.checks = sick
    raise Refused(
        attempt.problem(
            "site.blocked" if check.blocked else "site.sick",
            "a wall keeps wpstate from looking at the site"
            if check.blocked
            else "the site was already ill before the run",
            said(check),
            "a run could neither be judged nor be blamed",
            "let this address through the wall"
            if check.blocked
            else "mend the page, or change the check in the site's file",
        )
        for check in sick
    )


def look_after(attempt: Attempt) -> tuple[CheckResult, ...]:
    """Every look after the changes, judged; again where a failure may be a moment's trouble."""
    checks = _look_once(attempt)
    for _ in range(LOOK_TRIES - 1):
        if not verdict.worth_another_look(checks):
            break
        checks = _look_once(attempt)
    return checks


def _look_once(attempt: Attempt) -> tuple[CheckResult, ...]:
    # The front page first and alone: where it hangs, others would only use up the site's workers.
    requests = looks.after(attempt.desired, attempt.admin_url)
    seen = attempt.look(requests[:1])
    if seen[0].error is None:
        seen += attempt.look(requests[1:])
    declared = looks.declared(attempt.desired)
    checks = verdict.judge(declared, attempt.before, seen)
    if len(seen) == 1:
        return tuple(check for check in checks if check.name == requests[0].name)
    return checks


def look_thawed(attempt: Attempt, *, patient_s: float = 0.0) -> tuple[CheckResult, ...]:
    """The anonymous look that must succeed once visitors are let in; tried a few times, and for
    `patient_s` where a web server that is away may be on its way back."""
    clock = attempt.tools.clock
    until_s = clock.monotonic_s() + patient_s
    tries = 1
    check = _look_as_anybody(attempt)
    while not check.passed and (tries < LOOK_TRIES or clock.monotonic_s() < until_s):
        if tries >= LOOK_TRIES:
            clock.pause(1.0)
        tries += 1
        check = _look_as_anybody(attempt)
    return (check,)


def _look_as_anybody(attempt: Attempt) -> CheckResult:
    (seen,) = attempt.look(looks.after_thaw(attempt.desired), with_token=False)
    return verdict.judge_thaw(looks.declared(attempt.desired), seen)


def failures(checks: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    return tuple(check for check in checks if not check.passed)


def said(check: CheckResult) -> str:
    """A failed check in a line: `/ as visitor: empty_body status 200`."""
    return str(check)
