"""The freeze and the beacon on real sites: who is kept out, who is let in, and what is proved."""

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import LAB_ROOT, SAFETYNET, LabSite, borrowed
from wpstate.adapters.http import HttpVisitor
from wpstate.model.look import Eyes, LookRequest, LookSeen

TOKEN, OTHER = "first-run-token", "second-run-token"


def look(url: str, token: str | None = None, **more: object) -> LookSeen:
    request = LookRequest(name="look", url=url, with_token=token is not None, **more)  # type: ignore[arg-type]
    return HttpVisitor().look((request,), token=token, timeout_s=20)[0]


def proven(url: str, token: str) -> LookSeen:
    """A look that may be repeated until OPcache has dropped what is old."""
    for _ in range(4):
        seen = look(url, token)
        if seen.proven:
            break
    return seen


@pytest.fixture
def site() -> Iterator[LabSite]:
    with borrowed("getenv") as site:
        yield site


@pytest.fixture(params=["getenv", "opcache"])
def either(request: pytest.FixtureRequest) -> Iterator[LabSite]:
    with borrowed(request.param) as site:
        yield site


@pytest.fixture(params=["getenv", "opcache"])
def spoilt(request: pytest.FixtureRequest) -> Iterator[LabSite]:
    """A site that the lab puts back after the test."""
    with borrowed(request.param, reset=True) as site:
        yield site


@pytest.mark.parametrize("file", ["maintenance.php", "beacon.php"])
def test_the_code_parses_and_ends_open_for_its_last_line(file: str) -> None:
    subprocess.run(["php", "-l", SAFETYNET / file], check=True, capture_output=True)
    code = (SAFETYNET / file).read_text()
    assert code.endswith("\n")
    assert "?>" not in code


def test_visitors_get_503_everywhere_and_are_told_when_to_come_back(site: LabSite) -> None:
    at = int(time.time())
    site.freeze(TOKEN, at)
    scrape = f"wp_scrape_key={hashlib.md5(str(at).encode()).hexdigest()}&wp_scrape_nonce={at}"

    paths = ("", "wp-json/", "wp-login.php", "wp-admin/", "wp-admin/admin-ajax.php", f"?{scrape}")
    seen = {path: look(f"{site.url}/{path}") for path in paths}
    seen["POST"] = look(f"{site.url}/", method="POST", body=b"a=b")
    seen["wrong token"] = look(f"{site.url}/", OTHER)

    assert {path: s.status for path, s in seen.items()} == dict.fromkeys(seen, 503)
    assert dict(seen[""].headers)["retry-after"] == "600"
    assert not seen["wrong token"].proven


