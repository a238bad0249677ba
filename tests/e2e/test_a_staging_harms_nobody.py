"""A staging is hidden and sends no mail; what it inherits converges, is healed and rolled back."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("getenv")

_LOST = "/wp-login.php?action=lostpassword"


def test_a_staging_converges_and_stays_hidden(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    # Where this stands nothing updates itself, whatever options say.
    site.wp("config", "delete", "AUTOMATIC_UPDATER_DISABLED")
    live = "auto_updates: {plugins: on}\ncore: {auto_updates: off}\n"
    file = fleet.site_file("shop")
    file.write_text(file.read_text("utf-8") + live, "utf-8")
    fleet.site_file("getenv").write_text(
        f"url: {site.url}\nstaging_of: shop\nchecks: {{/: Getenv}}\n"
        "heal: [mail.sending, options.blog_public, auto_updates.core]\n",
        "utf-8",
    )
    fleet.wpstate("apply", "getenv", "--yes")
    assert _settled(site) == ("0", "disabled", "disabled")
    mails = site.mails()
    assert site.curl(_LOST, "-d", "user_login=agency")[0] == 302
    assert site.mails() == mails
    assert "noindex" in site.curl("/")[1]
    planned = _planned(fleet)
    assert planned["changes"] == []
    assert planned["refusals"] == []
    assert "hello.php" in site.wp("option", "get", "auto_update_plugins", "--format=json")

    (site.wp_path / "wp-content/mu-plugins/wpstate-no-mail.php").unlink()
    site.wp("option", "update", "blog_public", "1")
    site.wp("option", "update", "auto_update_core_minor", "enabled")
    found = {change["address"]: change["cause"] for change in _planned(fleet)["changes"]}
    assert found == {
        "auto_updates.core": "drift",
        "mail.sending": "drift",
        "options.blog_public": "drift",
    }
    fleet.wpstate("apply", "getenv", "--yes")
    assert _settled(site) == ("0", "disabled", "disabled")
    assert site.curl(_LOST, "-d", "user_login=agency")[0] == 302
    assert site.mails() == mails

    # not a staging any more, and a later change of that run fails: all is as it was
    fleet.replace("getenv", "staging_of: shop\n", "profiles: [maintenance]\nmail: on\n")
    fleet.replace("getenv", "heal: [mail.sending, options.blog_public, auto_updates.core]\n", "")
    fleet.site_file("getenv").open("a").write(
        "core: {auto_updates: on}\nplugins: {lab-guestbook: 2.4}\n"
    )
    before = site.whole()
    fleet.wpstate("apply", "getenv", "--yes", code=4)
    site.assert_as(before)
    assert _settled(site) == ("0", "disabled", "disabled")


def _settled(site: Site) -> tuple[str, ...]:
    names = ("blog_public", "auto_update_core_minor", "auto_update_core_major")
    return tuple(site.wp("option", "get", name) for name in names)


def _planned(fleet: Fleet) -> Any:
    return fleet.wpstate("plan", "getenv", "--format", "json").json["sites"][0]
