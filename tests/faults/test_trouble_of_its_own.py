"""The controller's own trouble: signals twice, nobody to tell, a ledger that cannot be written."""

import signal
import time

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.faults.conftest import FULL

pytestmark = pytest.mark.xdist_group("blog")


def test_a_second_signal_stops_the_view_and_the_host_goes_on(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    before = site.whole()
    running = fleet.start("apply", "blog", "--yes")
    until(running, "post-check")
    running.send_signal(signal.SIGHUP)
    until(running, "rollback")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, out + err
    assert "run.handed_over" in err
    assert "Traceback" not in err
    give_up_at = time.monotonic() + 60
    while (site.state / "lock").exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.5)
    site.assert_as(before)


def test_nobody_to_tell_and_no_ledger_leave_a_good_site(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    (fleet.home / "ledger.sqlite3").mkdir()
    running = fleet.start("apply", "blog", "--yes", "--format", "json")
    assert running.stdout
    assert running.stderr
    running.stdout.close()
    running.stderr.close()
    assert running.wait(120) == 1
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    site.assert_open()
    told = fleet.wpstate("apply", "blog", "--yes", code=0)
    assert "Traceback" not in told.err
    assert "ledger.unwritable" in told.slugs()


ASKING = [
    (number, phase)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for phase in ("verify", "stage", "snapshot", "apply", "post-check")
]


@pytest.mark.parametrize(("number", "phase"), ASKING if FULL else [(signal.SIGTERM, "apply")])
def test_one_signal_undoes_the_step_and_is_recorded(
    number: signal.Signals, phase: str, take: Take, fleet: Fleet
) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    before = site.whole()
    running = fleet.start("apply", "blog", "--yes")
    until(running, phase)
    running.send_signal(number)
    out, err = running.communicate(timeout=90)
    assert running.returncode == 130, out + err
    assert "run.interrupted" in err
    assert "Traceback" not in err
    site.assert_as(before)
    begun = phase in ("apply", "post-check")
    assert fleet.last_run("blog")["outcome"] == ("rolled_back" if begun else "failed")
    assert fleet.wpstate("recover", "blog", "--format", "json").json == []
    assert fleet.wpstate("release", "blog", "--format", "json").json["quarantined"] == {}


def test_a_reader_that_goes_away_changes_nothing_of_the_run(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    running = fleet.start("apply", "blog", "--yes")
    until(running, "snapshot")
    assert running.stdout
    running.stdout.close()
    running.stdout = None
    err = running.communicate(timeout=90)[1]
    assert running.returncode == 1, err
    assert "Traceback" not in err
    assert fleet.last_run("blog")["outcome"] == "applied"
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    site.assert_open()