COMMANDS = {
    "WP-CLI": "php {cli} --path={wp} option update blogdescription written",
    "cron by WP-CLI": "php {cli} --path={wp} cron event run --all",
    "its own updater": "php {cli} --path={wp} core update --force",
    "cron": "cd {wp} && php wp-cron.php",
    "a script": "echo '<?php require $argv[1]; update_option( $argv[2], 1 );' | "
    "php -- {wp}/wp-load.php blogdescription",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_commands_of_the_host_end_before_they_write(either: LabSite, command: str) -> None:
    tables = f"CHECKSUM TABLE {either.prefix}options, {either.prefix}posts;"
    before = either.rows(tables)
    either.freeze(TOKEN)

    code, said = either.command(command)

    assert (code, "try again" in said) == (75, True), said
    assert (either.path / ".maintenance").exists()
    assert either.rows(tables) == before


BEGUN = "add_action('shutdown', function () { echo 'ended'; }); echo 'begun\n'; sleep(2);"


def test_a_command_begun_before_the_freeze_ends_its_work(site: LabSite) -> None:
    """Core asks for the freeze again at a command's end: 75 would say that nothing was done."""
    cli = ("php", str(LAB_ROOT / "cache" / "wp-cli.phar"), f"--path={site.path}")
    with subprocess.Popen(
        ("runuser", "-u", site.path.owner(), "--", *cli, "eval", BEGUN),
        stdout=subprocess.PIPE, text=True, bufsize=1, cwd="/",
        env=os.environ | {"LAB_DB_NAME": site.database, "LAB_DB_USER": site.database},
    ) as running:  # fmt: skip
        assert running.stdout
        assert running.stdout.readline() == "begun\n"
        site.freeze(TOKEN)
        assert running.stdout.read() == "ended"
    assert running.returncode == 0


def test_commands_work_again_after_the_thaw_and_after_ten_minutes(site: LabSite) -> None:
    read = "php {cli} --path={wp} option get blogname"
    site.freeze(TOKEN, int(time.time()) - 601)
    assert site.command(read)[0] == 0
    site.freeze(TOKEN)
    assert site.command(read)[0] == 75
    site.thaw()
    assert site.command(read)[0] == 0


def test_the_holder_of_the_token_sees_the_site_with_a_proof(either: LabSite) -> None:
    either.freeze(TOKEN)

    seen = proven(f"{either.url}/", TOKEN)

    assert (seen.status, seen.proven) == (200, True)
    assert "lab-guestbook-version" in seen.body
    assert dict(seen.headers)["cache-control"] == "no-store"


def test_a_freeze_ends_by_itself_after_ten_minutes(site: LabSite) -> None:
    site.freeze(TOKEN, int(time.time()) - 601)

    assert look(f"{site.url}/").status == 200


def test_a_file_without_its_last_line_freezes_everybody(site: LabSite) -> None:
    site.freeze(TOKEN)
    frozen = site.path / ".maintenance"
    frozen.write_text("".join(frozen.read_text().splitlines(keepends=True)[:-1]))
    os.utime(frozen, (time.time() + 2,) * 2)

    assert (look(f"{site.url}/").status, look(f"{site.url}/", TOKEN).status) == (503, 503)


def test_the_administrator_is_seen_and_not_a_row_is_written(either: LabSite) -> None:
    either.freeze(TOKEN)
    tables = f"CHECKSUM TABLE {either.prefix}users, {either.prefix}usermeta;"

    def open_pages() -> list[LookSeen]:
        return [
            look(f"{either.url}/wp-admin/{page}", TOKEN, eyes=Eyes.ADMIN)
            for page in ("", "plugins.php", "profile.php")
        ]

    open_pages()  # WordPress itself notes an administrator's first visit
    before = either.rows(tables)

    pages = open_pages()

    assert [page.status for page in pages] == [200, 200, 200]
    assert all('class="display-name">agency<' in page.body for page in pages)
    assert "action=deactivate&amp;plugin=lab-guestbook" in pages[1].body
    assert 'value="agency@example.test"' in pages[2].body
    assert either.rows(tables) == before


def test_eyes_need_the_token(site: LabSite) -> None:
    site.freeze(TOKEN, int(time.time()) - 601)

    for token in (None, OTHER):
        seen = look(f"{site.url}/wp-admin/", token, eyes=Eyes.ADMIN)
        assert seen.final_url.startswith(f"{site.url}/wp-login.php")


def test_a_second_freeze_within_the_second_honours_only_its_own_token(either: LabSite) -> None:
    for token in (TOKEN, OTHER, TOKEN):
        either.freeze(token)
        stranger = TOKEN if token == OTHER else OTHER
        assert look(f"{either.url}/", stranger).status == 503
        assert look(f"{either.url}/", token).status == 200


def test_a_swap_is_noticed_and_cured_though_no_time_of_a_file_changed(spoilt: LabSite) -> None:
    code = spoilt.plugins / "lab-guestbook" / "lab-guestbook.php"
    mtime_s = int(code.stat().st_mtime)
    subprocess.run(
        ["find", code.parent, "-type", "f", "-exec", "touch", "-d", f"@{mtime_s}", "{}", "+"],
        check=True,
    )
    time.sleep(2.1)  # OPcache keeps no file younger than its file_update_protection.
    spoilt.freeze(TOKEN)
    assert "Guestbook 1.0" in proven(f"{spoilt.url}/", TOKEN).body

    spoilt.swap("lab-guestbook", "1.1", mtime_s=mtime_s)

    assert not look(f"{spoilt.url}/", TOKEN).proven
    seen = proven(f"{spoilt.url}/", TOKEN)
    assert seen.proven
    assert "Guestbook 1.1" in seen.body
    spoilt.thaw()
    assert "Guestbook 1.1" in look(f"{spoilt.url}/").body


def test_what_makes_a_frozen_site_forget_drops_its_scripts_too() -> None:
    token = "a-run-of-its-own"  # OPcache never looks: another freeze needs another name
    with borrowed("opcache", reset=True) as site:
        code = site.plugins / "lab-guestbook" / "lab-guestbook.php"
        mtime_s = int(code.stat().st_mtime)
        time.sleep(2.1)
        site.freeze(token)
        os.chown(site.path / ".maintenance", 0, 0)  # Nothing but what is asked for drops them.
        for _ in range(2):
            assert "Guestbook 1.0" in look(f"{site.url}/", token).body
        beacon = site.place_beacon(token)
        site.swap("lab-guestbook", "1.1", mtime_s=mtime_s)
        assert "Guestbook 1.0" in look(f"{site.url}/", token).body

        answer = HttpVisitor().ask(beacon, token=token, ask="forget", timeout_s=15)

        assert answer is not None
        assert answer["forgot"] is True
        assert "Guestbook 1.1" in look(f"{site.url}/", token).body


def test_a_flush_through_the_beacon_cures_opcache_for_visitors() -> None:
    with borrowed("opcache", reset=True) as site:
        time.sleep(2.1)
        for _ in range(2):
            assert "Guestbook 1.0" in look(f"{site.url}/").body
        site.swap("lab-guestbook", "1.1")
        assert "Guestbook 1.0" in look(f"{site.url}/").body  # The disease: no file is looked at.
        beacon = site.place_beacon(TOKEN)

        answer = HttpVisitor().ask(beacon, token=TOKEN, ask="flush", timeout_s=10)

        assert answer is not None
        assert isinstance(answer["dropped"], int)
        assert answer["dropped"] > 0
        assert "Guestbook 1.1" in look(f"{site.url}/").body


def test_a_beacon_names_who_serves_the_files(either: LabSite) -> None:
    beacon = either.place_beacon(TOKEN)

    answer = HttpVisitor().ask(beacon, token=TOKEN, ask="who", timeout_s=10)

    assert answer is not None
    assert answer["root"] == hashlib.sha256(str(either.path).encode()).hexdigest()
    assert answer["uid"] == either.path.stat().st_uid
    opcache = answer["opcache"]
    assert isinstance(opcache, dict)
    assert opcache["validate_timestamps"] is (either.name != "opcache")


def test_a_beacon_answers_nobody_else_and_not_for_long(site: LabSite) -> None:
    beacon = site.place_beacon(TOKEN)
    for token in (None, OTHER):
        seen = look(beacon, token)
        assert (seen.status, seen.body) == (404, "")

    site.place_beacon(TOKEN, int(time.time()) - 901)
    assert look(beacon, TOKEN).status == 404


def test_another_server_at_the_address_has_no_beacon() -> None:
    with borrowed("moved") as site:
        beacon = site.place_beacon(TOKEN)

        assert HttpVisitor().ask(beacon, token=TOKEN, ask="who", timeout_s=10) is None


def test_a_cached_page_is_no_proof_and_none_of_ours_is_cached() -> None:
    with borrowed("pagecache") as site:
        site.freeze(TOKEN)
        plain = f"{site.url}/?page=wpstate-test-{time.time_ns()}"

        assert look(plain).status == 503
        seen = proven(plain, TOKEN)
        assert seen.proven
        address = plain.partition("?")[2]
        again = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{site.url}/?{address}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert again.stdout == "503"


def test_a_look_at_a_dying_wp_admin_sends_the_client_no_mail() -> None:
    with borrowed("getenv", reset=True) as site:
        site.freeze(TOKEN)
        before = site.mails()
        site.swap("lab-guestbook", "2.8")

        seen = look(f"{site.url}/wp-admin/", TOKEN, eyes=Eyes.ADMIN)

        assert seen.status == 500
        assert site.mails() == before


def test_not_even_through_a_plugin_that_sends_in_its_own_way() -> None:
    """wp_mail() is pluggable: such a one knows nothing of core's filters."""
    own = "<?php function wp_mail( $to, $subject ) { return mail( $to, $subject, 'own way' ); }"
    with borrowed("redis", reset=True) as site:
        folder = site.path / "wp-content" / "mu-plugins"
        folder.mkdir(exist_ok=True)
        (folder / "mailer.php").write_text(own)
        site.freeze(TOKEN)
        before = site.mails()
        site.swap("lab-guestbook", "2.8")

        assert look(f"{site.url}/wp-admin/", TOKEN, eyes=Eyes.ADMIN).status == 500

        assert site.mails() == before


def test_visitors_let_in_get_their_mail_and_the_client_none_about_the_update() -> None:
    """`freeze: off`: a visitor orders, and the new code dies at the login."""
    order = (
        "<?php add_action( 'init', function () {"
        " if ( isset( $_GET['order'] ) ) { wp_mail( 'a@example.org', 'Your order', 'Yes' ); } } );"
    )
    with borrowed("redis", reset=True) as site:
        folder = site.path / "wp-content" / "mu-plugins"
        folder.mkdir(exist_ok=True)
        (folder / "order.php").write_text(order)
        plugin = site.plugins / "lab-guestbook" / "lab-guestbook.php"
        plugin.write_text(
            plugin.read_text() + "\nadd_action( 'login_init', function () { nothing(); } );\n"
        )
        site.freeze(TOKEN, manner="open")
        before = site.mails()

        assert look(f"{site.url}/wp-login.php?order=1").status == 500

        sent = site.mails().removeprefix(before)
        assert "Your order" in sent
        assert "enter_recovery_mode" not in sent


@pytest.mark.parametrize("ask", ["flush", "forget"])
def test_a_flush_from_the_web_reaches_the_object_cache(ask: str) -> None:
    with borrowed("redis", reset=True) as site:
        site.freeze(TOKEN)
        asked = f"{site.url}/" if ask == "flush" else site.place_beacon(TOKEN)
        proven(f"{site.url}/", TOKEN)
        options = f"{site.prefix}options"
        site.rows(f"UPDATE {options} SET option_value = 'Renamed' WHERE option_name = 'blogname'")
        assert "<title>Renamed" not in look(f"{site.url}/", TOKEN).body  # The disease.

        HttpVisitor().ask(asked, token=TOKEN, ask=ask, timeout_s=15)

        assert "<title>Renamed" in look(f"{site.url}/", TOKEN).body
