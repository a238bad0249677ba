"""wp-config.php of several sites of one account: whatever one does, the others are seen."""

import hashlib
import os
import pwd
import re
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import nothing_asked
from tests.integration import lab_accounts
from tests.integration.observing import codes, observe, write
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.site import Site
from wpstate.model.state import Address

GOOD = "good"
CONFIGS = {
    "first": GOOD,
    "hangs": "<?php while (true) { sleep(60); }",
    "exits": "<?php echo 'noise'; exit(0);",
    "dies": "<?php posix_kill(getmypid(), 9);",
    "garbage": "<?php file_put_contents('php://fd/3', str_repeat('x', 100000) . \"\\n\");",
    "defines": "<?php define('WPSTATE_TEST_LEAK', 1); $wpstate_test_leak = 1;",
    "last": GOOD,
}


def test_what_one_wp_config_does_is_nobody_elses(site_copy: Path) -> None:
    told = site_copy.parent / "told"
    good = (site_copy / "wp-config.php").read_text()
    watching = (
        "<?php file_put_contents(%r, json_encode(array(defined('WPSTATE_TEST_LEAK'), "
        "isset($wpstate_test_leak), isset($wpstate_request), $_SERVER['HTTP_HOST'])) . \"\\n\");"
    )
    sites = []
    for name, text in CONFIGS.items():
        wp = site_copy.parent / name / site_copy.name
        shutil.copytree(site_copy, wp, symlinks=True)
        lab_accounts.give_to("wpl-layout", wp)
        if text is GOOD:
            text = good.replace("<?php", watching % str(told), 1)
        write(wp / "wp-config.php", text)
        sites.append(lab_accounts.site(name, wp_path=str(wp), like="above"))
    write(told, "")
    told.chmod(0o666)
    seen = dict(zip(CONFIGS, observe(*sites), strict=True))
    assert {name: codes(state) for name, state in seen.items()} == {
        "first": [],
        "hangs": ["timeout"],
        "exits": ["wp_config_exit"],
        "dies": ["wp_config_exit"],
        "garbage": ["wp_config_exit"],
        "defines": ["wp_config_exit"],
        "last": [],
    }
    for name in ("first", "last"):
        assert seen[name].state(Address("core.database")).value, name
    assert "false" in told.read_text()
    assert "true" not in told.read_text()


def test_code_that_looks_alike_is_counted_for_each_site_that_has_it(site_copy: Path) -> None:
    sites, bytes_there = [], []
    for number, name in enumerate(("one", "two", "three")):
        wp = site_copy.parent / name / site_copy.name
        shutil.copytree(site_copy, wp, symlinks=True)
        write(wp / "wp-content" / "plugins" / "own" / f"own-{number}.php", "x" * 1000 * number)
        write(wp / "wp-content" / "plugins" / "same" / "inc" / "deep.php", "x" * 5000)
        write(wp / "wp-content" / "uploads" / "no-code.php", "x" * 7000)
        lab_accounts.give_to("wpl-layout", wp)
        sites.append(lab_accounts.site(name, wp_path=str(wp), like="above"))
        files = (file for file in wp.rglob("*") if not file.is_dir() or file.is_symlink())
        bytes_there.append(sum(file.lstat().st_size for file in files) - 7000)
    seen = observe(*sites)
    assert [state.code_bytes for state in seen] == bytes_there
    assert len(set(bytes_there)) == 3


