"""`wpstate rollback SITE plugins.x`: one plugin alone, its newer rows kept, quarantined."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("atelier")


def test_its_files_and_tables_go_back_and_nothing_else(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    fleet.pin("atelier", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "atelier", "--yes")
    applied = fleet.last_run("atelier")["id"]
    fleet.pin("atelier", "akismet", "{version: 5.7.2, state: inactive}")
    fleet.wpstate("apply", "atelier", "--yes")
    akismet = sorted(file.read_bytes() for file in (site.plugins / "akismet").glob("*.php"))
    # The night goes on: an entry in its table, a comment, a setting.
    site.sql("INSERT INTO {p}guestbook (author, message, created_at) VALUES ('Late', 'Hi', NOW())")
    assert site.comment("the morning after") in (200, 302)
    site.sql("UPDATE {p}options SET option_value = 'New name' WHERE option_name = 'blogname'")
    fleet.replace("atelier", "/: Atelier Lumière", "/: New name")

    told = fleet.wpstate("rollback", "atelier", "plugins.lab-guestbook", "--yes")

    assert f"before run {applied}" in told.err
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.0"
    assert akismet == sorted(file.read_bytes() for file in (site.plugins / "akismet").glob("*.php"))
    assert "website" not in site.sql("SHOW COLUMNS FROM {p}guestbook")
    assert site.sql("SELECT COUNT(*) FROM {p}guestbook WHERE author = 'Late'") == "1"
    assert site.sql("SELECT COUNT(*) FROM {p}guestbook WHERE author = 'Agathe'") == "1"
    assert site.comments("the morning after") == 1
    blogname = "SELECT option_value FROM {p}options WHERE option_name = 'blogname'"
    assert site.sql(blogname) == "New name"
    assert not list(site.wp_path.glob("wp-content/plugins/.*"))
    # What was undone is not done again until git asks for something else.
    plan = fleet.wpstate("plan", "atelier", "--format", "json").json
    assert plan["sites"][0]["changes"] == []
    released = fleet.wpstate("release", "atelier", "--format", "json").json
    assert list(released["quarantined"]) == ["plugins.lab-guestbook"]


def test_a_plugin_that_no_run_changed_is_refused(take: Take, fleet: Fleet) -> None:
    take("atelier")
    refused = fleet.wpstate("rollback", "atelier", "plugins.hello", "--yes", code=3)
    assert "rollback.no_snapshot" in refused.slugs()
    refused = fleet.wpstate("rollback", "atelier", "plugins.nobody", "--yes", code=3)
    assert "rollback.no_component" in refused.slugs()
