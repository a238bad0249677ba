"""What a killed controller means for the next command, and a living one for `recover`."""

import subprocess

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site

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
