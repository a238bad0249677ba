"""The probe on sites that are ill and through PHP binaries that lie: each has its fault."""

import os
import secrets
import stat
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.builders import nothing_asked
from tests.integration import lab_accounts
from tests.integration.lab_site import borrowed
from tests.integration.observing import codes, look, observe, write
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.observer import ProbeObserver
from wpstate.adapters.ssh import SshShells
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import Address


@pytest.mark.usefixtures("above")
def test_a_site_whose_plugin_is_fatal_is_seen_whole() -> None:
    site = lab_accounts.site("above")
    plugin = Path(site.host.wp_path) / "wp-content/plugins/lab-guestbook/lab-guestbook.php"
    bytes_before, stat_before = plugin.read_bytes(), plugin.stat()
    try:
        plugin.write_bytes(bytes_before + b"\nwpstate_test_calls_a_function_that_is_not_there();\n")
        with pytest.raises(urllib.error.HTTPError) as error:
            _wait_until_fatal(site.url)
        assert error.value.code == 500
        (seen,) = observe(site)
    finally:
        plugin.write_bytes(bytes_before)
        os.utime(plugin, ns=(stat_before.st_atime_ns, stat_before.st_mtime_ns))
    assert seen.faults == ()
    guestbook = seen.state(Address("plugins.lab-guestbook"))
    assert guestbook.version
    assert guestbook.active


def _wait_until_fatal(url: str) -> None:
    for _ in range(40):  # OPcache looks at a file's time only every two seconds.
        with urllib.request.urlopen(f"{url}/?{secrets.token_hex(4)}", timeout=10):
            time.sleep(0.1)


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ("<?php\ndefine('DB_PASSWORD', 'hunter2'\n", "wp_config_parse_error", "on line"),
        ("<?php define('DB_PASSWORD', 'abc'hunter2');", "wp_config_parse_error", "on line 1"),
        ("<?php echo 'noise'; exit(0);", "wp_config_exit", "ended before"),
        (
            "<?php define('DB_PASSWORD', 'hunter2'); throw new Exception('no hunter2');",
            "wp_config_exit",
            "no ***",
        ),
        ("<?php not_there();", "wp_config_exit", "not_there()"),
        ("<?php class A {} class A {}", "wp_config_exit", "class A"),
        ("<?php require ABSPATH . 'wp-settings.php';", "wp_config_exit", "table_prefix"),
        ("<?php posix_kill(getmypid(), 9);", "wp_config_exit", "PHP died"),
        (None, "wp_config_missing", "wp-config.php"),
    ],
)
def test_a_broken_wp_config_is_named_and_the_files_are_still_read(
    site_copy: Path, config: str | None, code: str, words: str
) -> None:
    if config is None:
        (site_copy / "wp-config.php").unlink()
    else:
        (site_copy / "wp-config.php").write_text(config)
    seen = look(site_copy)
    assert codes(seen) == [code]
    assert words in seen.faults[0].detail
    assert "hunter2" not in str(seen)
    version = seen.state(Address("core.version")).version
    assert f"'{version}'" in (site_copy / "wp-includes/version.php").read_text()
    guestbook = seen.state(Address("plugins.lab-guestbook"))
    assert guestbook.present
    assert guestbook.active is None


def test_a_wp_config_that_never_ends_is_stopped(site_copy: Path) -> None:
    (site_copy / "wp-config.php").write_text(f"<?php while (true) {{ sleep(1); }} // {site_copy}")
    seen = look(site_copy)
    assert codes(seen) == ["timeout"]
    assert seen.took_s < 15
    assert seen.state(Address("plugins.hello")).present


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("'DB_PASSWORD', '", "'DB_PASSWORD', 'wrong", "database_down"),
        ("mysqld.sock", "nobody.sock", "database_down"),
        ("'DB_NAME', '", "'DB_NAME', 'no_", "database_down"),
        ("table_prefix = '", "table_prefix = 'no_", "tables_missing"),
    ],
)
def test_a_database_that_cannot_be_read_is_a_fault_and_no_empty_list(
    site_copy: Path, before: str, after: str, code: str
) -> None:
    text = (site_copy / "wp-config.php").read_text()
    assert before in text
    (site_copy / "wp-config.php").write_text(text.replace(before, after))
    seen = look(site_copy)
    assert codes(seen) == [code]
    assert seen.database is None
    assert seen.state(Address("plugins.hello")).active is None
    assert not seen.state(Address("core.database")).present
    for secret in ("wrong", *_passwords(text)):
        assert secret not in str(seen)


