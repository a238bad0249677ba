"""A run as people read it."""

from dataclasses import replace

from tests.builders import NOW, SITE, SPAN
from wpstate.model.cache import CacheLayer, Purge, Purged
from wpstate.model.change import Action, Cause, Change
from wpstate.model.look import CheckResult
from wpstate.model.problem import Problem
from wpstate.model.run import Outcome, Phase, PhaseTime, Run
from wpstate.model.state import Address, State
from wpstate.report.lines import plain
from wpstate.report.record import run_from_text, run_to_text
from wpstate.report.run_text import run_lines, runs_lines

FATAL = CheckResult("/wp-admin/ as admin", passed=False, sign="fatal_error_text", detail="critical")
WELL = CheckResult("/ as visitor", passed=True)


def _run(outcome: Outcome, *checks: CheckResult, reasons: tuple[Problem, ...] = ()) -> Run:
    return Run(
        id="20261122T090000Z-abcdef",
        site=SITE.id,
        plan="p-1",
        outcome=outcome,
        started_at=NOW,
        took_s=21.64,
        frozen_s=None if outcome is Outcome.REFUSED else 7.12,
        phases=(PhaseTime(Phase.LOCK, NOW, 0.7, True), PhaseTime(Phase.VERIFY, NOW, 1.6, True)),
        changes=(),
        checks=checks,
        reasons=reasons,
    )


def test_an_applied_run() -> None:
    assert plain(run_lines(_run(Outcome.APPLIED, WELL, WELL))) == (
        "shop: applied  run 20261122T090000Z-abcdef, 21.6 s, visitors waited 7.1 s\n"
        "  ✓ 2 checks passed\n"
        "  phases (s): lock 0.7, verify 1.6\n"
    )


def test_what_was_purged_is_told_and_what_cannot_be_proven_too() -> None:
    page = Purge("wp-rocket", "WP Rocket", CacheLayer.PAGE)
    told = (
        Purged(page, True, "nothing left in cache/wp-rocket"),
        Purged(replace(page, layer=CacheLayer.CDN, label="Cloudflare"), False, "age: 900"),
    )
    text = plain(run_lines(replace(_run(Outcome.APPLIED), caches=told)))
    assert "  ✓ page (WP Rocket) purged: nothing left in cache/wp-rocket\n" in text
    assert "  ! cdn (Cloudflare) may keep old pages: age: 900\n" in text


def test_an_activation_is_told_as_one() -> None:
    off, on = State(version="1.6", active=False), State(version="1.6", active=True)
    address, asked = Address("plugins.x"), Cause.PENDING
    change = Change(address, Action.ACTIVATE, off, on, asked, SPAN, "approved")
    run = replace(_run(Outcome.APPLIED), changes=(change,))
    assert "plugins.x 1.6 inactive → active\n" in plain(run_lines(run))
    assert plain(runs_lines([run])).rstrip().endswith("plugins.x 1.6 inactive → active")


def test_a_failed_check_is_told_once() -> None:
    reason = Problem("check.failed", "a post-check failed", found=str(FATAL))
    text = plain(run_lines(_run(Outcome.ROLLED_BACK, FATAL, WELL, reasons=(reason,))))
    assert text.count("fatal_error_text") == 1
    assert "reason[check.failed]" in text
    assert "✗" not in text


def test_a_failed_check_that_is_no_reason_is_told_too() -> None:
    reason = Problem("tree.unplanned", "the run left files", found="x.php")
    text = plain(run_lines(_run(Outcome.ROLLED_BACK, FATAL, reasons=(reason,))))
    assert "  ✗ /wp-admin/ as admin: fatal_error_text critical\n" in text


def test_a_wall_is_told_as_such() -> None:
    assert str(CheckResult("/ as visitor", passed=False, blocked=True)) == "/ as visitor: blocked"


def test_a_table_of_runs() -> None:
    text = plain(runs_lines([_run(Outcome.APPLIED), _run(Outcome.REFUSED)]))
    head, first, second = text.splitlines()
    assert " ".join(head.split()) == "RUN SITE OUTCOME BEGAN (UTC) TOOK FROZEN CHANGES"
    assert first.split()[2] == "applied"
    assert "0 s" in second
    assert plain(runs_lines([])) == "No runs yet.\n"


def test_a_run_survives_its_record() -> None:
    run = _run(Outcome.ROLLED_BACK, FATAL, reasons=(Problem("check.failed", "it failed"),))
    assert run_from_text(run_to_text(run)) == run
