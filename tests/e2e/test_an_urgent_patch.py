"""A fix goes to every site that has the plugin, whoever's it is there, in minutes, and to nothing
else; passes leave it until git asks for it; what does not bear it goes nowhere."""

import pytest
import yaml

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("above")

_SITES = ("above", "shop")
_PATCH = ("patch", "lab-guestbook")


def _two_sites(fleet: Fleet) -> None:
    """Above is managed and first, on shop the plugin is the client's; no window is open."""
    fleet.keep(*_SITES)
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("rings: {canary: at once, everyone: {after: 7d}}\nmode: apply\n")
    closed = "{from: 2026-01-01, until: 2999-12-31, why: nobody is to be disturbed}"
    for name, ring in zip(_SITES, ("canary", "everyone"), strict=True):
        with fleet.site_file(name).open("a") as file:
            file.write(f"updates: {{ring: {ring}, closed: [{closed}]}}\n")
    fleet.pin("shop", "lab-guestbook", "client")


def _standings(fleet: Fleet, *words: str, code: int = 0) -> list[tuple[str, str]]:
    done = fleet.wpstate(*_PATCH, *words, "--format", "json", code=code).json
    return [
        (each["site"], each["run"]["outcome"] if each["run"] else each["standing"])
        for each in done["sites"]
    ]


def _in_git_without_the_fix(fleet: Fleet) -> None:
    """The catalog approves the older version, the lock knows no other."""
    catalog, lock = fleet.folder / "catalog.yml", fleet.folder / "catalog.lock.yml"
    catalog.write_text(catalog.read_text().replace("lab-guestbook: 1.1", "lab-guestbook: 1.0"))
    said = yaml.load(lock.read_text(), yaml.BaseLoader)
    said["plugins"]["lab-guestbook"] = {"1.0": said["plugins"]["lab-guestbook"]["1.0"]}
    lock.write_text(yaml.safe_dump(said))
    fleet.git("init", "-q", "-b", "main")
    fleet.commit("The fleet")


def test_a_fix_reaches_every_site_and_stays(take: Take, fleet: Fleet) -> None:
    above, shop = take(*_SITES)
    _two_sites(fleet)
    _in_git_without_the_fix(fleet)
    before = above.whole(), shop.whole()
    assert _standings(fleet, "1.1") == [("above", "waits"), ("shop", "waits")]
    told = fleet.wpstate(*_PATCH, "1.1", "--now", "--detailed-exitcode", code=2).out
    assert "sites/above.yml:9  plugins.lab-guestbook: 1.0 → 1.1" in told
    above.assert_as(before[0])
    shop.assert_as(before[1])

    yes = ("--now", "--yes", "--reason", "CVE-2026-21001", "--approved-by", "ana", "--soak", "1s")
    assert _standings(fleet, "1.1", *yes) == [("above", "applied"), ("shop", "applied")]
    for site in (above, shop):
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
        assert site.wp("plugin", "get", "lab-guestbook", "--field=status") == "active"
        assert site.wp("plugin", "get", "akismet", "--field=version") == "5.5"
        run = fleet.last_run(site.name)
        assert [change["address"] for change in run["changes"]] == ["plugins.lab-guestbook"]
        assert run["authority"]["approvers"] == ["ana"]
        assert run["authority"]["why"] == "CVE-2026-21001"
    assert _standings(fleet, "1.0", *yes) == [("above", "in_sync"), ("shop", "in_sync")]

    # Git asks for less on one of them: no pass undoes it, whatever this controller remembers.
    fleet.forget()
    above_open = fleet.site_file("above").read_text().rpartition("updates:")[0]
    fleet.site_file("above").write_text(f"{above_open}updates: {{ring: canary}}\n")
    fleet.commit("The site may be changed")
    reconcile = ("reconcile", "--once", "above", "--format", "json")
    assert [s["standing"] for s in fleet.wpstate(*reconcile).json["sites"]] == ["reported"]
    assert "an urgent patch went past git" in fleet.wpstate("plan", "above").out
    fleet.git("merge", "-q", "--no-edit", "wpstate/patch/lab-guestbook")
    fleet.wpstate("lock", "--check")
    text = (fleet.folder / "catalog.yml").read_text() + fleet.site_file("above").read_text()
    assert text.count("lab-guestbook: 1.1\n") == 2
    assert [s["standing"] for s in fleet.wpstate(*reconcile).json["sites"]] == ["in_sync"]
    assert above.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"


def test_what_the_first_ring_does_not_bear_goes_no_further(take: Take, fleet: Fleet) -> None:
    above, shop = take(*_SITES)
    _two_sites(fleet)
    before = above.whole(), shop.whole()
    had = {
        site.name: site.wp("plugin", "get", "lab-guestbook", "--field=version")
        for site in (above, shop)
    }
    yes = ("--now", "--yes", "--reason", "a fix", "--quiet")
    assert _standings(fleet, "2.8", *yes, code=4) == [("above", "rolled_back"), ("shop", "halted")]
    above.assert_as(before[0])
    shop.assert_as(before[1])
    # Nor is it tried again, until somebody releases it.
    assert _standings(fleet, "2.8", *yes) == [("above", "reported"), ("shop", "waits")]
    shop.assert_as(before[1])

    off = ("--deactivate", *yes, "--soak", "1s")
    assert _standings(fleet, *off) == [("above", "applied"), ("shop", "applied")]
    for site in (above, shop):
        assert site.wp("plugin", "get", "lab-guestbook", "--field=status") == "inactive"
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == had[site.name]
