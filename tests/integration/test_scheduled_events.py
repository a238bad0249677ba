"""What the probe says of scheduled events in a real table."""

from tests.builders import nothing_asked, replace
from tests.integration import lab_accounts
from tests.integration.lab_site import borrowed
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.state import Json


def _observe(site: str) -> ObservedState:
    asked: Json = {"hooks": ["old_hook"], "overdue_s": 3600, "constants": ["DISABLE_WP_CRON"]}
    desired = replace(nothing_asked(lab_accounts.site(site)), questions={"cron": asked})
    with lab_accounts.shells() as shells:
        return ProbeObserver(shells, SystemClock()).observe([desired])[desired.site.id]


def test_too_many_to_be_read_are_not_taken_for_none() -> None:
    with borrowed("getenv", reset=True) as lab:
        many = "CONCAT('a:1:{i:1;s:4194304:\"', REPEAT('x', 4194304), '\";}')"
        lab.rows(f"UPDATE {lab.prefix}options SET option_value = {many} WHERE option_name = 'cron'")
        detail = "cron: the events are more than 4 MiB: too many to be read"
        assert _observe("getenv").faults == (Fault("kind_unseen", detail),)

        lab.rows(f"DELETE FROM {lab.prefix}options WHERE option_name = 'cron'")
        assert _observe("getenv").faults == ()
