"""The probe tells whose files they are, what version control owns and what loads a plugin early."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.observing import look, write
from wpstate.model.host_facts import Loader


@pytest.fixture
def copy(site_copy: Path) -> Path:
    """A site of the account's own that a test may change."""
    write(site_copy / "wp-load.php", "<?php\n")
    return site_copy


def test_the_owner_and_the_account_are_told(copy: Path) -> None:
    seen = look(copy).host
    assert (seen.uid, seen.owner) == (seen.owner_uid, "wpl-layout")
    assert (seen.file_mods, seen.checkouts, seen.links, seen.loaders) == (True, (), (), ())
    os.chown(copy / "wp-load.php", 0, 0)
    seen = look(copy).host
    assert (seen.owner_uid, seen.owner) == (0, "root")


def test_checkouts_are_found_in_the_site_and_in_plugins(copy: Path) -> None:
    (copy / ".git").mkdir()
    write(copy / "wp-content/plugins/akismet/.svn", "")
    folders = (str(copy), str(copy / "wp-content/plugins/akismet"))
    assert look(copy).host.checkouts == folders


def test_links_in_the_place_of_code_are_told(copy: Path) -> None:
    plugin = copy / "wp-content/plugins/akismet"
    plugin.rename(copy.parent / "akismet")
    plugin.symlink_to(copy.parent / "akismet")
    (copy / "wp-content").rename(copy.parent / "content")
    (copy / "wp-content").symlink_to(copy.parent / "content")
    linked = copy.parent / "content/plugins/akismet"
    assert look(copy).host.links == (str(copy / "wp-content"), str(linked))


@pytest.mark.parametrize(
    ("file", "text", "loaded_by"),
    [
        ("wp-content/object-cache.php", "<?php require '../plugins/akismet/x.php';", None),
        ("wp-content/db.php", "<?php\n// Plugin URI: https://wordpress.org/plugins/akismet/", None),
        (".user.ini", "auto_prepend_file = 'waf.php'\n", "auto_prepend_file"),
        (".htaccess", "php_value auto_prepend_file WP/waf.php\n", "auto_prepend_file"),
        (".user.ini", "; auto_prepend_file = 'waf.php'\n", ""),
        ("wp-content/advanced-cache.php", "<?php // akismet, but not its folder", ""),
    ],
)
def test_what_loads_a_plugin_early_is_told(
    copy: Path, file: str, text: str, loaded_by: str | None
) -> None:
    write(copy / "waf.php", "<?php include __DIR__ . '/wp-content/plugins/akismet/waf/start.php';")
    write(copy / file, text.replace("WP", str(copy)))
    by = Path(file).name if loaded_by is None else loaded_by
    assert look(copy).host.loaders == ((Loader("akismet", by),) if by else ())


def test_a_site_whose_own_updates_are_off_says_so(copy: Path) -> None:
    config = copy / "wp-config.php"
    defined = config.read_text().replace("<?php", "<?php define( 'DISALLOW_FILE_MODS', true );", 1)
    write(config, defined)
    assert look(copy).host.file_mods is False


def test_root_is_told_as_root(copy: Path) -> None:
    """The probe as root itself runs it; no login of the lab is root's."""
    call = "wpstate_host( $argv[2], '', $argv[2], '', null, array() )"
    program = f"require $argv[1]; echo json_encode( {call} );"
    code = Path(__file__).parents[2] / "wpstate/probe/host.php"
    done = subprocess.run(
        ("php", "-r", program, "--", code, copy), capture_output=True, text=True, check=True
    )
    assert '"uid":0' in done.stdout
