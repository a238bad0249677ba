"""The verdict on real pages: versions of a plugin that fail in each a different way."""

from dataclasses import replace

import pytest

from tests.builders import desired
from tests.integration.lab_site import LabSite, borrowed
from wpstate.adapters.http import HttpVisitor
from wpstate.model.desired import DesiredState, Look
from wpstate.model.look import CheckResult
from wpstate.planning import looks, verdict
from wpstate.workflows.holding import PROOF_TRIES

TOKEN = "run-token"
TIMEOUT_S = 15


def wanted(site: LabSite) -> DesiredState:
    declared = (Look("/", must_contain=("lab-guestbook-version",)), Look("/contact/"))
    return replace(desired(), site=replace(desired().site, url=site.url), looks=declared)


def judged(site: LabSite, version: str, timeout_s: float = TIMEOUT_S) -> tuple[CheckResult, ...]:
    """A run's looks in a run's order, around a swap by hand."""
    state, admin, visitor = wanted(site), f"{site.url}/wp-admin/", HttpVisitor()
    declared = looks.declared(state)
    before = visitor.look(looks.before_anonymous(state, admin), token=None, timeout_s=TIMEOUT_S)
    site.freeze(TOKEN)
    stranger, holder = looks.freeze_proof(state)
    for _ in range(PROOF_TRIES):  # OPcache may hold scripts of the test before.
        seen = visitor.look((stranger, holder), token=TOKEN, timeout_s=TIMEOUT_S)
        proof = verdict.judge_freeze(*seen)
        if all(result.passed for result in proof):
            break
    assert [result for result in proof if not result.passed] == []
    before += visitor.look(looks.before_frozen(state, admin), token=TOKEN, timeout_s=TIMEOUT_S)
    assert verdict.sick_before(declared, before) == ()

    site.swap("lab-guestbook", version)

    visitor.look(
        (holder,), token=TOKEN, timeout_s=timeout_s
    )  # Notices the swap, drops old scripts.
    after = visitor.look(looks.after(state, admin), token=TOKEN, timeout_s=timeout_s)
    return verdict.judge(declared, before, after)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_version_that_is_well_passes(version: str) -> None:
    with borrowed("redis", reset=True) as site:
        results = judged(site, version)

        assert [result for result in results if not result.passed] == []
        assert len(results) == 9
        site.thaw()
        state = wanted(site)
        (seen,) = HttpVisitor().look(looks.after_thaw(state), token=None, timeout_s=TIMEOUT_S)
        assert verdict.judge_thaw(looks.declared(state), seen).passed


@pytest.mark.parametrize(
    ("version", "signs", "spared"),
    [
        ("2.0", {"/ as visitor": "fatal_error_text"}, None),
        ("2.1", {"/wp-login.php as visitor": "fatal_error_text"}, None),
        ("2.2", {"/ as visitor": "empty_body"}, None),
        ("2.3", {"/contact/ as visitor": "empty_body"}, "/wp-admin/ as admin"),
        (
            "2.4",
            {"/ as visitor": "fatal_error_text", "/contact/ as visitor": "database_error"},
            "/wp-admin/ as admin",
        ),
        ("2.6", {"/wp-admin/ as admin": "fatal_error_text"}, None),
        ("2.8", {"/wp-admin/plugins.php as admin": "fatal_error_text"}, "/ as visitor"),
        ("2.9", {"/ as crawler": "cloaked"}, "/ as visitor"),
        ("2.10", {"/ as visitor": "fatal_error_text"}, "/wp-admin/ as admin"),
        ("2.11", {"POST / as visitor": "fatal_error_text"}, "/ as visitor"),
        ("2.12", {"/wp-admin/ as admin": "fatal_error_text"}, "/ as visitor"),
    ],
)
def test_a_version_that_is_ill_fails_by_its_sign_and_where_it_is_ill(
    version: str, signs: dict[str, str], spared: str | None
) -> None:
    with borrowed("redis", reset=True) as site:
        results = {result.name: result for result in judged(site, version)}

        assert {name: results[name].sign for name in signs} == signs
        assert spared is None or results[spared].passed


def test_a_version_that_hangs_fails_and_leaves_the_site_processes_to_go_on() -> None:
    with borrowed("redis", reset=True) as site:
        results = {result.sign for result in judged(site, "2.5", timeout_s=2)}

        assert results == {"timeout", "not_sent"}
        site.swap("lab-guestbook", "1.0")
        seen = HttpVisitor().look(looks.freeze_proof(wanted(site))[1:], token=TOKEN, timeout_s=9)
        assert seen[0].status == 200
