"""A site that was ill before is not changed, and no change is held against anybody."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.oracle.whole import unlike

FATAL = "<?php add_action( 'template_redirect', function () { nobody_wrote_this(); } );\n"


@pytest.mark.xdist_group("pagecache")
def test_nothing_is_changed_and_nothing_quarantined(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    fleet.pin("pagecache", "lab-guestbook", "1.1")
    illness = site.write("wp-content/mu-plugins/ill.php", FATAL)
    assert site.curl("/?anew")[0] == 500
    site.forget_pages()
    before = site.whole()

    refused = fleet.wpstate("apply", "pagecache", "--yes", code=3)

    assert refused.slugs() == {"site.sick"}
    assert unlike(before, site.whole()) == []
    assert fleet.last_run("pagecache")["frozen_s"] is None
    illness.unlink()
    fleet.wpstate("plan", "pagecache", "--detailed-exitcode", code=2)
    site.assert_open()
