"""A real WordPress with hostile content: names, headers, tables, what PHP says when it dies."""

import base64

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site, lab_site
from tests.faults.conftest import FULL
from tests.faults.test_a_hostile_site import CANARY, PAYLOADS, assert_harmless
from tests.lab_lease import lease
from tests.oracle.whole import Whole

pytestmark = pytest.mark.xdist_group("shop")

WORST = "".join(PAYLOADS[name] for name in ("escape", "c1", "bidi", "github", "azure", "html"))
DIES = """<?php
if ( PHP_SAPI === 'cli' && false === strpos( implode( ' ', $argv ?? array() ), 'wp-cli' ) ) {
    %s
}
"""
DEATHS = {
    "throws": "throw new Exception( base64_decode( '{0}' ) );",
    "says": "fwrite( STDERR, base64_decode( '{0}' ) ); echo base64_decode( '{0}' ); exit( 1 );",
    "writes": "touch( ABSPATH . str_replace( '/', '', base64_decode( '{0}' ) ) . '.php' );",
}


def as_base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "ignore")).decode()


def plant(site: Site) -> None:
    """Every payload as a folder, in headers, as a table of somebody else's, as the site's name."""
    folder = site.plugins / f"x{PAYLOADS['escape']}{PAYLOADS['bidi']}".replace("/", "")
    folder.mkdir()
    for number, payload in enumerate(PAYLOADS.values()):
        text = payload.encode("utf-8", "ignore").decode().replace("\0", "")
        head = f"<?php\n/*\nPlugin Name: {text}\nVersion: {text}\nRequires PHP: {text}\n*/\n"
        (folder / f"p{number}.php").write_text(head)
        (site.plugins / f"p{number}.php").write_text(head)
    for name in ("jinja", "shell", "escape", "azure", "html"):
        site.sql(f"CREATE TABLE `{table(name)}` (a INT)")
    told = WORST.replace("\\", "").replace("'", "\\'")
    site.sql(f"UPDATE {{p}}options SET option_value = '{told}' WHERE option_name = 'blogname'")


def table(name: str) -> str:
    # MariaDB's client takes no name that ends with a backslash.
    return f"zz_{PAYLOADS[name][:50]}".rstrip(" \\").replace("`", "``")


def test_hostile_content_of_a_site_is_only_shown(fleet: Fleet) -> None:
    site = lab_site("moved")
    with lease("moved"):
        try:
            plant(site)
            for words in (
                ("observe", "moved"),
                ("observe", "moved", "--format", "json"),
                ("plan", "moved"),
                ("plan", "moved", "--format", "json"),
                ("plan", "moved", "--format", "markdown"),
            ):
                running = fleet.start(*words, GITHUB_ACTIONS="true", FORCE_COLOR="1")
                out, err = running.communicate(timeout=60)
                assert_harmless(out)
                assert_harmless(err)
                assert running.returncode in (0, 3), out + err
                assert "\\x1b" in out
        finally:
            for name in ("jinja", "shell", "escape", "azure", "html"):
                site.sql(f"DROP TABLE IF EXISTS `{table(name)}`")
            site.reset()
    assert not list(fleet.folder.rglob(CANARY))


@pytest.mark.parametrize("death", DEATHS if FULL else ("says",))
def test_what_php_says_when_it_dies_is_only_shown(death: str, take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = planted(site, DIES % DEATHS[death].format(as_base64(WORST)))
    ran = fleet.wpstate("apply", "shop", "--yes", code=4, GITHUB_ACTIONS="true")
    assert ran.slugs() == {"tree.unplanned" if death == "writes" else "apply.failed"}
    assert_harmless(ran.out)
    assert_harmless(ran.err)
    for words in (("runs",), ("show", fleet.last_run("shop")["id"])):
        for form in ((), ("--format", "json")):
            shown = fleet.wpstate(*words, *form)
            assert_harmless(shown.out + shown.err)
    site.assert_as(before)


def planted(site: Site, text: str) -> Whole:
    site.write("wp-content/mu-plugins/hostile.php", text)
    return site.whole()
