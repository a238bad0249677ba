"""Passes over real sites in random rings, one of the first ring ill: not a byte of a later ring is
written. Costs minutes, so `script/faults` runs it: `WPSTATE_FAULTS=full pytest` on this file."""

import os
from random import Random

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

ORDERS = 10
SITES = ("above", "atelier", "redis", "shop")
_DOES_NOT_BEAR = """<?php
add_action( 'init', function () {
    $file = WP_PLUGIN_DIR . '/lab-guestbook/lab-guestbook.php';
    if ( strpos( (string) file_get_contents( $file ), 'Version: 1.1' ) ) {
        status_header( 500 );
        exit( 'no' );
    }
} );
"""
pytestmark = [
    pytest.mark.xdist_group("above"),
    pytest.mark.skipif(os.environ.get("WPSTATE_FAULTS") != "full", reason="script/faults"),
]


@pytest.mark.parametrize("seed", range(ORDERS))
def test_where_the_first_ring_fails_no_later_one_is_touched(
    take: Take, fleet: Fleet, seed: int
) -> None:
    dice = Random(seed)
    sites = dict(zip(SITES, take(*SITES), strict=True))
    order = dice.sample(SITES, len(SITES))
    first, later = order[: (split := dice.randint(1, 3))], order[split:]
    with (fleet.folder / "fleet.yml").open("a") as file:
        halts = dice.choice(("1", "3", "50%"))
        file.write(f"rings: {{first: at once, later: at once}}\nmode: apply\nhalt_after: {halts}\n")
    for name in SITES:
        with fleet.site_file(name).open("a") as file:
            file.write(f"updates: {{ring: {'first' if name in first else 'later'}}}\n")
        fleet.pin(name, "lab-guestbook", "1.1")
    sites[dice.choice(first)].write("wp-content/mu-plugins/does-not-bear.php", _DOES_NOT_BEAR)
    before = {name: sites[name].whole() for name in later}
    for _ in range(2):
        fleet.wpstate("reconcile", "--once", *order, "--quiet", code=4 if _ == 0 else 0)
        for name in later:
            sites[name].assert_as(before[name])
