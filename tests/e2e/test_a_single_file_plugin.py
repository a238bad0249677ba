"""hello.php, which wordpress.org packs into a folder of another name, goes and comes back."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet


@pytest.mark.xdist_group("getenv")
def test_installed_anew_it_has_the_address_that_git_names(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    shipped = (site.plugins / "hello.php").read_bytes()
    fleet.pin("getenv", "hello", "absent")
    fleet.wpstate("apply", "getenv", "--yes")
    assert not list(site.plugins.glob("hello*"))

    fleet.pin("getenv", "hello", "1.7.2")
    fleet.wpstate("apply", "getenv", "--yes")

    assert [path.name for path in site.plugins.glob("hello*")] == ["hello.php"]
    assert (site.plugins / "hello.php").read_bytes() == shipped
    assert site.wp("plugin", "get", "hello", "--field=status") == "active"
    site.assert_open()
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)
