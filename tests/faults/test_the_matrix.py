"""Each fault at each moment: afterwards the oracle finds the site as before or as planned."""

import os
import shutil
from collections.abc import Iterator
from random import Random

import pytest

from tests.e2e.fleet import Fleet
from tests.e2e.site import Site, lab_site
from tests.faults.conftest import FULL
from tests.faults.judgement import State, judge
from tests.faults.matrix import Case, every_case, sample
from tests.faults.moments import is_there, reach
from tests.faults.scene import LONG_AGO_S, Scene
from tests.faults.table import note
from tests.lab_lease import lease
from tests.oracle.whole import Whole, unlike

SEED = int(os.environ.get("WPSTATE_FAULTS_SEED", "1"))
CASES = every_case(SEED) if FULL else sample(SEED)
_ENDS_WITHIN_S = 240.0
_before: dict[str, Whole] = {}
"""Sites that this process left as it had found them; they need not be put back again."""


@pytest.fixture
def ready(case: Case, _used: set[str]) -> Iterator[Site]:
    """The case's site, warm, as the lab built it or as the case before was proved to leave it."""
    with lease(case.site):
        site = lab_site(case.site)
        _used.add(case.site)
        # Others reset sites too, between two cases of ours.
        if case.site not in _before or unlike(_before[case.site], site.whole()):
            site.reset()
            site.warm()
            _before[case.site] = site.whole()
        yield site


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=str(c), marks=pytest.mark.xdist_group(c.site)) for c in CASES]
)
def test_old_state_or_new_state(case: Case, ready: Site, fleet: Fleet) -> None:
    # Taken out meanwhile: what this case leaves is known only once it was judged.
    before = _before.pop(case.site)
    fleet.pin(case.site, "lab-guestbook", case.update)
    if case.fault.freeze_off:
        with fleet.site_file(case.site).open("a", encoding="utf-8") as file:
            file.write("freeze: off\n")
    scene = Scene(ready, fleet, Random(f"{SEED} {case.number}"))
    with case.fault.around(scene):
        _play(case, scene)
        judgement = judge(scene, before, case.fault, case.update)
    note(case, judgement)
    if judgement.state is State.BEFORE and not judgement.violations:
        _forget(ready)
        _before[case.site] = before
    told = "\n".join((*judgement.violations, scene.said.said))
    assert not judgement.violations, told


def _play(case: Case, scene: Scene) -> None:
    progress = scene.begin()
    if _reached(case, scene):
        case.fault.strike(scene)
    elif case.moment:
        scene.complaints.append(f"the run ended before {case.moment}")
    progress.ended(_ENDS_WITHIN_S)
    case.fault.heal(scene)
    match case.then:
        case "recover":
            if scene.locked:
                scene.command("recover", scene.site.name)
        case "apply":
            scene.let_time_pass(LONG_AGO_S)
            scene.command("apply", scene.site.name, "--yes")
        case _:
            scene.ended_by_time()
    if not scene.wait_until_free():
        scene.complaints.append("nobody ended the run")


def _reached(case: Case, scene: Scene) -> bool:
    if case.moment:
        moment = case.moment
        return reach(lambda: is_there(moment, scene.site.state, scene.said), scene.said)
    if scene.line:
        line = scene.line
        return reach(lambda: line.passed_bytes >= case.after_bytes, scene.said)
    return False


def _forget(site: Site) -> None:
    """What wpstate keeps of the site; what was quarantined would be refused the next time."""
    shutil.rmtree(site.state, ignore_errors=True)
