"""The probe on the lab's real sites, on broken ones, and through PHP binaries that lie."""

import json
import os
import secrets
import shutil
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.integration import lab_accounts
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.observer import ProbeObserver
from wpstate.adapters.ssh import SshShells
from wpstate.model.observed import ObservedState
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import Address, State

ACCOUNT = "wpl-layout"
HOME = lab_accounts.LAB / "homes" / ACCOUNT


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in the account's home."""
    made = HOME / f"probe-{secrets.token_hex(4)}"
    made.mkdir()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def copy(folder: Path) -> Path:
    """What the probe reads of the site `above`, to be broken."""
    wp = lab_accounts.small_copy("above", folder)
    lab_accounts.give_to(ACCOUNT, folder)
    return wp


def observe(*sites: Site, timeout_s: int = 60) -> list[ObservedState]:
    with lab_accounts.shells() as shells:
        seen = ProbeObserver(shells, SystemClock(), timeout_s=timeout_s).observe(sites)
    return [seen[site.id] for site in sites]


def look(wp: Path, php: str = "php", timeout_s: int = 60) -> ObservedState:
    site = lab_accounts.site("copy", wp_path=str(wp), php=php, like="above")
    return observe(site, timeout_s=timeout_s)[0]


def codes(seen: ObservedState) -> list[str]:
    return [fault.code for fault in seen.faults]


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    lab_accounts.give_to(ACCOUNT, path)
    return path


def wp_cli(name: str, *words: str) -> str:
    """WordPress's own answer."""
    host = lab_accounts.site(name).host
    phar = lab_accounts.LAB / "cache" / "wp-cli.phar"
    command = ["runuser", "-u", host.account.user, "--", "php", str(phar), f"--path={host.wp_path}"]
    done = subprocess.run([*command, *words], check=True, capture_output=True, text=True)
    return done.stdout


# Real sites


def test_every_lab_site_is_seen_whole() -> None:
    for seen in observe(*(lab_accounts.site(name) for name in lab_accounts.PORTS)):
        assert seen.faults == (), seen.site
        assert seen.state(Address("core.version")).version in ("6.8.7", "7.1.1")
        assert isinstance(seen.state(Address("core.database")).value, int)
        assert seen.state(Address("plugins.lab-guestbook")).present
        assert seen.home_url == f"http://127.0.0.1:{lab_accounts.PORTS[str(seen.site)]}"
        assert seen.code_bytes is not None
        assert seen.code_bytes > 10_000_000
        assert seen.free_bytes is not None


@pytest.mark.parametrize("name", ["above", "getenv"])
def test_the_probe_says_what_wordpress_says(name: str) -> None:
    (seen,) = observe(lab_accounts.site(name))
    fields = "--fields=file,title,version,status"
    listed = json.loads(wp_cli(name, "plugin", "list", "--format=json", fields))
    theirs = {
        (plugin["file"], plugin["version"], plugin["status"] == "active")
        for plugin in listed
        if plugin["status"] in ("active", "inactive")
    }
    assert {(p.file, p.version, p.active) for p in seen.plugins} == theirs
    assert seen.state(Address("core.version")).version == wp_cli(name, "core", "version").strip()
    assert seen.paths is not None
    assert seen.paths.plugins == wp_cli(name, "plugin", "path").strip()
    db_version = wp_cli(name, "option", "get", "db_version").strip()
    assert seen.state(Address("core.database")).value == int(db_version)
    assert seen.database is not None
    assert seen.database.prefix == wp_cli(name, "db", "prefix").strip()


def test_wp_config_is_found_above_and_evaluated_with_its_includes_and_environment() -> None:
    above, getenv = observe(lab_accounts.site("above"), lab_accounts.site("getenv"))
    assert above.paths is not None
    assert getenv.paths is not None
    assert above.paths.config == str(HOME / "www/above/wp-config.php")
    assert getenv.paths.config == str(HOME / "www/getenv/wp-config.php")
    assert getenv.database is not None
    assert getenv.database.name == "wpl_getenv"


def test_a_wp_config_above_that_belongs_to_another_install_is_not_ours(copy: Path) -> None:
    (copy / "wp-config.php").rename(copy.parent / "wp-config.php")
    assert codes(look(copy)) == []
    shutil.copy2(copy / "wp-settings.php", copy.parent)
    assert codes(look(copy)) == ["wp_config_missing"]


