"""A deep look finds what a version does not tell: a file that somebody edited and dated back, and
PHP among uploads. The next one reads only what moved; forging what it keeps gains nothing."""

import os
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("shop")

GUESTBOOK = "plugins.lab-guestbook"


def _deep(fleet: Fleet, *words: str) -> Any:
    return fleet.wpstate("observe", "shop", *words, "--format", "json").json[0]["deep"]


def _differing(deep: Any) -> dict[str, list[str]]:
    return {
        one["address"]: one["named"]
        for one in deep["files"]
        if one["changed"] + one["added"] + one["missing"]
    }


def test_an_edited_file_is_found_whatever_its_date_says(take: Take, fleet: Fleet) -> None:
    (shop,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "shop", "--yes", "--quiet")
    assert _deep(fleet) is None
    first = _deep(fleet, "--deep")
    assert _differing(first) == {}
    assert (first["read"] > 1000, first["known"]) == (True, 0)
    second = _deep(fleet, "--deep")
    assert second["known"] > 0.99 * first["read"]
    assert second["read"] + second["known"] == first["read"]

    edited = shop.plugins / "lab-guestbook" / "uninstall.php"
    before, text = edited.stat(), edited.read_bytes()
    edited.write_bytes(text[:-2] + b"!\n" if text.endswith(b"\n") else text[:-1] + b"!")
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert edited.stat().st_size == before.st_size
    shop.write("wp-content/uploads/photo.php", "<?php system( 'id' );\n" * 20)
    # Whoever was there tells the next look that all is well.
    kept = shop.state / "deep-look"
    lines = [line for line in kept.read_text().splitlines() if str(edited) not in line]
    kept.write_text("".join(f"{line}\n" for line in lines))

    # Not asked for, nothing is read, kept or told.
    was = kept.stat()
    assert GUESTBOOK not in _noted(fleet)
    assert kept.stat().st_mtime_ns == was.st_mtime_ns

    third = fleet.wpstate("plan", "shop", "--deep")
    assert "Files that somebody changed (drift)" in third.out
    assert "files are not as they were shipped: 1 changed" in third.out
    found = _deep(fleet, "--deep")
    assert _differing(found) == {
        GUESTBOOK: ["uninstall.php changed"],
        "core.uploads": ["photo.php added"],
    }
    assert found["known"] > 0.99 * first["read"]  # what the look of the plan has left

    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("deep_look: {every: 7d}\nmode: apply\n")
    assert _noted(fleet)[GUESTBOOK] == "modified"
    (told,) = fleet.wpstate("reconcile", "--once", "shop", "--format", "json").json["sites"]
    assert told["standing"] == "reported"
    assert GUESTBOOK in told["told"]
    # A week is not over: the pass told what was found before.
    assert _deep(fleet)["at"] == found["at"]

    edited.write_bytes(text)
    (shop.wp_path / "wp-content/uploads/photo.php").unlink()
    fleet.forget()  # now one is due
    (told,) = fleet.wpstate("reconcile", "--once", "shop", "--format", "json").json["sites"]
    assert told["standing"] == "in_sync"
    assert _deep(fleet)["at"] > found["at"]


def _noted(fleet: Fleet) -> dict[str, str]:
    plan = fleet.wpstate("plan", "shop", "--format", "json").json
    return {each["address"]: each["sort"] for each in plan["sites"][0]["noted"]}
