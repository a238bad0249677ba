"""The probe on the lab's real sites: WordPress's own answers are the oracle."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

import wpstate
from tests.builders import nothing_asked, replace
from tests.integration import lab_accounts
from tests.integration.lab_site import borrowed
from tests.integration.observing import codes, look, observe, write
from tests.lab_versions import NEWER, OLDER
from wpstate.adapters.probe_program import program
from wpstate.model.identity import Identity
from wpstate.model.state import Address, Json, State
from wpstate.resources.registry import KIND

KINDS_OF_PROBE = Path(wpstate.__file__).parent / "probe" / "kinds"


def wp_cli(name: str, *words: str) -> str:
    """WordPress's own answer."""
    host = lab_accounts.site(name).host
    phar = lab_accounts.LAB / "cache" / "wp-cli.phar"
    command = ["runuser", "-u", host.account.user, "--", "php", str(phar), f"--path={host.wp_path}"]
    done = subprocess.run([*command, *words], check=True, capture_output=True, text=True)
    return done.stdout


def test_every_lab_site_is_seen_whole() -> None:
    for name in lab_accounts.PORTS:
        with borrowed(name):
            (seen,) = observe(lab_accounts.site(name))
        assert seen.faults == (), seen.site
        assert seen.state(Address("core.version")).version in (OLDER, NEWER)
        assert isinstance(seen.state(Address("core.database")).value, int)
        assert seen.state(Address("plugins.lab-guestbook")).present
        assert seen.home_url == f"http://127.0.0.1:{lab_accounts.PORTS[str(seen.site)]}"
        assert seen.code_bytes is not None
        assert seen.code_bytes > 10_000_000
        assert seen.free_bytes is not None


@pytest.fixture
def lent(name: str) -> Iterator[None]:
    with borrowed(name):
        yield


@pytest.mark.parametrize("name", ["above", "getenv"])
def test_the_probe_says_what_wordpress_says(name: str, lent: None) -> None:
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
    with borrowed("above"), borrowed("getenv"):
        above, getenv = observe(lab_accounts.site("above"), lab_accounts.site("getenv"))
    assert above.paths is not None
    assert getenv.paths is not None
    assert above.paths.config == str(lab_accounts.HOME_OF_LAYOUT / "www/above/wp-config.php")
    assert getenv.paths.config == str(lab_accounts.HOME_OF_LAYOUT / "www/getenv/wp-config.php")
    assert getenv.database is not None
    assert getenv.database.name == "wpl_getenv"


def test_a_wp_config_above_that_belongs_to_another_install_is_not_ours(site_copy: Path) -> None:
    (site_copy / "wp-config.php").rename(site_copy.parent / "wp-config.php")
    assert codes(look(site_copy)) == []
    shutil.copy2(site_copy / "wp-settings.php", site_copy.parent)
    assert codes(look(site_copy)) == ["wp_config_missing"]


def test_two_sites_in_one_database_know_their_own_tables() -> None:
    with borrowed("blog"), borrowed("shop"):
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


def test_sites_of_one_account_share_one_php_process(site_copy: Path) -> None:
    calls = write(site_copy.parent / "calls", "")
    php = write(site_copy.parent / "php", f'#!/bin/sh\necho $$ >>{calls}\nexec php "$@"\n', 0o755)
    names = ("one", "two", "three")
    sites = [
        lab_accounts.site(n, wp_path=str(site_copy), php=str(php), like="above") for n in names
    ]
    assert [codes(seen) for seen in observe(*sites)] == [[], [], []]
    assert len(calls.read_text().splitlines()) == 1


