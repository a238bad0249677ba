"""The lab is what its inventory says: real sites that differ where hosts differ.

`script/lab up` built it; root runs these tests. Each borrows its sites and leaves them as built.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.integration.lab_site import borrowed
from tests.lab_versions import FLEET, NEWER, OLDER

LAB_ROOT = Path("/var/lib/wpstate-lab")
CHECKOUT = Path(__file__).parents[2]
INVENTORY = yaml.safe_load((CHECKOUT / "inventories/lab/lab.yml").read_text("utf-8"))
SITES = INVENTORY["all"]["children"]["lab_sites"]["hosts"]
SERVED = [name for name, site in SITES.items() if "not_served" not in site.get("traits", [])]


def url(site: str, path: str = "/") -> str:
    return f"http://127.0.0.1:{SITES[site]['site_port']}{path}"


def get(site: str, path: str = "/", **headers: str) -> httpx2.Response:
    return httpx2.get(url(site, path), headers=headers, timeout=30)


def root_of(site: str) -> Path:
    return LAB_ROOT / "homes" / SITES[site]["account"] / "www" / site


def key(site: str) -> str:
    """The name of the site's folder below ~/.wpstate, as the probe computes it."""
    return hashlib.sha256(str(root_of(site)).encode()).hexdigest()[:16]


