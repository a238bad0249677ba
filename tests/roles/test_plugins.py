"""Roles stage, plugins and boot on a real site: converge, converge again, check mode, refusals."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, artifact, plugin


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("redis", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def test_update_converges_and_changes_nothing_the_second_time(site: RoleSite) -> None:
    new = artifact("akismet", "5.7.2")
    apply_vars = site.apply_vars(plugin("akismet", "update", "5.7.2", active=True))

    staged = site.stage(new)
    assert staged.changed == ("Upload the artifacts", "Unpack the artifacts beside the site")
    assert site.stage(new).changed == ()
    applied = site.apply(apply_vars)

    assert applied.ok
    assert applied.changed == ("Swap the plugins and themes", "Start WordPress once")
    assert site.plugins()["akismet"] == ("5.7.2", "active")
    assert (site.run_dir / "old" / "plugins" / "akismet" / "akismet.php").is_file()
    again = site.apply(apply_vars)
    assert again.ok
    assert again.changed == ()
    assert site.stage(new).changed == ()


def test_check_mode_tells_and_changes_nothing(site: RoleSite) -> None:
    before = site.tree()
    new = artifact("akismet", "5.7.2")
    apply_vars = site.apply_vars(plugin("akismet", "update", "5.7.2", active=True))

    staged = site.stage(new, check=True)
    applied = site.apply(apply_vars, check=True)

    assert staged.changed == ("Upload the artifacts", "Unpack the artifacts beside the site")
    assert applied.changed == ("Swap the plugins and themes", "Start WordPress once")
    assert dict(applied.results)["Swap the plugins and themes"]["diff"] == {
        "before": "akismet 5.5\n",
        "after": "akismet 5.7.2\n",
    }
    assert site.tree() == before
    assert list(site.run_dir.iterdir()) == []
    assert site.plugins()["akismet"] == ("5.5", "inactive")


def test_create_deactivate_and_delete_in_one_run(site: RoleSite) -> None:
    changes = (
        plugin("lab-contact", "create", "1.1", file=None, active=True),
        plugin("lab-guestbook", "delete", None, active=False, was_active=True),
        plugin("hello", "deactivate", "1.7.2", file="hello.php", active=False, was_active=True),
    )
    rows = site.wp("option", "list", "--search=*guestbook*", "--format=count")

    assert site.stage(artifact("lab-contact", "1.1")).ok
    applied = site.apply(site.apply_vars(*changes))

    assert applied.ok, applied.failure
    assert site.plugins() == {
        "akismet": ("5.5", "inactive"),
        "hello": ("1.7.2", "inactive"),
        "lab-contact": ("1.1", "active"),
        **{k: v for k, v in site.plugins().items() if v[1] in {"dropin", "must-use"}},
    }
    assert (site.run_dir / "old" / "plugins" / "lab-guestbook" / "lab-guestbook.php").is_file()
    assert site.wp("option", "list", "--search=*guestbook*", "--format=count") == rows
    assert site.apply(site.apply_vars(*changes)).changed == ()


def test_delete_with_purge_data_runs_the_uninstall_routine(site: RoleSite) -> None:
    gone = plugin("lab-guestbook", "delete", None, active=False, was_active=True, purge_data=True)
    tables = site.wp("db", "tables", "*guestbook*", "--all-tables")

    applied = site.apply(site.apply_vars(gone))

    assert applied.ok, applied.failure
    assert tables
    assert site.wp("db", "query", "SHOW TABLES LIKE '%guestbook%'", "--skip-column-names") == ""


def test_modes_and_dotfiles_of_the_live_folder_are_kept(site: RoleSite) -> None:
    live = site.lab.plugins / "akismet"
    account = site.account
    (live / ".user.ini").write_text("memory_limit=64M\n")
    shutil.chown(live / ".user.ini", account.pw_uid, account.pw_gid)
    for path in live.rglob("*"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    live.chmod(0o750)

    assert site.stage(artifact("akismet", "5.7.2")).ok
    assert site.apply(site.apply_vars(plugin("akismet", "update", "5.7.2"))).ok

    assert (live / ".user.ini").read_text() == "memory_limit=64M\n"
    assert live.stat().st_mode & 0o777 == 0o750
    modes = {path.stat().st_mode & 0o777 for path in live.rglob("*.php")}
    assert modes == {0o640}
    assert (live / "akismet.php").stat().st_uid == account.pw_uid


def test_php_that_no_version_ships_is_refused_before_the_freeze(site: RoleSite) -> None:
    live = site.lab.plugins / "akismet"
    known = [str(path.relative_to(live)) for path in live.rglob("*") if path.is_file()]
    (live / "views" / "backdoor.phtml").write_text("<?php")
    (live / "notes.txt").write_text("carried over")

    staged = site.stage(artifact("akismet", "5.7.2", old_files=known))

    assert staged.failure is not None
    assert staged.failure.refused
    assert "views/backdoor.phtml" in staged.failure.message
    assert "notes.txt" not in staged.failure.message
    assert site.plugins()["akismet"] == ("5.5", "inactive")


def test_a_linked_plugin_folder_is_refused(site: RoleSite) -> None:
    live = site.lab.plugins / "akismet"
    live.rename(site.lab.path.parent / "elsewhere")
    live.symlink_to(site.lab.path.parent / "elsewhere")
    try:
        staged = site.stage(artifact("akismet", "5.7.2"))
    finally:
        shutil.rmtree(site.lab.path.parent / "elsewhere")

    assert staged.failure is not None
    assert staged.failure.refused
    assert "link" in staged.failure.message


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"version": "5.9"}, "says version 5.7.2, not 5.9"),
        ({"sha256": "0" * 64}, "another sha256"),
        ({"slug": "lab-guestbook"}, "one folder of this name"),
    ],
)
def test_a_zip_that_is_not_what_it_should_be_is_not_staged(
    site: RoleSite, other: dict[str, object], told: str
) -> None:
    staged = site.stage(artifact("akismet", "5.7.2") | other)

    assert staged.failure is not None
    assert told in staged.failure.message
    assert not (site.run_dir / "stage" / "plugins" / "akismet").exists()


def test_new_files_have_new_times(site: RoleSite) -> None:
    """OPcache takes a file with an old time for the one it knows."""
    old = (site.lab.plugins / "akismet" / "akismet.php").stat().st_mtime
    before = max(path.stat().st_mtime for path in Path(site.lab.plugins / "akismet").rglob("*"))

    assert site.stage(artifact("akismet", "5.7.2")).ok
    assert site.apply(site.apply_vars(plugin("akismet", "update", "5.7.2"))).ok

    times = [os.stat(path).st_mtime for path in (site.lab.plugins / "akismet").rglob("*.php")]
    assert min(times) > max(old, before)


def test_a_single_file_plugin_is_replaced_as_a_single_file(site: RoleSite) -> None:
    hello = site.lab.plugins / "hello.php"
    hello.write_text(hello.read_text().replace("Version: 1.7.2", "Version: 1.6"))
    new = artifact("hello-dolly", "1.7.2") | {"slug": "hello"}
    change = plugin("hello", "update", "1.7.2", file="hello.php", was_active=True)

    assert site.plugins()["hello"][0] == "1.6"
    assert site.stage(new).ok
    applied = site.apply(site.apply_vars(change))

    assert applied.ok, applied.failure
    assert site.plugins()["hello"] == ("1.7.2", "active")
    assert not (site.lab.plugins / "hello").exists()


def test_another_filesystem_is_staged_beside_the_site_and_left_clean(site: RoleSite) -> None:
    elsewhere = Path(tempfile.mkdtemp(dir="/dev/shm"))
    os.chown(elsewhere, site.account.pw_uid, site.account.pw_gid)
    far = replace(site, other_run_dir=elsewhere)
    changes = (
        plugin("akismet", "update", "5.7.2"),
        plugin("lab-guestbook", "delete", None, active=False, was_active=True),
    )
    try:
        assert elsewhere.stat().st_dev != site.lab.plugins.stat().st_dev
        assert far.stage(artifact("akismet", "5.7.2")).ok
        assert (site.lab.plugins / ".wpstate-role-test" / "stage" / "plugins" / "akismet").is_dir()
        assert site.plugins()["akismet"] == ("5.5", "inactive")
        applied = far.apply(far.apply_vars(*changes))

        assert applied.ok, applied.failure
        assert site.plugins()["akismet"] == ("5.7.2", "inactive")
        assert not list(site.lab.plugins.glob(".wpstate-*"))
        assert (elsewhere / "old" / "plugins" / "akismet" / "akismet.php").is_file()
        assert (elsewhere / "old" / "plugins" / "lab-guestbook" / "lab-guestbook.php").is_file()
    finally:
        shutil.rmtree(elsewhere)
