"""`wpstate rollback SITE KEY`: a theme, a must-use plugin; what lies among others is refused."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

_FIRST = "<?php\nadd_action( 'wp_footer', static function () { echo '<p>Agency 1</p>'; } );\n"


@pytest.mark.xdist_group("redis")
def test_each_goes_back_alone(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    content = site.wp_path / "wp-content"
    fleet.catalog("themes: {lab-paper: 1.0}\n")
    code = fleet.folder / "files" / "agency.php"
    code.parent.mkdir()
    code.write_text(_FIRST, "utf-8")
    more = "themes: {lab-paper: approved}\nmu_plugins: {agency.php: files/agency.php}\n"
    text = fleet.site_file("redis").read_text("utf-8")
    fleet.site_file("redis").write_text(
        text + more + "options: {blogdescription: First}\n", "utf-8"
    )
    fleet.wpstate("lock")
    fleet.wpstate("apply", "redis", "--yes")
    installed, first = fleet.last_run("redis")["id"], paper(site)

    code.write_text(_FIRST.replace("Agency 1", "Agency 2"), "utf-8")
    fleet.replace("redis", "lab-paper: approved", "lab-paper: 1.1")
    fleet.replace("redis", "blogdescription: First", "blogdescription: Second")
    fleet.wpstate("lock")
    fleet.wpstate("apply", "redis", "--yes")
    applied = fleet.last_run("redis")["id"]

    brought = fleet.wpstate(
        "rollback", "redis", "mu_plugins.agency.php", "--to", installed, "--yes", code=3
    )
    assert brought.slugs() == {"rollback.no_component"}  # that run brought it

    told = fleet.wpstate("rollback", "redis", "themes.lab-paper", "--yes")
    assert f"themes.lab-paper back to before run {applied}" in told.err
    assert paper(site) == first
    assert "Agency 2" in (content / "mu-plugins/agency.php").read_text("utf-8")

    (content / "mu-plugins/agency.php").unlink()  # what is gone by now comes back too
    fleet.wpstate("rollback", "redis", "mu_plugins.agency.php", "--to", applied, "--yes")
    assert (content / "mu-plugins/agency.php").read_text("utf-8") == _FIRST
    assert site.wp("option", "get", "blogdescription") == "Second"
    site.assert_open()

    before = site.whole()
    refused = fleet.wpstate("rollback", "redis", "options.blogdescription", "--yes", code=3)
    assert refused.slugs() == {"rollback.not_alone"}
    refused = fleet.wpstate("rollback", "redis", "dropins.db.php", "--yes", code=3)
    assert refused.slugs() == {"rollback.no_component"}
    fleet.wpstate("rollback", "redis", "nothing.x", "--yes", code=64)
    site.assert_as(before)

    # What was undone is not done again.
    assert fleet.wpstate("plan", "redis", "--format", "json").json["sites"][0]["changes"] == []


def paper(site: Site) -> list[tuple[str, bytes]]:
    folder = site.wp_path / "wp-content" / "themes" / "lab-paper"
    return sorted((file.name, file.read_bytes()) for file in folder.iterdir())
