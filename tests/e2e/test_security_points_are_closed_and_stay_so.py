"""Every security point at once, on the site whose OPcache never looks at a file again."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site
from wpstate.resources.security import POINTS

pytestmark = pytest.mark.xdist_group("opcache")

_ASKED = "".join(f"  {point.name}: {point.good}\n" for point in POINTS.values())
_HOSTS = {"php_in_uploads", "static_headers", "ssl_admin"}
"""What the lab's nginx and its addresses without https leave to the host."""
_LOGIN = "/wp-login.php?action=lostpassword&error="
_PASSWORDS = "echo wp_is_application_passwords_available() ? 1 : 0;"
_METHODS = "<methodCall><methodName>system.listMethods</methodName></methodCall>"


def test_all_points_at_once(take: Take, fleet: Fleet) -> None:
    (site,) = take("opcache")
    site.wp("option", "update", "users_can_register", "1")
    site.wp("option", "update", "default_role", "editor")
    # Without https WordPress offers application passwords to a developer's machine alone.
    config = site.wp_path / "wp-config.php"
    local = "<?php\ndefine( 'WP_ENVIRONMENT_TYPE', 'local' );"
    config.write_text(config.read_text("utf-8").replace("<?php", local, 1), "utf-8")
    config.chmod(0o644)
    _forget_code(site)
    assert site.wp("eval", _PASSWORDS) == "1"
    site.write("wp-content/debug.log", "[27-Nov-2026] PHP Warning: secret\n")
    site.write("wp-content/uploads/forms/index.php", "<?php\n// Silence is golden.\n")
    assert _given_away(site) == {
        "debug.log", "users", "author", "sitemap", "methods", "readme", "generator", "invalidkey"
    }  # fmt: skip
    file = fleet.site_file("opcache")
    heal = "heal: [security.xmlrpc]\n"
    file.write_text(f"{file.read_text('utf-8')}{heal}security:\n{_ASKED}", "utf-8")

    plan = _planned(fleet)
    assert set(plan["noted"]) == {f"security.{name}" for name in _HOSTS}
    assert "return 403;" in plan["noted"]["security.php_in_uploads"]["text"]
    assert "security.application_passwords" in plan["changes"]
    fleet.wpstate("apply", "opcache", "--yes")

    assert _given_away(site) == set()
    assert site.wp("option", "get", "users_can_register") == "0"
    assert site.wp("option", "get", "default_role") == "subscriber"
    assert config.stat().st_mode & 0o777 == 0o640
    editor = "echo current_user_can( 'edit_themes' ) || wp_is_file_mod_allowed( 'x' ) ? 1 : 0;"
    assert site.wp("eval", editor, "--user=agency") == "0"
    assert fleet.last_run("opcache")["frozen_s"] < 60
    assert site.wp("eval", _PASSWORDS) == "0"
    plan = _planned(fleet)
    assert plan["changes"] == {}
    # What only the host can do is never told as done.
    assert set(plan["noted"]) == {f"security.{name}" for name in _HOSTS}

    # By hand, past wpstate: one point is healed where the file says so, the others are told.
    ours = site.wp_path / "wp-content/mu-plugins/wpstate-security.php"
    ours.write_text(ours.read_text("utf-8") + "\n// pasted by somebody\n", "utf-8")
    assert _planned(fleet)["noted"]["security.mu_plugin"]["sort"] == "drift"
    ours.unlink()
    site.wp("option", "update", "users_can_register", "1")
    _forget_code(site)
    plan = _planned(fleet)
    assert plan["changes"] == {"security.xmlrpc": "drift"}
    drift = {name for name, one in plan["noted"].items() if one["sort"] == "drift"}
    assert {"security.registration", "security.user_enumeration", "security.version"} <= drift

    # A later change of the same run fails: all is as it was.
    fleet.pin("opcache", "lab-guestbook", "2.8")
    before = site.whole()
    fleet.wpstate("apply", "opcache", "--yes", code=4)
    site.assert_as(before)
    assert "methods" in _given_away(site)

    # Closed to wp-admin, code is still wpstate's to update.
    fleet.pin("opcache", "lab-guestbook", "1.1")
    fleet.wpstate("release", "opcache", "security.xmlrpc")
    fleet.wpstate("apply", "opcache", "--yes", "--heal")
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    assert _given_away(site) == set()
    assert _planned(fleet)["changes"] == {}
    site.assert_open()


def _planned(fleet: Fleet) -> dict[str, dict[str, dict[str, str]]]:
    (site,) = fleet.wpstate("plan", "opcache", "--format", "json").json["sites"]
    changes = {change["address"]: change["cause"] for change in site["changes"]}
    noted = {one["address"]: one for one in site["noted"] if one["sort"] != "unmanaged"}
    return {"changes": changes, "noted": noted}


def _forget_code(site: Site) -> None:
    """The pool never looks whether a file is still there: a person would restart it."""
    site.end_hanging_requests()


def _given_away(site: Site) -> set[str]:
    """What a stranger with curl gets."""
    told = {
        "debug.log": "secret" in site.curl("/wp-content/debug.log")[1],
        "users": '"slug"' in site.curl("/?rest_route=/wp/v2/Users")[1],
        "author": "author-agency" in site.curl("/?author=1", "-L")[1],
        "sitemap": "<loc>" in site.curl("/wp-sitemap-users-1.xml")[1],
        "methods": "wp.getUsersBlogs" in site.curl("/xmlrpc.php", "-d", _METHODS)[1],
        "readme": site.curl("/readme.html")[0] == 200,
        "generator": 'name="generator"' in site.curl("/")[1],
        "invalidkey": "reset link" in site.curl(f"{_LOGIN}invalidkey")[1],
    }
    return {name for name, given in told.items() if given}
