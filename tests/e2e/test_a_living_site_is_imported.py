"""A site that nobody declared becomes a file after which nothing is to do."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.living import HARDENING, PLUGINS, THEMES, UNLISTED, feeds, living
from tests.e2e.site import CHECKOUT, Site
from tests.lab_versions import NEWER, OLDER

ON = {"redis": NEWER, "atelier": OLDER}
"""Sites, with their version of WordPress."""
EDITED = """<?php
/*
 * Plugin Name: Akismet
 * Version: 5.5
 * Author: Mallory
 */
"""
_PLUGINS = """
require_once ABSPATH . 'wp-admin/includes/plugin.php';
foreach ( get_plugins() as $file => $plugin ) {
	$slug   = strpos( $file, '/' ) ? dirname( $file ) : basename( $file, '.php' );
	$said[] = array( $slug, $plugin['Version'], is_plugin_active( $file ) );
}
echo json_encode( $said );
"""
_OPTIONS = """
$names = explode( ',', 'NAMES' );
echo json_encode( array_combine( $names, array_map( 'get_option', $names ) ) );
"""


@pytest.mark.parametrize("name", ON)
def test_forty_plugins_three_themes_and_weak_points(name: str, take: Take, fleet: Fleet) -> None:
    (site,) = take(name)
    living(site)
    place = forget(fleet, site)
    site.write("wp-admin/about.php", "<?php // edited\n")
    site.write("wp-includes/dropped.php", "<?php\n")
    site.write("wp-content/plugins/akismet/akismet.php", EDITED)
    fleet.catalog("".join(f"  many-{n:02}: 1.{n}\n" for n in range(PLUGINS - 1)))
    fleet.catalog("themes:\n" + "".join(f"  {theme}: 2.1\n" for theme in THEMES))
    feeds(fleet)
    before = site.whole()
    told = fleet.wpstate("import", place, "--as", name, "--format", "json").json
    site.assert_as(before)
    file = yaml.load(fleet.site_file(name).read_text("utf-8"), yaml.BaseLoader)

    # The profile asks for the newer version; where it fits, its lines are not written again.
    assert file.get("profiles") == (["maintenance"] if ON[name] == NEWER else None)
    left_out = {*UNLISTED, *(["hello"] if "profiles" in file else [])}
    # Each line holds what WordPress itself says.
    there = [each for each in asked(site, _PLUGINS) if each[0] not in left_out]
    pinned = {slug: _part(said, "version") for slug, said in file["plugins"].items()}
    assert len(pinned) >= PLUGINS
    assert pinned == {slug: version for slug, version, _ in there}
    sleeping = {s for s, said in file["plugins"].items() if _part(said, "state") == "inactive"}
    assert sleeping == {slug for slug, _, is_active in there if not is_active}
    assert file["plugins"]["many-07"] == {
        "version": "1.7",
        "state": "inactive",
        "auto_updates": "on",
    }
    themes = {slug: _part(said, "version") for slug, said in file["themes"].items()}
    assert themes == dict.fromkeys(THEMES, "2.1")
    assert _part(file["themes"][THEMES[0]], "state") == "active"
    options = asked(site, _OPTIONS.replace("NAMES", ",".join(file["options"])))
    assert len(options) >= 25
    assert file["options"] == {name: str(value) for name, value in options.items()}
    assert len(file["security"]) >= 15
    assert {"config_mode", "readme", "login_errors", "security_headers"} <= set(file["security"])
    assert file["core"].get("version", NEWER) == site.wp("core", "version") == ON[name]
    assert file["core"]["auto_updates"] == "off"
    assert file["auto_updates"] == {"plugins": "off"}
    assert file["cron"] == {"wp_cron": "off", "schedule": "host"}
    assert file["mail"] == "on"
    assert file["content"] == {"indexable": "true"}
    code = fleet.folder / file["mu_plugins"]["hardening.php"]
    assert code.read_text("utf-8") == HARDENING
    for dropin, kept in file.get("dropins", {}).items():
        assert (fleet.folder / kept).read_bytes() == (
            site.wp_path / "wp-content" / dropin
        ).read_bytes()
    assert ("object-cache.php" in file.get("dropins", {})) is (name == "redis")
    assert "nothing-yet" not in fleet.site_file(name).read_text("utf-8")
    remarks = [
        line for line in fleet.site_file(name).read_text("utf-8").splitlines() if line[0] == "#"
    ]
    assert [line for line in remarks if line.startswith("# plugins.stranger: 1.0")]
    assert [line for line in remarks if line.startswith("# security.xmlrpc: on, should be off")]

    points = {(point["sort"], point["about"]) for point in told[0]["points"]}
    assert {("unlisted", f"plugins.{slug}") for slug in UNLISTED} <= points
    assert {("weak", "security.file_editor"), ("weak", "security.xmlrpc")} <= points
    assert ("admin", "agency") in points
    assert ("identity", "plugins.akismet") in points
    assert {("vulnerable", "plugins.many-03"), ("vulnerable", "core.version")} <= points
    assert {("abandoned", "plugins.many-04"), ("closed", "plugins.stranger")} <= points
    assert any(sort == "family" and "page_cache" in about for sort, about in points)
    modified = {p["about"]: p["detail"] for p in told[0]["points"] if p["sort"] == "modified"}
    assert "wp-admin/about.php changed" in modified["core.version"]
    assert "wp-includes/dropped.php added" in modified["core.version"]
    assert "akismet.php changed" in modified["plugins.akismet"]
    # Nobody has the bytes of these: that is told, and none is called as it was shipped.
    assert not [each for each in told[0]["compared"] if "many-" in each]
    unknown = [each for each in told[0]["not_looked_at"] if "plugins.many-00 " in each]
    assert len(unknown) == 1
    page = (fleet.folder / "audits" / f"{name}.md").read_text("utf-8")
    assert "## Known to be vulnerable" in page
    assert "## No longer kept up" in page
    assert json.loads((fleet.folder / "audits" / f"{name}.json").read_text("utf-8")) == told

    assert noted(fleet, name) == {}
    # What was written down is asked for: the first thing that a client changes is drift.
    site.wp("option", "update", "posts_per_page", "3")
    site.wp("eval", "update_option( 'auto_update_plugins', array() );")
    site.write("wp-content/mu-plugins/hardening.php", "<?php // taken out\n")
    (site.wp_path / "wp-config.php").chmod(0o600)
    changed = noted(fleet, name)
    assert {"options.posts_per_page", "auto_updates.plugins.many-07"} <= set(changed)
    assert {"mu_plugins.hardening.php", "security.config_mode"} <= set(changed)


def test_every_version_of_the_lab_is_among_them() -> None:
    lab = yaml.safe_load((CHECKOUT / "inventories/lab/lab.yml").read_text("utf-8"))
    sites = lab["all"]["children"]["lab_sites"]
    cores = {name: site.get("core", sites["vars"]["core"]) for name, site in sites["hosts"].items()}
    assert set(cores.values()) == {cores[name] for name in ON}


def test_all_sites_of_a_wp_cli_file_are_imported_and_one_that_cannot_be_holds_up_none(
    take: Take, fleet: Fleet
) -> None:
    sites = take("blog", "shop")  # one account, one database, two versions of WordPress
    places = {f"@{site.name}": {"ssh": forget(fleet, site)} for site in sites}
    gone = places["@blog"]["ssh"].rpartition(":")[0] + ":/nowhere"
    aliases = fleet.folder / "wp-cli.yml"
    everything = {"@gone": {"ssh": gone}, **places, "@both": ["@blog", "@shop"]}
    aliases.write_text(json.dumps(everything), "utf-8")
    failed = fleet.wpstate("import", "--aliases", str(aliases), "--follow", code=3)
    assert failed.slugs() == {"observe.core_missing"}
    assert not fleet.site_file("gone").exists()
    assert "gone:" not in (fleet.folder / "hosts.yml").read_text("utf-8")
    for site in sites:
        # The newer version is the approved one, and the profile says so.
        is_newer = site.wp("core", "version") == NEWER
        profile = "maintenance" if is_newer else "none fits"
        assert f"{site.name}: imported, profile {profile}\n" in failed.out
        written = fleet.site_file(site.name).read_text("utf-8")
        assert ("profiles: [maintenance]\n" in written) is is_newer
        assert (f"  version: {OLDER}\n" in written) is not is_newer
        assert NEWER not in written
        assert "# Audit of" in (fleet.folder / f"audits/{site.name}.md").read_text("utf-8")
        audit = json.loads((fleet.folder / f"audits/{site.name}.json").read_text("utf-8"))
        assert [each["site"] for each in audit] == [site.name]
        assert noted(fleet, site.name) == {}
    fleet.wpstate("validate")
    again = fleet.wpstate("import", "--aliases", str(aliases), code=3)
    assert again.slugs() == {"import.exists", "observe.core_missing"}


def noted(fleet: Fleet, name: str) -> dict[str, str]:
    """All that is not as git asks, by address."""
    (planned,) = fleet.wpstate("plan", name, "--format", "json").json["sites"]
    off = {change["address"]: "change" for change in planned["changes"]}
    told = {n["address"]: n["sort"] for n in planned["noted"]}
    return off | {a: s for a, s in told.items() if s in ("drift", "conflict", "out_of_reach")}


def asked(site: Site, php: str) -> Any:
    return json.loads(site.wp("eval", php))


def _part(said: Any, key: str) -> str | None:
    """Of a short or a long form."""
    return said.get(key) if isinstance(said, dict) else said if key == "version" else None


def forget(fleet: Fleet, site: Site) -> str:
    """Take the site out of the fleet; where it lives."""
    fleet.site_file(site.name).unlink()
    hosts = fleet.folder / "hosts.yml"
    text, done = re.subn(rf"    {site.name}:\n(?:      .*\n)+", "", hosts.read_text("utf-8"))
    assert done == 1
    hosts.write_text(text, "utf-8")
    return f"{site.account}@127.0.0.1:22022:{site.wp_path}"
