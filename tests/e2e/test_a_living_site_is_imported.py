"""A site that nobody declared becomes a file after which nothing is to do."""

import json
import re

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

PLUGINS = 40
EDITED = """<?php
/*
 * Plugin Name: Akismet
 * Version: 5.5
 * Author: Mallory
 */
"""
HEADER = "<?php\n/*\n * Plugin Name: {0}\n * Version: 1.{1}\n */\n"


@pytest.mark.parametrize("name", ["redis", "atelier"])  # one of each version of WordPress
def test_forty_plugins_three_themes_and_weak_points(name: str, take: Take, fleet: Fleet) -> None:
    (site,) = take(name)
    living(site)
    place = forget(fleet, site)
    site.write("wp-admin/about.php", "<?php // edited\n")
    site.write("wp-includes/dropped.php", "<?php\n")
    site.write("wp-content/plugins/akismet/akismet.php", EDITED)
    fleet.catalog("".join(f"  many-{n:02}: 1.{n}\n" for n in range(PLUGINS - 1)))
    before = site.whole()
    told = fleet.wpstate("import", place, "--as", name, "--format", "json").json
    site.assert_as(before)
    written = fleet.site_file(name).read_text("utf-8")
    pinned = re.findall(r"^  many-\d\d: \{version: 1\.\d+, state: inactive\}$", written, re.M)
    assert len(pinned) == PLUGINS - 1
    assert len(re.findall(r"^options:\n((?:  .*\n)+)", written, re.M)[0].splitlines()) >= 25
    points = {(point["sort"], point["about"]) for point in told[0]["points"]}
    assert ("unlisted", "plugins.stranger") in points
    assert {("weak", "security.file_editor"), ("weak", "security.xmlrpc")} <= points
    assert ("admin", "agency") in points
    assert ("identity", "plugins.akismet") in points
    assert any(sort == "family" and "page_cache" in about for sort, about in points)
    modified = {p["about"]: p["detail"] for p in told[0]["points"] if p["sort"] == "modified"}
    assert "wp-admin/about.php changed" in modified["core.version"]
    assert "wp-includes/dropped.php added" in modified["core.version"]
    assert "akismet.php changed" in modified["plugins.akismet"]
    # Nobody has the bytes of these: that is told, and none is called as it was shipped.
    assert not [each for each in told[0]["compared"] if "many-" in each]
    unknown = [each for each in told[0]["not_looked_at"] if "plugins.many-00 " in each]
    assert len(unknown) == 1
    planned = fleet.wpstate("plan", name, "--format", "json").json["sites"][0]
    assert planned["changes"] == []
    assert [n for n in planned["noted"] if n["sort"] in ("drift", "conflict", "out_of_reach")] == []
    # What was written down is asked for: the first thing that a client changes is drift.
    site.wp("option", "update", "posts_per_page", "3")
    fleet.wpstate("plan", name, "--detailed-exitcode", code=2)


def test_a_profile_that_fits_leaves_the_differences(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    place = forget(fleet, site)
    aliases = fleet.folder / "wp-cli.yml"
    aliases.write_text(json.dumps({"@redis": {"ssh": place}}), "utf-8")
    fleet.wpstate("import", "--aliases", str(aliases), "--follow")
    written = fleet.site_file("redis").read_text("utf-8")
    assert "profiles: [maintenance]" in written
    assert "version: 7.1.1" not in written  # the profile says so
    assert fleet.wpstate("plan", "redis", "--format", "json").json["sites"][0]["changes"] == []
    assert "# Audit of" in (fleet.folder / "audits" / "redis.md").read_text("utf-8")
    again = fleet.wpstate("import", place, "--as", "redis", code=3)
    assert again.slugs() == {"import.exists"}


def living(site: Site) -> None:
    """As such sites are: many plugins, one that nobody approved, two page caches."""
    for number in range(PLUGINS - 1):
        slug = f"many-{number:02}"
        site.write(f"wp-content/plugins/{slug}/{slug}.php", HEADER.format(slug, number))
    for slug in ("stranger", "wp-super-cache", "w3-total-cache"):
        site.write(f"wp-content/plugins/{slug}/{slug}.php", HEADER.format(slug, 0))
        site.wp("plugin", "activate", slug)


def forget(fleet: Fleet, site: Site) -> str:
    """Take the site out of the fleet; where it lives."""
    fleet.site_file(site.name).unlink()
    hosts = fleet.folder / "hosts.yml"
    text, done = re.subn(rf"    {site.name}:\n(?:      .*\n)+", "", hosts.read_text("utf-8"))
    assert done == 1
    hosts.write_text(text, "utf-8")
    return f"{site.account}@127.0.0.1:22022:{site.wp_path}"
