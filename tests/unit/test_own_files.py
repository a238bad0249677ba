"""What goes back where one resource alone does, and why others do not."""

from dataclasses import replace

import pytest

from tests.builders import observed, version
from wpstate.model.observed import Component
from wpstate.model.own_files import OwnFiles
from wpstate.resources.registry import KIND, KINDS

WWW = "/home/client/www"
FILES = {"folder": f"{WWW}/wp-content/mu-plugins", "files": []}
SEEN = replace(
    observed({"plugins.shop": version("1.0"), "plugins.hello": version("1.7")}),
    plugins=(
        Component("hello", "hello.php", "Hello", "1.7", True),
        Component("shop", "shop/main.php", "Shop", "1.0", True),
    ),
    answers=(("mu_plugins", FILES), ("dropins", {**FILES, "folder": f"{WWW}/wp-content"})),
)


@pytest.mark.parametrize(
    ("kind", "name", "path", "tables_of"),
    [
        ("plugins", "shop", "wp-content/plugins/shop", "shop"),
        ("plugins", "hello", "wp-content/plugins/hello.php", "hello.php"),
        ("plugins", "deleted", "wp-content/plugins/deleted", "deleted"),
        ("themes", "paper", "wp-content/themes/paper", None),
        ("mu_plugins", "agency.php", "wp-content/mu-plugins/agency.php", None),
        ("dropins", "object-cache.php", "wp-content/object-cache.php", None),
    ],
)
def test_a_folder_or_a_file_of_its_own(
    kind: str, name: str, path: str, tables_of: str | None
) -> None:
    assert KIND[kind].stays_with == ""
    assert KIND[kind].own_files(name, SEEN) == OwnFiles(f"{WWW}/{path}", tables_of)


def test_what_has_none_says_with_what_it_stays() -> None:
    alone = {kind.name for kind in KINDS if not kind.stays_with}
    assert alone == {"plugins", "themes", "mu_plugins", "dropins"}
    for kind in KINDS:
        if kind.stays_with:
            assert kind.own_files("x", SEEN) is None


def test_a_site_that_was_not_seen_tells_no_place() -> None:
    unseen = replace(SEEN, paths=None, answers=())
    assert {KIND[kind].own_files("x", unseen) for kind in ("plugins", "themes", "dropins")} == {
        None
    }


def test_no_name_leads_elsewhere() -> None:
    for kind in ("themes", "mu_plugins"):
        assert KIND[kind].own_files("../x", SEEN) is None