def test_two_sites_in_one_database_know_their_own_tables() -> None:
    blog, shop = observe(lab_accounts.site("blog"), lab_accounts.site("shop"))
    assert blog.database is not None
    assert shop.database is not None
    assert blog.database.prefix == "wp_"
    assert shop.database.prefix == "wp_2_"
    assert "wp_2_posts" in blog.database.foreign_tables
    assert "wp_posts" not in blog.database.foreign_tables
    assert "wp_posts" in shop.database.foreign_tables
    assert "wp_2_posts" not in shop.database.foreign_tables
    assert blog.database.table_count + len(blog.database.foreign_tables) >= 24


def test_sites_of_one_account_share_one_php_process(copy: Path) -> None:
    calls = write(copy.parent / "calls", "")
    php = write(copy.parent / "php", f'#!/bin/sh\necho $$ >>{calls}\nexec php "$@"\n', 0o755)
    names = ("one", "two", "three")
    sites = [lab_accounts.site(n, wp_path=str(copy), php=str(php), like="above") for n in names]
    assert [codes(seen) for seen in observe(*sites)] == [[], [], []]
    assert len(calls.read_text().splitlines()) == 1


def test_the_probe_writes_nothing(copy: Path) -> None:
    def state() -> list[tuple[str, int, int]]:
        listing = sorted(copy.parent.rglob("*"))
        return [(str(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in listing]

    before, home_before = state(), sorted(os.listdir(HOME))
    look(copy)
    assert (state(), sorted(os.listdir(HOME))) == (before, home_before)


# Sites that are ill


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
    copy: Path, config: str | None, code: str, words: str
) -> None:
    if config is None:
        (copy / "wp-config.php").unlink()
    else:
        (copy / "wp-config.php").write_text(config)
    seen = look(copy)
    assert codes(seen) == [code]
    assert words in seen.faults[0].detail
    assert "hunter2" not in str(seen)
    assert seen.state(Address("core.version")).version == "6.8.7"
    guestbook = seen.state(Address("plugins.lab-guestbook"))
    assert guestbook.present
    assert guestbook.active is None


def test_a_wp_config_that_never_ends_is_stopped(copy: Path) -> None:
    (copy / "wp-config.php").write_text(f"<?php while (true) {{ sleep(1); }} // {copy}")
    seen = look(copy)
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
    copy: Path, before: str, after: str, code: str
) -> None:
    text = (copy / "wp-config.php").read_text()
    assert before in text
    (copy / "wp-config.php").write_text(text.replace(before, after))
    seen = look(copy)
    assert codes(seen) == [code]
    assert seen.database is None
    assert seen.state(Address("plugins.hello")).active is None
    assert not seen.state(Address("core.database")).present
    for secret in ("wrong", *_passwords(text)):
        assert secret not in str(seen)


def _passwords(config: str) -> list[str]:
    return [line.split("'")[3] for line in config.splitlines() if "'DB_PASSWORD'" in line]


def test_a_folder_without_wordpress_and_one_that_is_not_there(folder: Path) -> None:
    lab_accounts.give_to(ACCOUNT, folder)
    assert codes(look(folder)) == ["wp_config_missing", "plugins_unreadable", "core_missing"]
    gone = look(folder / "gone")
    assert codes(gone) == ["core_missing"]
    assert gone.paths is None


@pytest.mark.parametrize(
    ("text", "frozen_by"),
    [
        ("<?php $upgrading = {now};", "foreign"),
        ("<?php $upgrading = time(); exit;", "foreign"),
        ("<?php $upgrading = {old};", None),
        ('<?php $upgrading = 1;\n# wpstate {{"at":{now},"token_sha256":"00"}}', "wpstate"),
        ('<?php $upgrading = {now};\n# wpstate {{"at":{old},"token_sha256":"00"}}', None),
    ],
)
def test_a_maintenance_file_in_force_has_an_author(
    copy: Path, text: str, frozen_by: str | None
) -> None:
    now = int(time.time())
    write(copy / ".maintenance", text.format(now=now, old=now - 700))
    assert look(copy).frozen_by == frozen_by


