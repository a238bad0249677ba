"""What a pass came to, ring by ring, in numbers."""

import pytest

from tests.builders import NOW
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.status import StatusState
from wpstate.planning.statuses import statuses


def passed(name: str, ring: str | None, became: Standing | Outcome) -> Reconciled:
    if isinstance(became, Standing):
        return Reconciled(SiteId(name), became, "", ring)
    run = Run("r", SiteId(name), "p", became, NOW, 1.0, None, (), (), (), ())
    return Reconciled(SiteId(name), Standing.RUN, "", ring, run)


def test_each_ring_has_its_own_and_names_no_site() -> None:
    done = Pass(
        (
            passed("baker", "canary", Outcome.APPLIED),
            passed("butcher", "canary", Standing.IN_SYNC),
            passed("mayor", "rest", Outcome.ROLLED_BACK),
            passed("school", "rest", Standing.WAITS),
            passed("church", "rest", Standing.HALTED),
        ),
        "halted",
    )
    canary, rest = statuses("agency", done)
    assert (canary.name, canary.environment) == ("wpstate/agency/canary", "agency/canary")
    assert (canary.state, canary.text) == (StatusState.SUCCESS, "1 applied, 1 in sync")
    assert (rest.state, rest.text) == (StatusState.FAILURE, "1 halted, 1 rolled back, 1 waits")
    assert canary.deployed
    assert rest.deployed


@pytest.mark.parametrize("became", [*Standing, *Outcome])
def test_every_end_is_a_status(became: Standing | Outcome) -> None:
    (told,) = statuses("agency", Pass((passed("a", None, became),), None))
    assert told.name == "wpstate/agency"
    assert told.text == f"1 {became.value.replace('_', ' ')}"
    waits = (Standing.WAITS, Standing.DUE, Standing.REPORTED)
    good = (Standing.IN_SYNC, Outcome.IN_SYNC, Outcome.APPLIED, Standing.RUN)
    wanted = StatusState.PENDING if became in waits else StatusState.FAILURE
    assert told.state is (StatusState.SUCCESS if became in good else wanted)
