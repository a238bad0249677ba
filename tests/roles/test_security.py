"""Security points as the run's one start of WordPress sets them: converge, again, check mode."""

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult
from wpstate.resources.security_means import mu_plugin

LINES = ["# wpstate security: directory_listing", "Options -Indexes"]
BLOCK = "# BEGIN wpstate security\n{}\n# END wpstate security\n".format("\n".join(LINES))


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def run(site: RoleSite, asked: Json, *, check: bool = False) -> PlaybookResult:
    nothing: Json = {"constants": {}, "options": {}, "modes": [], "files": [], "blocks": []}
    told = {**nothing, "config": str(site.lab.path / "wp-config.php"), **asked}
    variables = {**site.apply_vars(), "kinds": {"security": {**told, "in_wordpress": True}}}
    return site.apply(variables, check=check)


def put(site: RoleSite, asked: Json, *, check: bool = False) -> PlaybookResult:
    result = run(site, asked, check=check)
    assert result.ok, result.failure
    return result


def test_each_means_once_and_then_nothing(site: RoleSite) -> None:
    plugin = site.lab.path / "wp-content/mu-plugins/wpstate-security.php"
    readme = site.lab.path / "readme.html"
    text = mu_plugin({"xmlrpc", "version"})
    asked: Json = {
        "options": {"users_can_register": "1", "default_role": "author"},
        "files": [{"path": str(plugin), "text": text}],
        "modes": [
            {"path": str(readme), "mode": "600"},
            {"path": str(site.lab.path / "no-such-file"), "mode": "600"},
        ],
    }
    before = site.tree()
    assert put(site, asked, check=True).changed == ("Start WordPress once",)
    assert site.tree() == before

    assert put(site, asked).changed == ("Start WordPress once",)

    assert plugin.read_text("utf-8") == text
    assert (plugin.stat().st_mode & 0o777, plugin.owner()) == (0o644, readme.owner())
    assert readme.stat().st_mode & 0o777 == 0o600
    assert site.wp("option", "get", "users_can_register") == "1"
    assert site.wp("option", "get", "default_role") == "author"
    assert site.wp("eval", "echo has_action( 'wp_head', 'rsd_link' ) ? 1 : 0;") == "0"
    assert set(site.tree()) - set(before) == {"wp-content/mu-plugins/wpstate-security.php"}
    assert put(site, asked).changed == ()

    assert put(site, {"files": [{"path": str(plugin), "text": None}]}).ok
    assert not plugin.exists()


@pytest.mark.parametrize("others", ["", "# BEGIN WordPress\r\nRewriteEngine On\r\n# END WordPress"])
def test_other_lines_of_htaccess_stay_byte_for_byte(site: RoleSite, others: str) -> None:
    file = site.lab.path / ".htaccess"
    file.unlink(missing_ok=True)
    if others:
        file.write_bytes(others.encode())
        file.chmod(0o640)
        shutil.chown(file, site.account.pw_uid, site.account.pw_gid)
    asked: Json = {"path": str(file), "lines": LINES}
    assert put(site, {"blocks": [asked]}).changed == ("Start WordPress once",)
    assert file.read_bytes().decode() == BLOCK + others
    assert file.stat().st_mode & 0o777 == (0o640 if others else 0o644)
    assert put(site, {"blocks": [asked]}).changed == ()

    put(site, {"blocks": [{**asked, "lines": []}]})
    assert (file.read_bytes().decode() if file.exists() else "") == others


def test_our_block_is_ours_with_turned_line_ends_too(site: RoleSite) -> None:
    file = site.lab.path / ".htaccess"
    others = "RewriteEngine On\r\n"
    file.write_bytes(BLOCK.replace("\n", "\r\n").encode() + others.encode())
    shutil.chown(file, site.account.pw_uid, site.account.pw_gid)
    asked: Json = {"path": str(file), "lines": LINES}

    put(site, {"blocks": [asked]})
    assert file.read_bytes().decode() == BLOCK + others

    file.write_bytes(BLOCK.replace("\n", "\r\n").encode() + others.encode())
    put(site, {"blocks": [{**asked, "lines": []}]})
    assert file.read_bytes().decode() == others
    file.unlink()


def test_what_a_pattern_gives_up_on_is_not_emptied(site: RoleSite) -> None:
    file = site.lab.path / ".htaccess"
    text = "# BEGIN wpstate security\n" + "Deny from 192.0.2.1\n" * 150_000
    file.write_text(text)
    shutil.chown(file, site.account.pw_uid, site.account.pw_gid)

    result = run(site, {"blocks": [{"path": str(file), "lines": LINES}]})

    assert result.failure is not None
    assert "cannot be taken apart" in result.failure.message
    assert file.read_text("utf-8") == text
    file.unlink()


def test_what_cannot_be_read_is_left_alone(site: RoleSite) -> None:
    file = site.lab.path / ".htaccess"
    file.unlink(missing_ok=True)
    file.write_text("# of root alone\n")
    file.chmod(0o600)

    result = run(site, {"blocks": [{"path": str(file), "lines": LINES}]})

    assert result.failure is not None
    assert "cannot be read" in result.failure.message
    assert file.read_text("utf-8") == "# of root alone\n"
    file.unlink()


def test_one_text_whose_last_line_names_what_it_closes() -> None:
    assert mu_plugin(()) is None
    closed = mu_plugin({"xmlrpc"})
    assert closed is not None
    assert closed.endswith("} )( array( 'xmlrpc' ) );\n")
