import pytest

from wpstate.planning.tree_rules import is_executable, unplanned
from wpstate.ports import TreeChange

PLANNED = ("wp-content/plugins/akismet/", "wp-content/plugins/hello.php")


def found(*paths: str, may_change: tuple[str, ...] = (), sort: str = "added") -> tuple[str, ...]:
    return unplanned([TreeChange(path, sort) for path in paths], PLANNED, may_change)


@pytest.mark.parametrize(
    "path",
    [
        "wp-content/plugins/akismet",
        "wp-content/plugins/akismet/akismet.php",
        "wp-content/plugins/hello.php",
        "wp-content/cache/page/index.html",
        "wp-content/cache/.htaccess",
        "wp-content/debug.log",
        "wp-content/upgrade/x.tmp",
        "wp-content/upgrade-temp-backup/plugins/x",
        "wp-content/uploads/2026/11/photo.jpg",
        "wp-content/uploads/2026/11/a.b.c.pdf",
    ],
)
def test_planned_and_kept_by_the_site_itself(path: str) -> None:
    assert found(path) == ()


@pytest.mark.parametrize(
    "path",
    [
        "index.php",
        "guestbook-agent.php",
        ".htaccess",
        "wp-content/plugins/akismet-pro/x.php",
        "wp-content/plugins/akismet.php",
        "wp-content/mu-plugins/loader.php",
        "wp-content/object-cache.php",
        "wp-content/cachet/x",
        "wp-content/debug.log.php",
        "wp-content/uploads/guestbook-cache.php",
        "wp-content/uploads/photo.PHP",
        "wp-content/uploads/photo.php.jpg",
        "wp-content/uploads/.htaccess",
        "wp-content/uploads/2026/.user.ini",
        "wp-content/uploads/x.phtml",
        "wp-content/uploads2/photo.jpg",
    ],
)
def test_everything_else_is_named(path: str) -> None:
    assert found(path) == (path,)


@pytest.mark.parametrize("sort", ["added", "changed", "removed"])
def test_a_file_that_went_away_counts_as_one_that_came(sort: str) -> None:
    assert found("wp-content/themes/x/style.css", sort=sort) == ("wp-content/themes/x/style.css",)


@pytest.mark.parametrize(
    ("glob", "path", "free"),
    [
        ("wp-content/wflogs/**", "wp-content/wflogs/a/b.php", True),
        ("wp-content/wflogs/*", "wp-content/wflogs/a/b.php", False),
        ("**/error_log", "error_log", True),
        ("**/error_log", "wp-admin/error_log", True),
        ("**/error_log", "wp-admin/error_log.php", False),
        ("wp-content/*.log", "wp-content/a.log", True),
        ("wp-content/*.log", "wp-content/aXlog", False),
        ("wp-content/uploads/**", "wp-content/uploads/shell.php", False),
        ("wp-content/uploads/shop/*.php", "wp-content/uploads/shop/index.php", True),
        ("wp-content/uploads/shop/*.php", "wp-content/uploads/index.php", False),
    ],
)
def test_the_policy_s_globs(glob: str, path: str, free: bool) -> None:
    assert (found(path, may_change=(glob,)) == ()) is free


def test_content_may_lie_elsewhere() -> None:
    changes = [
        TreeChange("/srv/content/cache/a", "added"),
        TreeChange("/srv/media/a.jpg", "added"),
        TreeChange("/srv/media/a.php", "added"),
        TreeChange("/srv/content/b", "added"),
    ]

    paths = unplanned(changes, (), (), content="/srv/content", uploads="/srv/media")

    assert paths == ("/srv/content/b", "/srv/media/a.php")


def test_a_new_line_in_a_name_hides_nothing() -> None:
    assert found("wp-content/plugins/akismet\n/x.php") != ()
    assert is_executable("x\n.php")


def test_a_folder_without_its_slash_is_the_entry_alone() -> None:
    changes = [TreeChange(f"wp-content/mu-plugins{below}", "added") for below in ("", "/x.php")]

    assert unplanned(changes, ("wp-content/mu-plugins",), ()) == ("wp-content/mu-plugins/x.php",)
    assert unplanned(changes, ("wp-content/mu-plugins/",), ()) == ()
