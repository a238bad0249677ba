"""One folder of a backup goes onto the live site by a run: checked, or the site is as it was; also
where the controller dies with the folder in its place."""

import os
import signal
import time

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("blog")
SECRET = {"WPSTATE_SECRET_BACKUPS": "correct horse battery staple"}
_PATH = "wp-content/plugins/lab-mine"
_HOW = ("--at", "latest", "--onto-site", "--yes")


@pytest.fixture
def site(take: Take, fleet: Fleet) -> Site:
    """A plugin of its own in the backup, active, and then damaged by somebody."""
    (blog,) = take("blog")
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write(
            f"repositories: {{here: {{kind: local, address: {fleet.home}/kept,"
            " password: {secret: {env: WPSTATE_SECRET_BACKUPS}}}}\n"
            "backup: {every: 24h, keep: 14d 8w 12m}\n"
        )
    return blog


def _backed_up(site: Site, fleet: Fleet, php: str) -> None:
    site.write(f"{_PATH}/lab-mine.php", f"<?php\n/* Plugin Name: lab-mine */\n{php}\n")
    site.write(f"{_PATH}/mine.txt", "as it was")
    site.wp("plugin", "activate", "lab-mine")
    fleet.wpstate("backup", "run", "blog", **SECRET)


def test_a_folder_of_code_comes_back_and_what_it_replaced_too(site: Site, fleet: Fleet) -> None:
    _backed_up(site, fleet, "")
    whole = site.whole()
    site.write(f"{_PATH}/mine.txt", "as somebody left it")
    site.write(f"{_PATH}/shell.php", "<?php\n")
    damaged = site.whole()
    assert site.comment("written since the backup") == 302

    told = fleet.wpstate("restore", "blog", "--only", _PATH, *_HOW, **SECRET)
    assert sorted(p.name for p in (site.wp_path / _PATH).iterdir()) == ["lab-mine.php", "mine.txt"]
    assert (site.wp_path / _PATH / "mine.txt").read_text() == "as it was"
    assert whole.tree != damaged.tree
    assert site.whole().tree == whole.tree
    assert site.comments("written since the backup") == 1
    site.assert_open()
    run = fleet.last_run("blog")
    assert (run["outcome"], bool(run["checks"])) == ("applied", True)

    assert f"wpstate rollback blog --to {run['id']}" in told.out
    fleet.wpstate("rollback", "blog", "--to", run["id"], "--yes", **SECRET)
    assert site.whole().tree == damaged.tree
    assert site.comments("written since the backup") == 1

    for path in ("uploads", "wp-content", "wp-content/uploads", "database"):
        assert (
            "restore.path"
            in fleet.wpstate("restore", "blog", "--only", path, *_HOW, code=3, **SECRET).slugs()
        )
    assert site.whole().tree == damaged.tree
    site.assert_open()


def test_one_that_makes_the_site_ill_or_whose_controller_dies_leaves_it_as_it_was(
    site: Site, fleet: Fleet
) -> None:
    # What the backup holds is fatal from a moment on that comes after it.
    _backed_up(site, fleet, "if (file_exists(WP_CONTENT_DIR . '/ill')) { wpl_no_such(); }")
    site.write(f"{_PATH}/lab-mine.php", "<?php\n/* Plugin Name: lab-mine */\n")
    site.write(f"{_PATH}/mine.txt", "as somebody left it")
    ill = site.write("wp-content/ill", "")
    site.warm()
    before = site.whole()

    told = fleet.wpstate("restore", "blog", "--only", _PATH, *_HOW, code=1, **SECRET)
    assert told.slugs() & {"check.failed", "apply.not_confirmed"}, told.out + told.err
    site.assert_as(before)

    ill.unlink()
    site.warm()
    before = site.whole()
    dying = fleet.start("restore", "blog", "--only", _PATH, *_HOW, **SECRET)
    while not _in_place(site):
        assert dying.poll() is None, dying.communicate()
        time.sleep(0.01)
    os.killpg(dying.pid, signal.SIGKILL)
    dying.communicate()
    fleet.wpstate("recover", "blog")
    assert fleet.last_run("blog")["outcome"] == "rolled_back"
    site.assert_as(before)


def test_a_site_that_is_ill_is_mended(site: Site, fleet: Fleet) -> None:
    _backed_up(site, fleet, "")
    site.write(f"{_PATH}/lab-mine.php", "<?php\n/* Plugin Name: lab-mine */\nwpl_no_such();\n")
    assert site.curl("/")[0] == 500
    fleet.wpstate("restore", "blog", "--only", f"{_PATH}/lab-mine.php", *_HOW, **SECRET)
    site.assert_open()


def _in_place(site: Site) -> bool:
    try:
        return (site.wp_path / _PATH / "mine.txt").read_text() == "as it was"
    except FileNotFoundError:
        return False  # what stood there is away already
