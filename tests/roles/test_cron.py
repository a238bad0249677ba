"""Role cron: events taken out, DISABLE_WP_CRON in wp-config.php, the account's crontab not touched
where nobody asked for a schedule (tests/e2e has one with a schedule)."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, boot_changed, boot_diff
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

_OFF, _ON = (f"define( 'DISABLE_WP_CRON', {word} );" for word in ("true", "false"))


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def _apply(site: RoleSite, *, check: bool = False) -> PlaybookResult:
    asked: Json = {
        "unschedule": ["old_report"],
        "sets_schedule": False,
        "schedule": None,
        "constant": False,
        "config": str(site.lab.path / "wp-config.php"),
        "state": str(site.state_dir),
        "wp": str(site.lab.path),
    }
    told = (("wp_cron", "off", "on"), ("hooks.old_report", "scheduled", "absent"))
    return site.in_wordpress("cron", asked, *told, check=check)


def _scheduled(site: RoleSite, hook: str) -> str:
    return site.wp("cron", "event", "list", f"--hook={hook}", "--format=count")


def test_check_converge_and_again(site: RoleSite) -> None:
    config = site.lab.path / "wp-config.php"
    before = config.read_text("utf-8")
    assert _OFF in before
    for hook in ("old_report", "others_work"):
        site.wp("cron", "event", "schedule", hook, "now", "hourly")

    told = _apply(site, check=True)
    assert told.changed == ("Start WordPress once",)
    assert boot_diff(told) == [
        "-cron.wp_cron: off",
        "-cron.hooks.old_report: scheduled",
        "+cron.wp_cron: on",
        "+cron.hooks.old_report: absent",
    ]
    assert (_scheduled(site, "old_report"), config.read_text("utf-8")) == ("1", before)

    done = _apply(site)
    assert boot_changed(done, "cron") == ["old_report", "DISABLE_WP_CRON"]
    assert boot_diff(done) == boot_diff(told)
    assert (_scheduled(site, "old_report"), _scheduled(site, "others_work")) == ("0", "1")
    assert config.read_text("utf-8") == before.replace(_OFF, _ON)

    again = _apply(site)
    assert boot_changed(again, "cron") == []
    assert again.changed == ()