def lab(*words: str) -> str:
    ran = subprocess.run(
        (CHECKOUT / "script/lab", *words), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def sql(database: str, statement: str) -> str:
    return subprocess.run(
        ("mariadb", "--no-defaults", f"--socket={LAB_ROOT}/run/mysqld.sock", "-BN", database),
        input=statement,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def ssh(account: str, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (
            *("ssh", "-p", "22022", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"),
            *("-o", f"UserKnownHostsFile={LAB_ROOT}/controller/known_hosts", *options),
            *("-i", str(LAB_ROOT / "keys/controller_ed25519"), f"{account}@127.0.0.1", command),
        ),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("site", SERVED)
def test_a_site_answers_with_its_own_title(site: str) -> None:
    with borrowed(site):
        page = get(site)
        assert page.status_code == 200
        assert f"<title>{SITES[site]['title']} &#8211;" in page.text
        assert "Guestbook 1.0" in page.text
        assert get(site, "/mentions-legales/").status_code == 200


def test_two_core_versions_are_installed_as_the_inventory_says() -> None:
    sites = json.loads(lab("status", "--format", "json"))["sites"]
    shown = {site["name"]: site["core"] for site in sites}
    assert shown == {name: OLDER if "core" in site else NEWER for name, site in SITES.items()}
    assert set(shown.values()) == {OLDER, NEWER}


def test_the_fleet_asks_for_what_is_installed_and_locks_what_is_served() -> None:
    asked = {
        file.stem: yaml.safe_load(file.read_text("utf-8")).get("core")
        for file in (FLEET / "sites").iterdir()
    }
    installed = {name: OLDER if "core" in SITES[name] else None for name in asked}
    assert asked == installed
    wpstate = Path(sys.executable).with_name("wpstate")
    subprocess.run((wpstate, "lock", "--check", "--recheck", "--fleet", FLEET), check=True)


def test_every_service_is_up() -> None:
    down = ["unknown"]
    for _ in range(20):  # a site that another test puts back has no pool for a moment
        services = json.loads(lab("status", "--format", "json"))["services"]
        down = [service["name"] for service in services if not service["ok"]]
        if not down:
            break
        time.sleep(0.5)
    assert down == []


@pytest.mark.parametrize("account", sorted({site["account"] for site in SITES.values()}))
def test_an_account_enters_by_key_into_plain_sh(account: str) -> None:
    entered = ssh(account, 'echo "$(id -un) $SHELL"')
    assert (entered.returncode, entered.stdout) == (0, f"{account} /bin/sh\n")


def test_nobody_enters_without_the_key() -> None:
    refused = ssh("wpl-atelier", "true", "-o", "PubkeyAuthentication=no")
    assert refused.returncode == 255
    assert "Permission denied (publickey)" in refused.stderr
    assert ssh("root", "true").returncode == 255


def test_reset_puts_back_a_file_whose_size_and_time_did_not_change() -> None:
    file = root_of("above") / "public/wp-includes/version.php"
    with borrowed("above"):
        before, times = file.read_bytes(), file.stat()
        other = OLDER.translate(str.maketrans("0123456789", "1234567890"))
        file.write_bytes(before.replace(OLDER.encode(), other.encode()))
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        lab("reset", "above")
    assert file.read_bytes() == before
    assert (file.stat().st_uid, file.stat().st_mtime_ns) == (times.st_uid, times.st_mtime_ns)


def test_reset_of_one_site_spares_the_other_in_the_same_database_and_account() -> None:
    state = LAB_ROOT / "homes/wpl-duo/.wpstate"
    change = "UPDATE {}options SET option_value='changed' WHERE option_name='blogdescription'"
    tagline = "SELECT option_value FROM {}options WHERE option_name='blogdescription'"
    with borrowed("blog"), borrowed("shop", reset=True):
        for site, prefix in (("blog", "wp_"), ("shop", "wp_2_")):
            sql("wpl_duo", change.format(prefix))
            assert ssh("wpl-duo", f"mkdir -p ~/.wpstate/{key(site)}").returncode == 0
        sql("wpl_duo", "CREATE TABLE wp_stray (id INT)")
        lab("reset", "blog")
        assert sql("wpl_duo", tagline.format("wp_")) == "Un site du labo\n"
        assert sql("wpl_duo", tagline.format("wp_2_")) == "changed\n"
        assert "wp_stray" not in sql("wpl_duo", "SHOW TABLES")
        assert not (state / key("blog")).exists()
        assert (state / key("shop")).exists()


def test_reset_keeps_the_tables_that_dumps_find_hard() -> None:
    shape = (
        "SELECT CAST(seen AS DOUBLE), HEX(flags), HEX(raw), HEX(note) FROM wp_lab_measures LIMIT 1;"
        "SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_NAME='wp_lab_legacy';"
        "SELECT COUNT(*) > 5 FROM wp_lab_titles; SELECT COUNT(*) FROM wp_lab_audit"
    )
    with borrowed("atelier"):
        lab("reset", "atelier")
        facts = [line.split("\t") for line in sql("wpl_atelier", shape).splitlines()]
    (number, flags, raw, note), (engine,), (titles,), (audited,) = facts
    assert (number, flags, raw) == ("16777216", "AAA", "00FF0A0D1A275C22")
    assert "🥐" in bytes.fromhex(note).decode()
    assert (engine, titles, audited) == ("MyISAM", "1", "3")


def test_the_page_cache_answers_anonymous_readers_alone() -> None:
    page = f"/a-propos/?{uuid.uuid4().hex}"
    with borrowed("pagecache"):
        answers = [get("pagecache", page), get("pagecache", page)]
        answers.append(get("pagecache", page, Cookie="wordpress_logged_in_x=1"))
    assert [answer.headers["x-page-cache"] for answer in answers] == ["MISS", "HIT", "BYPASS"]


@pytest.mark.parametrize(("site", "answer"), [("opcache", "old"), ("shop", "new")])
def test_opcache_without_timestamps_goes_on_with_the_old_code(site: str, answer: str) -> None:
    file = root_of(site) / f"said-{uuid.uuid4().hex}.php"
    with borrowed(site):
        try:
            file.write_text("<?php echo 'old';", "utf-8")
            # OPcache keeps no file younger than opcache.file_update_protection (2 s).
            os.utime(file, (time.time() - 60,) * 2)
            assert get(site, f"/{file.name}").text == "old"
            file.write_text("<?php echo 'new';", "utf-8")
            time.sleep(3.5)  # opcache.revalidate_freq is 2 s, counted in whole seconds
            assert get(site, f"/{file.name}").text == answer
        finally:
            file.unlink()


def test_the_object_cache_is_in_redis_and_flushes_only_its_own_keys() -> None:
    def redis(*words: str) -> str:
        return subprocess.run(
            ("redis-cli", "-p", "36379", *words), capture_output=True, text=True, check=True
        ).stdout

    flush = f"php {LAB_ROOT}/cache/wp-cli.phar --path=www/redis eval 'wp_cache_flush();'"
    with borrowed("redis"):
        get("redis")
        assert redis("exists", "redis:options:alloptions") == "1\n"
        redis("set", "stranger", "1")
        flushed = ssh("wpl-redis", flush)
        assert flushed.returncode == 0, flushed.stderr
        assert redis("exists", "stranger") == "1\n"
        assert redis("exists", "redis:posts:1") == "0\n"
        redis("del", "stranger")


def test_the_moved_site_is_answered_by_another_copy() -> None:
    name = f"{uuid.uuid4().hex}.txt"
    with borrowed("elsewhere"), borrowed("moved"):
        for site in ("moved", "elsewhere"):
            (root_of(site) / name).write_text(site, "utf-8")
        try:
            assert get("moved", f"/{name}").text == "elsewhere"
        finally:
            for site in ("moved", "elsewhere"):
                (root_of(site) / name).unlink()


def test_mail_ends_in_a_file_of_its_own() -> None:
    sink = LAB_ROOT / "log/mail/blog"
    with borrowed("blog"):
        before = len(re.findall("^From lab$", sink.read_text("utf-8"), re.MULTILINE))
        asked = httpx2.post(
            url("blog", "/wp-login.php?action=lostpassword"),
            data={"user_login": "agency"},
            timeout=30,
        )
        assert asked.status_code == 302
        assert len(re.findall("^From lab$", sink.read_text("utf-8"), re.MULTILINE)) == before + 1