def _passwords(config: str) -> list[str]:
    return [line.split("'")[3] for line in config.splitlines() if "'DB_PASSWORD'" in line]


def test_a_folder_without_wordpress_and_one_that_is_not_there(account_folder: Path) -> None:
    lab_accounts.give_to("wpl-layout", account_folder)
    assert codes(look(account_folder)) == [
        "wp_config_missing",
        "plugins_unreadable",
        "core_missing",
    ]
    gone = look(account_folder / "gone")
    assert codes(gone) == ["core_missing"]
    assert gone.paths is None


def test_a_php_binary_that_is_none_is_named(account_folder: Path) -> None:
    lab_accounts.give_to("wpl-layout", account_folder)
    bare = write(account_folder / "bare", '#!/bin/sh\nexec php -n "$@"\n', 0o755)
    unfit = {"/usr/bin/php9.9": "php9.9", str(bare): "without mysqli"}
    for php, words in unfit.items():
        seen = look(account_folder, php=php)
        assert codes(seen) == ["php_wrong_binary"]
        assert words in seen.faults[0].detail
    assert codes(look(account_folder, php="cat")) == ["untrusted_output"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('echo talkative profile; php "$@"', None),
        ('out=$(php "$@"); echo "$out"; echo "$out"', "untrusted_output"),
        ('php "$@" | sed "s/^wpstate-./wpstate-x/"', "untrusted_output"),
        ('php "$@" | sed "s/^{/{ /"', "untrusted_output"),
        ('php "$@" | head -c 300', "untrusted_output"),
        ("cat >/dev/null; echo '{}'", "untrusted_output"),
        ("yes wpstate-", "untrusted_output"),
        ("while :; do echo .; sleep 0.2; done", "timeout"),
    ],
)
def test_an_answer_that_is_not_the_probes_counts_for_nothing(
    site_copy: Path, answer: str, code: str | None
) -> None:
    php = write(site_copy.parent / "liar", f"#!/bin/sh\n{answer}\n", stat.S_IRWXU)
    began_s = time.monotonic()
    seen = look(site_copy, php=str(php), timeout_s=3)
    assert codes(seen) == ([code] if code else [])
    assert bool(seen.resources) is (code is None)
    assert time.monotonic() - began_s < 10


def test_one_hosts_trouble_leaves_the_others_alone(tmp_path: Path) -> None:
    well = lab_accounts.site("atelier")
    dead_host = Host(Account("127.0.0.1", 1, "nobody"), "/nowhere")
    dead = Site(SiteId("dead"), dead_host, "http://127.0.0.1")
    with borrowed("atelier"):
        seen, unreachable = observe(well, dead)
    assert seen.faults == ()
    assert codes(unreachable) == ["unreachable"]
    with SshShells(KnownHosts(tmp_path / "none"), lab_accounts.KEY_FILE) as shells:
        observer = ProbeObserver(shells, SystemClock())
        stranger = observer.observe([nothing_asked(well)])[well.id]
    assert codes(stranger) == ["host_key"]
    assert "wpstate trust 127.0.0.1:22022" in stranger.faults[0].detail


@pytest.mark.usefixtures("above")
def test_a_lost_table_of_core_is_a_fault_beside_all_that_can_be_seen() -> None:
    site = lab_accounts.site("above")
    socket = "/var/lib/wpstate-lab/run/mysqld.sock"
    client = ("mariadb", f"--socket={socket}", "wpl_above", "-e")
    subprocess.run((*client, "RENAME TABLE wp_commentmeta TO wp_away"), check=True)
    try:
        (seen,) = observe(site)
    finally:
        subprocess.run((*client, "RENAME TABLE wp_away TO wp_commentmeta"), check=True)
    assert [(f.code, f.detail) for f in seen.faults] == [
        ("tables_missing", "the table wp_commentmeta is missing")
    ]
    assert seen.state(Address("core.version")).present
    assert seen.database is not None
