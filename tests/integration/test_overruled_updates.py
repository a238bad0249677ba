"""Constants of wp-config.php that overrule what a site's options say of updates: WordPress's own
answer is the oracle."""

from tests.builders import managed, nothing_asked, replace
from tests.integration import lab_accounts
from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, State
from wpstate.resources.auto_updates import AutoUpdatesKind

_NEVER = "define( 'AUTOMATIC_UPDATER_DISABLED', true );\n"
_CORE = Address("auto_updates.core")
_DISABLED = "require_once ABSPATH . 'wp-admin/includes/class-wp-automatic-updater.php';"
_DISABLED += " echo (int) ( new WP_Automatic_Updater() )->is_disabled();"


def _observe(name: str) -> ObservedState:
    question = AutoUpdatesKind().question((managed(str(_CORE), State(value="on")),), ())
    assert question is not None
    desired = replace(
        nothing_asked(lab_accounts.site(name)), questions={AutoUpdatesKind.name: question}
    )
    with lab_accounts.shells() as shells:
        return ProbeObserver(shells, SystemClock()).observe([desired])[desired.site.id]


def test_an_updater_that_is_switched_off_updates_nothing() -> None:
    with borrowed("above", reset=True) as lab:
        site, config = RoleSite(lab), lab.path.parent / "wp-config.php"
        site.wp("option", "update", "auto_update_core_major", "enabled")
        assert site.wp("eval", _DISABLED) == "1"
        seen = _observe("above")
        assert seen.faults == ()
        assert seen.state(_CORE).value == "off"

        config.write_text(config.read_text("utf-8").replace(_NEVER, ""), "utf-8")
        assert site.wp("eval", _DISABLED) == "0"
        assert _observe("above").state(_CORE).value == "on"

        fixed = "<?php\ndefine( 'WP_AUTO_UPDATE_CORE', 'minor' );"
        config.write_text(config.read_text("utf-8").replace("<?php", fixed, 1), "utf-8")
        assert _observe("above").state(_CORE).value == "minor"