def test_the_probe_writes_nothing(site_copy: Path) -> None:
    def state() -> list[tuple[str, int, int]]:
        listing = sorted(site_copy.parent.rglob("*"))
        return [(str(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in listing]

    before, home_before = state(), sorted(os.listdir(lab_accounts.HOME_OF_LAYOUT))
    look(site_copy)
    assert (state(), sorted(os.listdir(lab_accounts.HOME_OF_LAYOUT))) == (before, home_before)


@pytest.mark.parametrize(
    ("text", "frozen_by"),
    [
        ("<?php $upgrading = {now};", "foreign"),
        ("<?php $upgrading = time(); exit;", "foreign"),
        ("<?php $upgrading = {old};", None),
        ('{ours}# wpstate {{"at":{now},"token_sha256":"00","run":"r"}}\n', "wpstate"),
        ('{ours}# wpstate {{"at":{old},"token_sha256":"00","run":"r"}}\n', None),
    ],
)
def test_a_maintenance_file_in_force_has_an_author(
    site_copy: Path, text: str, frozen_by: str | None
) -> None:
    now = int(time.time())
    ours = (Path(wpstate.__file__).parent / "safetynet" / "maintenance.php").read_text()
    write(site_copy / ".maintenance", text.format(now=now, old=now - 700, ours=ours))
    assert look(site_copy).frozen_by == frozen_by


def test_the_state_folder_is_read_and_damage_is_told(site_copy: Path) -> None:
    state = (
        lab_accounts.HOME_OF_LAYOUT
        / ".wpstate"
        / sha256(str(site_copy.resolve()).encode()).hexdigest()[:16]
    )
    state_home_was_there = state.parent.exists()
    applied = {"plugins.akismet": {"present": True, "version": "5.7", "active": True}}
    record = {"format": 1, "run": "r1", "at": "2026-11-22T09:00:00+00:00", "values": applied}
    quarantine = {"format": 1, "changes": {"plugins.x": {"present": True, "version": "2"}}}
    try:
        write(state / "applied.json", json.dumps(record))
        write(state / "quarantine.json", json.dumps(quarantine))
        write(state / "used" / "p-1", "")
        lab_accounts.give_to("wpl-layout", state)
        seen = look(site_copy)
        assert seen.faults == ()
        assert seen.paths is not None
        assert seen.paths.state == str(state)
        assert seen.applied.run == "r1"
        wanted = State(version="5.7", active=True)
        assert dict(seen.applied.values).get(Address("plugins.akismet")) == wanted
        assert seen.applied.used_plans == {"p-1"}
        assert seen.applied.quarantined == ((Address("plugins.x"), State(version="2")),)
        (state / "applied.json").write_text('{"format":1,')
        assert codes(look(site_copy)) == ["state_damaged"]
    finally:
        shutil.rmtree(state if state_home_was_there else state.parent)


def test_headers_are_read_as_wordpress_reads_them(site_copy: Path) -> None:
    plugins = site_copy / "wp-content/plugins"
    header = "<?php\n/* Plugin Name: {}\n * Version: {} */"
    write(plugins / "old-mac/old-mac.php", "<?php\r/*\rPlugin Name: CR\rVersion: 2.0\r*/")
    write(plugins / "twice/b.php", header.format("Not main", "1"))
    write(plugins / "twice/twice.php", header.format("Main", "2"))
    write(plugins / "late/late.php", "<?php\n" + "#" * 8192 + "\n/* Plugin Name: Late */")
    write(plugins / "deep/er/er.php", header.format("Too deep", "1"))
    write(plugins / ".hidden/hidden.php", header.format("Hidden", "1"))
    write(plugins / "evil/evil.php", header.format("\x1b]0;own\x07\u202egnp", "{{7*7}}"))
    said = f" * Author: {'x' * 3000}\n * Text Domain: own\n * Update URI: https://u.example/\n */"
    write(plugins / "said/said.php", header.format("Said", "1").removesuffix(" */") + "\n" + said)
    seen = look(site_copy)
    named = seen.component("said")
    assert named is not None
    assert named.identity == Identity("x" * 199 + "…", "own", "https://u.example/")
    assert seen.state(Address("plugins.old-mac")).version == "2.0"
    assert seen.state(Address("plugins.twice")).version == "2"
    slugs = {plugin.slug for plugin in seen.plugins}
    assert slugs.isdisjoint({"late", "deep", ".hidden", "er"})
    evil = seen.component("evil")
    assert evil is not None
    assert evil.name == "\\x1b]0;own\\x07\\u202egnp"


def test_the_parts_of_all_kinds_make_one_program() -> None:
    """Two of the same name would end the probe wherever both kinds are asked."""
    questions: dict[str, Json] = {
        name: {} for name in KIND if (KINDS_OF_PROBE / f"{name}.php").exists()
    }
    asked = replace(nothing_asked(lab_accounts.site("above")), questions=questions)
    done = subprocess.run(("php", "-l"), input=program([asked], "ab" * 16, 1), capture_output=True)
    assert done.returncode == 0, done.stderr
    names = re.findall(rb"^function (\w+)", program([asked], "ab" * 16, 1), re.MULTILINE)
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
