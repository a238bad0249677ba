"""A paid plugin is filed from a site that has it, locked, and installed where git asks for it."""

import re

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet


@pytest.mark.xdist_group("getenv")
def test_filed_from_a_site_and_installed_again(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    paid = site.plugins / "paid-blocks"
    main = "<?php\n/* Plugin Name: Paid\n * Version: 3.0\n * Author: Ana\n */\n"
    site.write("wp-content/plugins/paid-blocks/paid-blocks.php", main)
    site.write("wp-content/plugins/paid-blocks/style.css", "/* " + "x" * 5000 + " */\n")
    site.wp("plugin", "activate", "paid-blocks")

    filed = fleet.wpstate("vault", "add", "getenv:paid-blocks").out
    again = fleet.wpstate("vault", "add", "getenv:paid-blocks").out
    assert re.findall("sha256 ([0-9a-f]{64})", filed) == re.findall("sha256 ([0-9a-f]{64})", again)
    lines = re.search(r"^  paid-blocks:\n(?:    .*\n)+", filed, re.MULTILINE)
    assert lines
    assert 'identity: {"author": "Ana", "text_domain": "paid-blocks"}' in lines[0]

    with (fleet.folder / "catalog.yml").open("a") as catalog:
        catalog.write(lines[0])
    assert fleet.wpstate("lock", "--check", code=3).slugs() == {"lock.lacks"}
    fleet.wpstate("lock")
    fleet.wpstate("lock", "--check")
    shipped = (paid / "paid-blocks.php").read_bytes()
    fleet.pin("getenv", "paid-blocks", "absent")
    fleet.wpstate("apply", "getenv", "--yes")
    assert not paid.exists()

    fleet.pin("getenv", "paid-blocks", "approved")
    fleet.wpstate("apply", "getenv", "--yes")
    assert (paid / "paid-blocks.php").read_bytes() == shipped
    assert site.wp("plugin", "get", "paid-blocks", "--field=status") == "active"
    site.assert_open()

    theme = site.wp("theme", "list", "--status=active", "--field=name")
    assert f"Filed {theme} " in fleet.wpstate("vault", "add", f"getenv:{theme}").out
    assert list((fleet.home / "vault" / "themes" / theme).glob("*.zip"))
    refused = fleet.wpstate("vault", "add", "getenv:nobody-has-it", code=3)
    assert refused.slugs() == {"vault.not_there"}
    alone = fleet.wpstate("vault", "add", "getenv:hello", code=3)
    assert (alone.slugs(), "file its author's zip" in alone.err) == ({"vault.single_file"}, True)
