"""kill -9 of the controller as each phase begins: the site ends as before or as planned."""

import subprocess

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site
from tests.faults.conftest import FULL

PHASES = (
    "lock", "verify", "stage", "freeze", "drain", "snapshot", "apply", "observe", "post-check",
    "thaw",
)  # fmt: skip
SAMPLE = ("snapshot", "apply")

pytestmark = pytest.mark.xdist_group("blog")


def killed_at(phase: str, fleet: Fleet, *words: str) -> "subprocess.Popen[str]":
    """Run the command and kill it as this phase begins, whatever it has under way."""
    running = fleet.start(*words)
    until(running, phase)
    running.kill()
    running.communicate(timeout=30)
    return running


def version_of(site: Site) -> str:
    return site.wp("plugin", "get", "lab-guestbook", "--field=version")


@pytest.mark.parametrize("phase", PHASES if FULL else SAMPLE)
def test_recover_ends_what_it_left(phase: str, take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    before = site.whole()
    killed_at(phase, fleet, "apply", "blog", "--yes")

    # Known to be gone, because it was a process of this machine: no ten minutes of waiting.
    recovered = fleet.wpstate("recover", "blog", "--format", "json").json

    if version_of(site) == "1.0":
        site.assert_as(before)
    else:
        assert phase == "thaw"
        site.assert_open()
    if phase != "lock":
        assert [run["reasons"][0]["slug"] for run in recovered] == ["run.abandoned"]
        assert fleet.last_run("blog")["id"] == recovered[0]["id"]
    # Nothing is quarantined: the death of a controller says nothing against the change.
    assert fleet.wpstate("release", "blog", "--format", "json").json["quarantined"] == {}
    assert fleet.wpstate("recover", "blog", "--format", "json").json == []


def test_the_next_apply_recovers_and_goes_on(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    killed_at("post-check", fleet, "apply", "blog", "--yes")
    fleet.wpstate("apply", "blog", "--yes")
    assert version_of(site) == "1.1"
    site.assert_open()
    outcomes = [run["outcome"] for run in fleet.wpstate("runs", "--format", "json").json]
    assert outcomes == ["applied", "rolled_back"]


def test_a_living_controller_is_left_alone(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    running = fleet.start("apply", "blog", "--yes")
    until(running, "stage")
    refused = fleet.wpstate("recover", "blog", code=3)
    assert "run.locked" in refused.slugs()
    shown = fleet.wpstate("unlock", "blog", code=3)
    assert "unlock.id" in shown.slugs()
    nonce = shown.err.rpartition("--id ")[2].strip()
    assert "run.locked" in fleet.wpstate("unlock", "blog", "--id", nonce, code=3).slugs()
    assert "unlock.id" in fleet.wpstate("unlock", "blog", "--id", "0" * 32, code=3).slugs()
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, out + err
    site.assert_open()