@pytest.mark.parametrize("forks", [True, False])
def test_many_that_hang_come_last_and_cost_the_others_no_answer(
    site_copy: Path, *, forks: bool
) -> None:
    """Two of ten seconds each would be more than the probe's time; what is slow is seen all the
    same, after the others."""
    good = (site_copy / "wp-config.php").read_text()
    texts = {
        "hangs-1": "<?php while (true) { sleep(60); }",
        "slow": good.replace("<?php", "<?php sleep(3);", 1),
        "hangs-2": "<?php while (true) { sleep(60); }",
        "hangs-3": "<?php while (true) { sleep(60); }",
        "good": good,
    }
    php = "php"
    if not forks:  # as on most shared hosts
        line = '#!/bin/sh\nexec php -d disable_functions=pcntl_fork "$@"\n'
        php = str(write(site_copy.parent / "php-without-fork", line, 0o755))
    sites = []
    for name, text in texts.items():
        wp = site_copy.parent / name / site_copy.name
        shutil.copytree(site_copy, wp, symlinks=True)
        write(wp / "wp-config.php", text)
        sites.append(lab_accounts.site(name, wp_path=str(wp), php=php, like="above"))
    lab_accounts.give_to("wpl-layout", site_copy.parent)
    seen = dict(zip(texts, observe(*sites, timeout_s=24), strict=True))
    assert {name: codes(state) for name, state in seen.items()} == {
        "hangs-1": ["timeout"],
        "slow": [],
        "hangs-2": ["timeout"],
        "hangs-3": ["timeout"],
        "good": [],
    }
    assert seen["good"].state(Address("core.database")).value


def test_a_database_server_that_says_nothing_is_waited_for_once(site_copy: Path) -> None:
    text = (site_copy / "wp-config.php").read_text()
    sites = []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        text, found = re.subn(r"('DB_HOST', ')[^']*'", rf"\g<1>{address}'", text)
        assert found == 1
        for name in ("one", "two", "three"):
            wp = site_copy.parent / name / site_copy.name
            shutil.copytree(site_copy, wp, symlinks=True)
            write(wp / "wp-config.php", text)
            sites.append(lab_accounts.site(name, wp_path=str(wp), like="above"))
        lab_accounts.give_to("wpl-layout", site_copy.parent)
        seen = observe(*sites)
        mute.settimeout(1)
        mute.accept()
        with pytest.raises(TimeoutError):
            mute.accept()
    assert [codes(state) for state in seen] == [["database_down"]] * 3


def _copies(site_copy: Path, *names: str) -> list[Site]:
    sites = []
    for name in names:
        wp = site_copy.parent / name / site_copy.name
        shutil.copytree(site_copy, wp, symlinks=True)
        lab_accounts.give_to("wpl-layout", wp)
        sites.append(lab_accounts.site(name, wp_path=str(wp), like="above"))
    return sites


def test_a_part_of_the_probe_that_hangs_costs_the_other_sites_nothing(site_copy: Path) -> None:
    """A file that is a pipe: nobody ever writes what reading it waits for."""
    sites = _copies(site_copy, "first", "hangs", "last")
    pipe = Path(sites[1].host.wp_path) / "wp-includes" / "version.php"
    pipe.unlink()
    os.mkfifo(pipe, 0o644)
    pipe.chmod(0o644)
    first, hangs, last = observe(*sites, timeout_s=30)
    assert (codes(first), codes(last)) == ([], [])
    assert codes(hangs)[-1] == "timeout"
    assert "it took longer than" in hangs.faults[-1].detail


def test_of_a_kind_that_hangs_all_else_of_the_site_is_seen(site_copy: Path) -> None:
    sites = _copies(site_copy, "hangs", "last")
    key = hashlib.sha256(sites[0].host.wp_path.encode()).hexdigest()[:16]
    state = Path(pwd.getpwnam("wpl-layout").pw_dir) / ".wpstate" / key
    was_there = state.parent.exists()
    state.mkdir(parents=True)
    try:
        os.mkfifo(state / "secrets_set.json")
        lab_accounts.give_to("wpl-layout", state if was_there else state.parent)
        secret = {"name": "env WPSTATE_SECRET_X", "salt": None, "hmac": None}
        one = {"name": "x", "option": "blogname", "path": [], "exact": False, "secret": secret}
        ask = {"options": {"options": [one]}}
        asked = [replace(nothing_asked(site), questions=ask) for site in sites]
        with lab_accounts.shells() as shells:
            seen = ProbeObserver(shells, SystemClock(), timeout_s=30).observe(asked)
    finally:
        shutil.rmtree(state if was_there else state.parent)
    hangs, last = (seen[site.id] for site in sites)
    assert last.faults == ()
    assert codes(hangs) == ["kind_unseen"]
    assert "options: it took longer than" in hangs.faults[0].detail
    assert hangs.state(Address("core.database")).value is not None
