"""Role boot: every way in which a site's code can die is a failure that names it."""

import json
import shutil
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import LAB_ROOT, borrowed
from tests.roles.role_site import TOKEN, RoleSite, plugin


@pytest.fixture(scope="module")
def lab_site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


@pytest.fixture
def site(lab_site: RoleSite) -> Iterator[RoleSite]:
    yield lab_site
    shutil.rmtree(lab_site.lab.path / "wp-content" / "mu-plugins", ignore_errors=True)
    shutil.rmtree(lab_site.lab.plugins / "trial", ignore_errors=True)


def put_mu_plugin(site: RoleSite, code: str) -> None:
    folder = site.lab.path / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    (folder / "trial.php").write_text(f"<?php {code}")


def put_plugin(site: RoleSite, code: str) -> None:
    folder = site.lab.plugins / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "trial.php").write_text(f"<?php\n/* Plugin Name: Trial\n * Version: 1.0 */\n{code}")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("exit(255);", "ended by exit() or die() (exit 255)"),
        ("die('sorry');", "sorry"),
        ("nosuch();", "undefined function nosuch() in wp-content/mu-plugins/trial.php:1"),
        ("if (", "ParseError: Unclosed"),
        ("posix_kill(getmypid(), 9);", "signal 9"),
        ("str_repeat('x', PHP_INT_MAX);", "memory"),
        ("while (true) { usleep(1000); }", "it hung for 2 s"),
        (
            "add_action('init', fn() => update_option('active_plugins', ['hello.php']));",
            "no longer active: lab-guestbook/lab-guestbook.php",
        ),
    ],
)
def test_a_site_that_dies_at_boot_is_a_failure(site: RoleSite, code: str, told: str) -> None:
    active = site.wp("option", "get", "active_plugins", "--format=json")
    put_mu_plugin(site, code)

    result = site.apply(site.apply_vars(timeout_s=2 if "while" in code else 20))

    site.lab.rows(
        f"UPDATE {site.lab.prefix}options SET option_value = "
        '\'a:2:{i:0;s:9:"hello.php";i:1;s:31:"lab-guestbook/lab-guestbook.php";}\''
        " WHERE option_name = 'active_plugins'"
    )
    assert active == '["hello.php","lab-guestbook\\/lab-guestbook.php"]'
    assert result.failure is not None
    assert result.failure.task == "Start WordPress once"
    assert told in result.failure.message
    assert TOKEN not in repr(result)


def test_noise_does_not_hide_the_answer(site: RoleSite) -> None:
    put_mu_plugin(site, "echo str_repeat('<b>{\"step\":1}</b>', 20000); error_log('noise');")

    result = site.apply(site.apply_vars())

    assert result.ok, result.failure
    assert result.changed == ()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("exit(255);", "could not activate trial"),
        ("register_activation_hook(__FILE__, function () { nosuch(); });", "nosuch()"),
        (
            "register_activation_hook(__FILE__, function () { wp_die('needs more'); });",
            "needs more",
        ),
        ("/* nothing */ if (", "could not activate trial: ParseError"),
    ],
)
def test_a_plugin_that_dies_at_activation_is_a_failure(
    site: RoleSite, code: str, told: str
) -> None:
    put_plugin(site, code)

    result = site.apply(site.apply_vars(plugin("trial", "activate", "1.0", file=None, active=True)))

    assert result.failure is not None
    assert told in result.failure.message
    assert site.plugins()["trial"][1] == "inactive"


def test_activation_sends_no_mail_and_runs_as_an_administrator(site: RoleSite) -> None:
    sink = LAB_ROOT / "log" / "mail" / site.lab.name
    before = sink.stat().st_size if sink.exists() else 0
    put_plugin(
        site,
        "register_activation_hook(__FILE__, function () {"
        "  wp_mail('a@b.example', 'hello', 'you');"
        "  current_user_can('activate_plugins') && update_option('trial_ran', STDERR ? 1 : 0);"
        "});",
    )
    change = plugin("trial", "activate", "1.0", file=None, active=True)

    result = site.apply(site.apply_vars(change))

    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    assert boot["mails"] == 1
    assert boot["activated"] == ["trial/trial.php"]
    assert (sink.stat().st_size if sink.exists() else 0) == before
    assert site.wp("option", "get", "trial_ran") == "1"
    assert site.apply(site.apply_vars(change)).changed == ()
    off = plugin("trial", "deactivate", "1.0", active=False, was_active=True)
    assert site.apply(site.apply_vars(off)).ok
    assert site.plugins()["trial"][1] == "inactive"


def test_plugins_hear_of_an_update_as_from_core(site: RoleSite) -> None:
    """upgrader_process_complete, whose items name what was updated."""
    put_mu_plugin(
        site,
        "add_action('upgrader_process_complete', function ($by, $what) {"
        "  update_option('trial_heard', array(get_class($by), $what)); }, 10, 2);",
    )
    put_plugin(site, "")
    site.wp(
        "eval",
        "set_site_transient('update_plugins', (object) ['last_checked' => time(), 'checked' => [],"
        " 'response' => ['trial/trial.php' => (object) ['new_version' => '1.1']]]);",
    )
    staged = site.run_dir / "stage" / "plugins" / "trial"
    shutil.copytree(site.lab.plugins / "trial", staged)
    text = (staged / "trial.php").read_text()
    (staged / "trial.php").write_text(text.replace("1.0", "1.1"))
    for path in (staged, *staged.parents):
        if path == site.run_dir:
            break
        shutil.chown(path, site.account.pw_uid, site.account.pw_gid)
    shutil.chown(site.lab.plugins / "trial", site.account.pw_uid, site.account.pw_gid)

    result = site.apply(site.apply_vars(plugin("trial", "update", "1.1")))

    assert result.ok, result.failure
    heard = site.wp("option", "get", "trial_heard", "--format=json").replace("\\/", "/")
    assert heard == (
        '["Plugin_Upgrader",{"action":"update","type":"plugin","bulk":true,'
        '"plugins":["trial/trial.php"]}]'
    )
    offers = json.loads(site.wp("transient", "get", "update_plugins", "--network", "--format=json"))
    assert offers["response"] == []
    assert offers["checked"]["trial/trial.php"] == "1.1"
    assert offers["last_checked"] > 0  # wp-admin will not ask the network for them anew
