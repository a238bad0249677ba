"""Must-use plugins and drop-ins: declared, found changed, put back; a bad one leaves no trace."""

import hashlib

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

_GOOD = "<?php\nadd_action( 'wp_footer', static function () { echo '<p>From the agency</p>'; } );\n"
_BAD = "<?php\nadd_action( 'wp', 'agency_has_no_such_function' );\n"


@pytest.mark.xdist_group("getenv")
def test_a_must_use_plugin_is_kept_as_the_fleet_has_it(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    folder = site.wp_path / "wp-content" / "mu-plugins"
    code = fleet.folder / "files" / "agency.php"
    code.parent.mkdir()
    code.write_text(_GOOD, "utf-8")
    site.write("wp-content/mu-plugins/host.php", "<?php // the host's\n")
    site.write("wp-content/db-error.php", "<?php // old\n")
    text = fleet.site_file("getenv").read_text("utf-8")
    more = "mu_plugins: {agency.php: files/agency.php}\ndropins: {db-error.php: absent}\n"
    fleet.site_file("getenv").write_text(text + more, "utf-8")

    told = fleet.wpstate("plan", "getenv").out
    assert hashlib.sha256(_GOOD.encode()).hexdigest() in told
    assert "mu_plugins.host.php" in told
    fleet.wpstate("apply", "getenv", "--yes")

    assert (folder / "agency.php").read_text("utf-8") == _GOOD
    assert (folder / "host.php").is_file()
    assert not (site.wp_path / "wp-content" / "db-error.php").exists()
    assert list(site.state.glob("runs/*/old/dropins/db-error.php"))
    assert "From the agency" in site.curl("/?anew")[1]
    site.assert_open()
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)

    site.write("wp-content/mu-plugins/agency.php", _GOOD + "// and a back door\n")
    assert "Changed on the site (drift)" in fleet.wpstate("plan", "getenv").out
    fleet.wpstate("apply", "getenv", "--yes", "--heal")
    assert (folder / "agency.php").read_text("utf-8") == _GOOD

    site.warm()
    before = site.whole()
    code.write_text(_BAD, "utf-8")
    fleet.wpstate("apply", "getenv", "--yes", code=4)
    site.assert_as(before)