def test_the_state_folder_is_read_and_damage_is_told(copy: Path) -> None:
    state = HOME / ".wpstate" / sha256(str(copy.resolve()).encode()).hexdigest()[:16]
    state_home_was_there = state.parent.exists()
    applied = {"plugins.akismet": {"present": True, "version": "5.7", "active": True}}
    record = {"format": 1, "run": "r1", "at": "2026-11-22T09:00:00+00:00", "values": applied}
    quarantine = {"format": 1, "changes": {"plugins.x": {"present": True, "version": "2"}}}
    try:
        write(state / "applied.json", json.dumps(record))
        write(state / "quarantine.json", json.dumps(quarantine))
        write(state / "used" / "p-1", "")
        lab_accounts.give_to(ACCOUNT, state)
        seen = look(copy)
        assert seen.faults == ()
        assert seen.paths is not None
        assert seen.paths.state == str(state)
        assert seen.applied.run == "r1"
        wanted = State(version="5.7", active=True)
        assert seen.applied.value(Address("plugins.akismet")) == wanted
        assert seen.applied.used_plans == {"p-1"}
        assert seen.applied.quarantined == ((Address("plugins.x"), State(version="2")),)
        (state / "applied.json").write_text('{"format":1,')
        assert codes(look(copy)) == ["state_damaged"]
    finally:
        shutil.rmtree(state if state_home_was_there else state.parent)


def test_headers_are_read_as_wordpress_reads_them(copy: Path) -> None:
    plugins = copy / "wp-content/plugins"
    header = "<?php\n/* Plugin Name: {}\n * Version: {} */"
    write(plugins / "old-mac/old-mac.php", "<?php\r/*\rPlugin Name: CR\rVersion: 2.0\r*/")
    write(plugins / "twice/b.php", header.format("Not main", "1"))
    write(plugins / "twice/twice.php", header.format("Main", "2"))
    write(plugins / "late/late.php", "<?php\n" + "#" * 8192 + "\n/* Plugin Name: Late */")
    write(plugins / "deep/er/er.php", header.format("Too deep", "1"))
    write(plugins / ".hidden/hidden.php", header.format("Hidden", "1"))
    write(plugins / "evil/evil.php", header.format("\x1b]0;own\x07\u202egnp", "{{7*7}}"))
    seen = look(copy)
    assert seen.state(Address("plugins.old-mac")).version == "2.0"
    assert seen.state(Address("plugins.twice")).version == "2"
    slugs = {plugin.slug for plugin in seen.plugins}
    assert slugs.isdisjoint({"late", "deep", ".hidden", "er"})
    evil = seen.component("evil")
    assert evil is not None
    assert evil.name == "\\x1b]0;own\\x07\\u202egnp"


# Hosts that lie


def test_a_php_binary_that_is_none_is_named(folder: Path) -> None:
    lab_accounts.give_to(ACCOUNT, folder)
    bare = write(folder / "bare", '#!/bin/sh\nexec php -n "$@"\n', 0o755)
    unfit = {"/usr/bin/php9.9": "php9.9", str(bare): "without mysqli"}
    for php, words in unfit.items():
        seen = look(folder, php=php)
        assert codes(seen) == ["php_wrong_binary"]
        assert words in seen.faults[0].detail
    assert codes(look(folder, php="cat")) == ["untrusted_output"]


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
    copy: Path, answer: str, code: str | None
) -> None:
    php = write(copy.parent / "liar", f"#!/bin/sh\n{answer}\n", stat.S_IRWXU)
    began_s = time.monotonic()
    seen = look(copy, php=str(php), timeout_s=3)
    assert codes(seen) == ([code] if code else [])
    assert bool(seen.resources) is (code is None)
    assert time.monotonic() - began_s < 10


def test_one_hosts_trouble_leaves_the_others_alone(tmp_path: Path) -> None:
    well = lab_accounts.site("atelier")
    dead_host = Host(Account("127.0.0.1", 1, "nobody"), "/nowhere")
    dead = Site(SiteId("dead"), dead_host, "http://127.0.0.1")
    seen, unreachable = observe(well, dead)
    assert seen.faults == ()
    assert codes(unreachable) == ["unreachable"]
    with SshShells(KnownHosts(tmp_path / "none"), lab_accounts.KEY_FILE) as shells:
        stranger = ProbeObserver(shells, SystemClock()).observe([well])[well.id]
    assert codes(stranger) == ["host_key"]
    assert "wpstate trust 127.0.0.1:22022" in stranger.faults[0].detail
