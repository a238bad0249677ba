"""A rollback where visitors come and go, `freeze: off` or after the thaw: what the run did goes
back, also its own rows, and what others wrote stays, whoever ends it."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.site import CHECKOUT, lab_site
from tests.faults.scene import LONG_AGO_S, let_time_pass, wait_until_free
from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, note, ready
from tests.integration.test_rollback_tiers import OPTION, count, inserted
from tests.integration.test_safety_net import state_of
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import Failed
from wpstate.model.table import Tables

NEW_TABLE = "CREATE TABLE wp_news (id INT AUTO_INCREMENT PRIMARY KEY, said VARCHAR(9))"
APPLIED = {"format": 1, "run": "this", "values": {}}


@pytest.fixture
def net() -> Iterator[SshSafetyNet]:
    """The atelier, its snapshot taken with visitors let in, and notes of the run begun."""
    with borrowed("atelier", reset=True), ready(ATELIER, visitors_in=True) as opened:
        note(".", 0)
        yield opened


def new_run_changes_a_setting() -> None:
    note("wp_options", 0)
    ATELIER.sql("UPDATE wp_options SET option_value = 'new' WHERE option_name = 'blogname'")


def run() -> str:
    return state_of(ATELIER, "sed -n s/^run=//p lock/info").strip()


def test_rows_that_the_run_added_go_and_those_of_visitors_stay(net: SshSafetyNet) -> None:
    note("wp_options", 1, inserted(OPTION.format(by="of the run")))
    ATELIER.sql(OPTION.format(by="of a visitor"))
    restored = net.restore()
    assert "wp_options" in restored.tables
    assert count("wp_options", "option_name", "of the run") == 0
    assert count("wp_options", "option_name", "of a visitor") == 1
    # The number is free again, and whoever takes it keeps it.
    ATELIER.sql(OPTION.format(by="later"))
    net.restore()
    assert count("wp_options", "option_name", "later") == 1


@pytest.mark.parametrize(
    ("step", "exact", "told"),
    [
        (1, "yes", "(o.`id` BETWEEN 7 AND 8 AND MOD(o.`id` - 7, 1) = 0)"),
        (3, "yes", "(o.`id` BETWEEN 7 AND 10 AND MOD(o.`id` - 7, 3) = 0)"),
        (1, "no", ""),
    ],
)
def test_numbers_between_which_others_may_have_some_are_in_doubt(
    step: int, exact: str, told: str
) -> None:
    """Two rows of one statement, on servers that hand out numbers in steps, or singly."""
    part = CHECKOUT / "wpstate" / "safetynet" / "shadow.sh"
    program = f""". "{part}"; printf 't\\t7\\t2\\n' | step={step} exact={exact} awk -F '\\t' \
        "$ours_awk"'{{ note_ours($1, $2, $3); print mine_in("t", "id") }}'"""
    ran = subprocess.run(("sh", "-c", program), capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == told


def test_a_table_of_the_runs_own_rows_goes_and_one_with_others_stays(net: SshSafetyNet) -> None:
    note("wp_news", 0)
    ATELIER.sql(NEW_TABLE)
    note("wp_news", 1, inserted("INSERT INTO wp_news (said) VALUES ('run')"))
    ATELIER.sql("INSERT INTO wp_news (said) VALUES ('visitor')")
    (left,) = net.restore().left
    assert (left.name, left.rows) == ("wp_news", 1)
    ATELIER.sql("DELETE FROM wp_news WHERE said = 'visitor'")
    assert net.restore().left == ()
    assert ATELIER.sql("SHOW TABLES LIKE 'wp_news'") == ""


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "gives up"])
def test_who_goes_on_after_the_code_puts_the_tables_back_too(net: SshSafetyNet, gone: bool) -> None:
    new_run_changes_a_setting()
    ATELIER.sh('echo new >"$1/new.php"', ATELIER.wp_path)
    net.restore(tables=Tables.CODE_FIRST)
    assert count("wp_options", "option_value", "new") == 1
    assert ATELIER.sh('ls "$1/new.php" 2>/dev/null || echo gone', ATELIER.wp_path) == "gone\n"
    state = lab_site("atelier").state
    if gone:
        let_time_pass(state, LONG_AGO_S)
    else:
        net.release()
    assert wait_until_free(state, 60)
    assert count("wp_options", "option_value", "new") == 0


def test_a_confirmed_run_goes_back_after_its_thaw_and_rows_since_stay(net: SshSafetyNet) -> None:
    new_run_changes_a_setting()
    assert net.confirm({"applied": APPLIED, "plan": "p", "summary": {}, "quarantine": None})
    with pytest.raises(Failed) as caught:
        net.restore()
    assert caught.value.problems[0].slug == "restore.settled"
    net.thaw()
    ATELIER.sql(OPTION.format(by="since the thaw"))
    with pytest.raises(Failed) as caught:
        net.restore(tables=Tables.WHOLE)
    assert caught.value.problems[0].slug == "restore.settled"
    net.restore(tables=Tables.CODE_FIRST)
    assert net.drain(5).took_s < 10
    net.restore()
    assert count("wp_options", "option_value", "new") == 0
    assert count("wp_options", "option_name", "since the thaw") == 1


@pytest.mark.parametrize("done", [True, False], ids=["restored", "code alone"])
def test_the_host_unpublishes_what_was_put_back_after_its_thaw(
    net: SshSafetyNet, done: bool
) -> None:
    new_run_changes_a_setting()
    summary = {"run": "this", "outcome": "applied"}
    net.confirm({"applied": APPLIED, "plan": "p", "summary": summary, "quarantine": None})
    net.thaw()
    net.restore(tables=Tables.TIERED if done else Tables.CODE_FIRST)
    state, this = lab_site("atelier").state, run()
    let_time_pass(state, LONG_AGO_S)
    assert wait_until_free(state, 60)
    assert count("wp_options", "option_value", "new") == 0
    assert (state / "runs" / this / "ended").read_text() == "rolled_back\n"
    told = json.loads((state / "runs" / this / "summary.json").read_text("utf-8"))
    assert told["outcome"] == "rolled_back"
    assert not (state / "applied.json").exists()
