"""One pass over two sites: nothing without a word, what is good ring by ring, and where the first
ring fails not a byte of the second is written."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until

pytestmark = pytest.mark.xdist_group("above")

_SITES = ("above", "shop")
_RINGS = "rings: {canary: at once, everyone: at once}\n"


def _ring(fleet: Fleet, site: str, ring: str) -> None:
    with fleet.site_file(site).open("a") as file:
        file.write(f"updates: {{ring: {ring}}}\n")


def _both_ask_for(fleet: Fleet, version: str, *, mode: str) -> None:
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write(f"{_RINGS}mode: {mode}\n")
    _ring(fleet, "above", "everyone")
    _ring(fleet, "shop", "canary")
    for name in _SITES:
        fleet.pin(name, "lab-guestbook", version)


def _standings(fleet: Fleet, *words: str, code: int = 0) -> list[tuple[str, str]]:
    done = fleet.wpstate("reconcile", "--once", *_SITES, *words, "--format", "json", code=code).json
    return [
        (each["site"], each["run"]["outcome"] if each["run"] else each["standing"])
        for each in done["sites"]
    ]


def test_what_is_good_goes_ring_by_ring_and_only_where_it_may(take: Take, fleet: Fleet) -> None:
    above, shop = take(*_SITES)
    _both_ask_for(fleet, "1.1", mode="observe")
    before = above.whole(), shop.whole()
    assert _standings(fleet) == [("shop", "reported"), ("above", "waits")]
    above.assert_as(before[0])
    shop.assert_as(before[1])

    text = (fleet.folder / "fleet.yml").read_text()
    (fleet.folder / "fleet.yml").write_text(text.replace("mode: observe", "mode: apply"))
    planned = fleet.wpstate("plan", *_SITES, "--rollout").out
    assert "shop (ring canary) has it not yet" in planned
    assert _standings(fleet, "--dry-run", "--detailed-exitcode", code=2) == [
        ("shop", "due"),
        ("above", "waits"),
    ]
    shop.assert_as(before[1])

    assert _standings(fleet) == [("shop", "applied"), ("above", "applied")]
    for site in (above, shop):
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    assert _standings(fleet, "--detailed-exitcode") == [("shop", "in_sync"), ("above", "in_sync")]

    # What is put back once is told the second time.
    fleet.replace("above", "updates:", "heal: [plugins.lab-guestbook]\nupdates:")
    above.wp("plugin", "deactivate", "lab-guestbook")
    assert _standings(fleet) == [("shop", "in_sync"), ("above", "applied")]
    assert above.wp("plugin", "get", "lab-guestbook", "--field=status") == "active"
    above.wp("plugin", "deactivate", "lab-guestbook")
    assert _standings(fleet) == [("shop", "in_sync"), ("above", "reported")]
    assert above.wp("plugin", "get", "lab-guestbook", "--field=status") == "inactive"


def test_where_the_first_ring_fails_the_second_is_not_touched(take: Take, fleet: Fleet) -> None:
    above, shop = take(*_SITES)
    _both_ask_for(fleet, "2.8", mode="apply")
    before = above.whole(), shop.whole()
    assert _standings(fleet, code=4) == [("shop", "rolled_back"), ("above", "waits")]
    above.assert_as(before[0])
    shop.assert_as(before[1])

    # The next pass knows it from the site itself, whoever makes it.
    fleet.forget()
    assert _standings(fleet) == [("shop", "reported"), ("above", "waits")]
    told = fleet.wpstate("plan", "above").out
    assert "2.8 was rolled back on shop: wpstate release shop plugins.lab-guestbook" in told
    above.assert_as(before[0])


def test_a_pass_first_ends_what_a_lost_controller_left(take: Take, fleet: Fleet) -> None:
    (shop,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = shop.whole()
    running = fleet.start("apply", "shop", "--yes")
    until(running, "snapshot")
    running.kill()
    running.wait()
    assert (shop.state / "lock").exists()
    done = fleet.wpstate("reconcile", "--once", "shop", "--format", "json").json
    assert [each["standing"] for each in done["sites"]] == ["reported"]
    assert not (shop.state / "lock").exists()
    shop.assert_as(before)
