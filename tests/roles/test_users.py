"""Role users: roles, accounts made and removed, content handed on, as WP-CLI and SQL see it."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        for login, role in (("anna", "author"), ("evil", "administrator")):
            site.wp("user", "create", login, f"{login}@x.example", f"--role={role}")
        yield site


def _change(name: str, value: object, **besides: str) -> Json:
    after = {"present": value is not None, "version": None, "active": None, "value": value}
    return {"name": name, "before": {}, "after": after, "besides": besides}


def _apply(site: RoleSite, *changes: Json, check: bool = False) -> PlaybookResult:
    variables = site.apply_vars()
    variables["kinds"] = {"users": {"in_wordpress": True, "changes": list(changes)}}
    return site.apply(variables, check=check)


def _changed(result: PlaybookResult) -> object:
    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    return boot["kinds"]["users"]


def _role(site: RoleSite, login: str) -> str:
    return site.wp("user", "get", login, "--field=roles")


def test_roles_and_new_accounts_converge(site: RoleSite) -> None:
    made = _change("new one", "editor", email="new@x.example")
    changes = (_change("anna", "editor"), made)
    told = _apply(site, *changes, check=True)
    assert told.ok
    assert _role(site, "anna") == "author"
    mails = site.lab.mails()

    result = _apply(site, *changes)

    assert _changed(result) == ["anna", "new one"]
    assert (_role(site, "anna"), _role(site, "new one")) == ("editor", "editor")
    assert site.lab.mails() == mails
    assert "user_pass" not in repr(result)
    assert _changed(_apply(site, *changes)) == []
    assert _changed(_apply(site, _change("anna", "none"))) == ["anna"]
    assert _role(site, "anna") == ""
    assert "no role captain" in str(_apply(site, _change("anna", "captain")).failure)


def test_application_passwords_are_revoked(site: RoleSite) -> None:
    site.wp("user", "application-password", "create", "anna", "phone")
    change = _change("anna/application_passwords", 0)
    assert _changed(_apply(site, change)) == ["anna/application_passwords"]
    assert site.wp("user", "application-password", "list", "anna", "--format=count") == "0"
    assert _changed(_apply(site, change)) == []


def test_content_of_every_post_type_goes_to_the_heir(site: RoleSite) -> None:
    """Also of a type that no plugin registers, a link, and what lies in the trash."""
    p, evil = site.lab.prefix, site.wp("user", "get", "evil", "--field=ID")
    agency = site.wp("user", "get", "agency", "--field=ID")
    for kind, status in (("page", "publish"), ("page", "trash"), ("lab_secret", "publish")):
        site.lab.rows(
            f"INSERT INTO {p}posts (post_author, post_type, post_status, post_title, post_content,"
            " post_excerpt, to_ping, pinged, post_content_filtered)"
            f" VALUES ({evil}, '{kind}', '{status}', 'of evil', '', '', '', '', '')"
        )
    site.lab.rows(
        f"INSERT INTO {p}links (link_name, link_owner, link_notes) VALUES ('of evil', {evil}, '')"
    )

    def owned(by: str) -> tuple[str, str]:
        posts = f"SELECT COUNT(*) FROM {p}posts WHERE post_author = {by} AND post_title = 'of evil'"
        links = f"SELECT COUNT(*) FROM {p}links WHERE link_owner = {by}"
        return site.lab.rows(posts).strip(), site.lab.rows(links).strip()

    assert owned(evil) == ("3", "1")
    without = _apply(site, _change("evil", None))
    assert without.failure is not None
    assert owned(evil) == ("3", "1")

    gone = _change("evil", None, reassign_to="agency")
    assert _changed(_apply(site, gone)) == ["evil"]
    assert owned(agency) == ("3", "1")
    assert owned(evil) == ("0", "0")
    assert "evil" not in site.wp("user", "list", "--field=user_login").split()
    assert _changed(_apply(site, gone)) == []


def test_an_account_whose_login_only_looks_alike_is_left_alone(site: RoleSite) -> None:
    """The collation of user_login takes one for the other."""
    site.wp("user", "create", "anton", "anton@x.example", "--role=author")
    users = f"{site.lab.prefix}users"
    renamed = f"UPDATE {users} SET user_login = 'änton' WHERE user_login = 'anton'"
    site.lab.rows(f"SET NAMES utf8mb4; {renamed}")
    assert _changed(_apply(site, _change("anton", None, reassign_to="agency"))) == []
    assert site.lab.rows(f"SELECT COUNT(*) FROM {users} WHERE user_login = 'anton'").strip() == "1"


def test_content_that_a_plugin_keeps_back_is_a_failure(site: RoleSite) -> None:
    site.wp("user", "create", "bo", "bo@x.example", "--role=author")
    bo = site.wp("user", "get", "bo", "--field=ID")
    site.wp("post", "create", "--post_title=of bo", f"--post_author={bo}")
    folder = site.lab.path / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    keeps = folder / "keeps.php"
    keeps.write_text(
        "<?php add_action('deleted_user', function ($id) { global $wpdb;"
        " $wpdb->update($wpdb->posts, ['post_author' => $id], ['post_title' => 'of bo']); });"
    )
    result = _apply(site, _change("bo", None, reassign_to="agency"))
    keeps.unlink()
    assert "not all that it wrote went to agency" in str(result.failure)


def test_the_last_administrator_stays(site: RoleSite) -> None:
    """A second lock: the plan refuses it first."""
    for login in site.wp("user", "list", "--role=administrator", "--field=user_login").split():
        if login != "agency":
            site.wp("user", "set-role", login, "author")
    result = _apply(site, _change("agency", "editor"))
    assert "no administrator would be left" in str(result.failure)
    site.lab.rows(
        f"UPDATE {site.lab.prefix}usermeta SET meta_value = 'a:1:{{s:13:\"administrator\";b:1;}}'"
        f" WHERE meta_key = '{site.lab.prefix}capabilities'"
        f" AND user_id = {site.wp('user', 'get', 'agency', '--field=ID')}"
    )
