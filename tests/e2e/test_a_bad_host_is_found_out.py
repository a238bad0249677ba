"""What a host lacks is told by `wpstate doctor`, and a change there is refused before it begins."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.fleet import Fleet
from tests.e2e.site import CHECKOUT, Site, lab_site
from tests.lab_lease import lease

pytestmark = pytest.mark.xdist_group("badhost")

ALONE = [
    ("quota", "observe only", "host.room"),
    ("killer", "attended only", "host.no_watchdog"),
]
if os.environ.get("WPSTATE_FAULTS") == "full":
    ALONE += [
        ("dump", "observe only", "host.database"),
        ("web_user", "attended only", "host.web_user"),
    ]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The lab's bad host, its site as built; with all its faults again at the end."""
    with lease("badhost"):
        found = lab_site("badhost")
        _set_faults("none")
        found.reset()
        found.warm()
        try:
            yield found
        finally:
            found.reset()
            _set_faults("all")


def _set_faults(*faults: str) -> None:
    lab = CHECKOUT / "script" / "lab"
    subprocess.run((lab, "faults", *faults), check=True, capture_output=True, timeout=60)


@pytest.fixture
def asked(fleet: Fleet) -> Fleet:
    """A fleet in which git asks one plugin's update of the site."""
    fleet.pin("badhost", "lab-guestbook", "1.1")
    return fleet


def test_a_good_host_is_fit_for_all_and_nothing_stays_there(site: Site, fleet: Fleet) -> None:
    _set_faults("none")
    before, tables = site.whole(), site.sql("SHOW TABLES")
    told = fleet.wpstate("doctor", "badhost", "--format", "json").json[0]
    assert told["fit"] == "full"
    assert {
        "tools",
        "dump",
        "privileges",
        "room",
        "rename",
        "sftp",
        "lives",
        "web_user",
        "private",
    } <= {one["need"] for one in told["tried"] if one["ok"]}
    site.assert_as(before)
    assert site.sql("SHOW TABLES") == tables
    assert not site.state.exists()


@pytest.mark.parametrize(("fault", "fit", "slug"), ALONE)
def test_a_fault_is_told_with_its_mend_and_refuses_a_change(
    site: Site, asked: Fleet, fault: str, fit: str, slug: str
) -> None:
    _set_faults(fault)
    (told,) = asked.wpstate("doctor", "badhost", "--format", "json", code=3).json
    grave = [gap for gap in told["gaps"] if gap["fit"] != "full"]
    assert (told["fit"], [gap["problem"]["slug"] for gap in grave]) == (fit, [slug])
    assert grave[0]["problem"]["mend"]
    refused = asked.wpstate("apply", "badhost", "--yes", code=3)
    assert refused.slugs() == {slug}
    assert asked.last_run("badhost")["frozen_s"] is None
    assert "Guestbook 1.0" in site.curl("/")[1]
    site.assert_open()


def test_all_faults_are_told_at_once(site: Site, asked: Fleet) -> None:
    _set_faults("all")
    told = asked.wpstate("doctor", "badhost", code=3)
    assert {"host.database", "host.room", "host.web_user", "host.no_watchdog"} <= told.slugs()
    refused = asked.wpstate("apply", "badhost", "--yes", code=3).slugs()
    assert refused == {"host.database", "host.room", "host.web_user", "host.no_watchdog"}
    site.assert_open()


def test_a_php_without_its_extensions_is_refused_when_planned(site: Site, asked: Fleet) -> None:
    _set_faults("php")
    hosts = asked.folder / "hosts.yml"
    hosts.write_text(hosts.read_text("utf-8").replace("      php: /usr/bin/php8.2\n", ""), "utf-8")
    assert asked.wpstate("plan", "badhost", code=3).slugs() == {"observe.php_wrong_binary"}
    (told,) = asked.wpstate("doctor", "badhost", "--format", "json", code=3).json
    assert told["fit"] == "none"
    assert "hosts.yml" in told["gaps"][0]["problem"]["mend"]


def test_a_web_root_above_the_state_folder_is_told(site: Site, fleet: Fleet) -> None:
    """The account's home itself is served, as where a hoster gives nothing outside the web root."""
    _set_faults("none")
    home = site.state.parents[1]
    serve = (sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "-d", home)
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        (port,) = re.findall(rb" port (\d+) ", server.stdout.readline())
        fleet.replace("badhost", site.url, f"http://127.0.0.1:{port.decode()}")
        told = fleet.wpstate("doctor", "badhost", code=3)
        server.terminate()
    assert {"host.state_public", "origin.not_proven"} <= told.slugs()


@pytest.mark.parametrize("faults", [("zstd",), ("web_user", "killer")])
def test_a_host_that_only_lacks_comfort_is_changed(
    site: Site, asked: Fleet, faults: tuple[str, ...]
) -> None:
    """Without zstd by gzip; where the watchdog is ended and the pool is another user's, with a
    person at the terminal."""
    _set_faults(*faults)
    if "killer" in faults:
        asked.answer("y\n", "apply", "badhost", code=0)
    else:
        asked.wpstate("apply", "badhost", "--yes")
    assert "Guestbook 1.1" in site.curl("/")[1]
    site.assert_open()
    site.reset()
    site.warm()
