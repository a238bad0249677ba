"""Who starts a site's events, asked for in git: WordPress's own way, or the account's crontab.

The lab's accounts have no cron: a stand-in on the bad host keeps the lines in a file.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fleet import Fleet
from tests.e2e.site import CHECKOUT, LAB, Site, lab_site
from tests.lab_lease import lease

pytestmark = pytest.mark.xdist_group("badhost")

_STAND_IN = """#!/bin/sh
table=$HOME/crontab.table
case $1 in
    -l) [ -e "$table" ] || { echo "no crontab for you" >&2; exit 1; }; cat "$table" ;;
    -) cat >"$table.new" && mv "$table.new" "$table" ;;
esac
"""
_OTHERS = ["MAILTO=''", "5 4 * * * backup"]
_PROGRAM = LAB / "bad" / "bin" / "crontab"


@pytest.fixture
def site() -> Iterator[Site]:
    with lease("badhost"):
        found = lab_site("badhost")
        _faults("none")
        found.reset()
        found.warm()
        try:
            yield found
        finally:
            _PROGRAM.unlink(missing_ok=True)
            _table(found).unlink(missing_ok=True)
            found.reset()
            _faults("all")


@pytest.fixture
def crontab(site: Site) -> Path:
    # Nobody started the lab's own events since it was built.
    site.wp("eval", "update_option( 'cron', array( 'version' => 2 ) );")
    _PROGRAM.write_text(_STAND_IN)
    _PROGRAM.chmod(0o755)
    table = _table(site)
    table.write_text("".join(f"{line}\n" for line in _OTHERS))
    shutil.chown(table, site.account, site.account)
    return table


def test_wp_cron_is_never_off_without_a_schedule(site: Site, fleet: Fleet) -> None:
    _ask(fleet, "wp_cron: off")
    refused = fleet.wpstate("apply", "badhost", "--yes", code=3)
    assert refused.slugs() == {"plan.crontab"}
    assert f"{site.wp_path}/wp-cron.php" in refused.out

    _ask(fleet, "wp_cron: off, schedule: host", "wp_cron: off")
    fleet.wpstate("plan", "badhost", "--detailed-exitcode", code=0)


def test_asked_applied_drifted_healed(site: Site, fleet: Fleet, crontab: Path) -> None:
    site.wp("cron", "event", "schedule", "old_report", "now", "hourly")
    _ask(fleet, "wp_cron: off, must: [never_there], must_not: [old_report]")
    fleet.wpstate("apply", "badhost", "--yes")

    *others, line = crontab.read_text().splitlines()
    assert others == _OTHERS
    assert line.startswith("*/5 * * * * '/usr/bin/php8.2' ")
    assert site.wp("cron", "event", "list", "--hook=old_report", "--format=count") == "0"
    assert _told(fleet) == [("cron.hooks.never_there", "drift")]
    site.wp("eval", "wp_schedule_single_event( time() - 9, 'once' );")
    command = line.removeprefix("*/5 * * * * ")
    subprocess.run(("runuser", "-u", site.account, "--", "sh", "-c", command), check=True)
    assert site.wp("cron", "event", "list", "--hook=once", "--format=count") == "0"

    crontab.write_text("".join(f"{line}\n" for line in _OTHERS))
    site.wp("eval", "wp_schedule_event( time() - 9999, 'hourly', 'late' );")
    assert _told(fleet) == [
        ("cron.hooks.never_there", "drift"),
        ("cron.overdue", "drift"),
        ("cron.wp_cron", "drift"),
    ]
    fleet.wpstate("apply", "badhost", "--yes", "--heal")
    assert crontab.read_text().splitlines() == [*_OTHERS, line]
    site.assert_open()


def test_put_back_when_the_run_fails(site: Site, fleet: Fleet, crontab: Path) -> None:
    _ask(fleet, "wp_cron: off")
    fleet.wpstate("apply", "badhost", "--yes")
    lines = crontab.read_text()
    before = site.whole()
    _ask(fleet, "wp_cron: on", "wp_cron: off")
    fleet.pin("badhost", "lab-guestbook", "2.8")

    fleet.wpstate("apply", "badhost", "--yes", code=4)

    site.assert_as(before)
    assert crontab.read_text() == lines

    fleet.pin("badhost", "lab-guestbook", "1.0")
    fleet.wpstate("apply", "badhost", "--yes", "--only", "cron.wp_cron")
    assert crontab.read_text().splitlines() == _OTHERS
    assert site.wp("eval", "echo (int) DISABLE_WP_CRON;") == "0"
    assert "define( 'DISABLE_WP_CRON', false );" in (site.root / "wp-config.php").read_text()


def _faults(*faults: str) -> None:
    lab = CHECKOUT / "script" / "lab"
    subprocess.run((lab, "faults", *faults), check=True, capture_output=True, timeout=60)


def _table(site: Site) -> Path:
    return site.root.parents[1] / "crontab.table"


def _ask(fleet: Fleet, line: str, instead_of: str | None = None) -> None:
    if instead_of is None:
        fleet.replace("badhost", "profiles:", f"cron: {{{line}}}\nprofiles:")
    else:
        fleet.replace("badhost", f"cron: {{{instead_of}", f"cron: {{{line}")


def _told(fleet: Fleet) -> list[Any]:
    (site,) = fleet.wpstate("plan", "badhost", "--format", "json").json["sites"]
    assert site["changes"] == []
    moved = [(noted["address"], noted["sort"]) for noted in site["noted"]]
    return sorted(one for one in moved if one[0].startswith("cron."))
