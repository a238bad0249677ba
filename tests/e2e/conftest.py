"""Sites under a lease, put back to how the lab built them; a fleet folder for each test."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.fleet import Fleet, new_fleet
from tests.e2e.site import Site, lab_site
from tests.lab_lease import lease, used
from tests.oracle.whole import Whole, unlike

Take = Callable[..., list[Site]]

BAD = tuple(f"2.{n}" for n in range(13))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take turns between sites, so that workers of pytest-xdist seldom wait for one site."""
    here = [at for at, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    turns: Counter[str] = Counter()

    def turn(item: pytest.Item) -> int:
        mark = item.get_closest_marker("xdist_group")
        site = mark.args[0] if mark else ""
        turns[site] += 1
        return turns[site]

    for at, item in zip(here, sorted((items[at] for at in here), key=turn), strict=True):
        items[at] = item


@pytest.fixture(scope="session")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lock file that knows every version of the lab's guestbook, written by `wpstate lock`."""
    fleet = new_fleet(tmp_path_factory.mktemp("locked"))
    hosts = fleet.folder / "hosts.yml"
    said = hosts.read_text("utf-8").rstrip("\n")
    text = fleet.site_file("getenv").read_text("utf-8")
    for version in BAD:
        name = f"pin-{version.replace('.', '-')}"
        said += f"\n    {name}: {{ansible_user: wpl-layout, wp_path: /nowhere/{name}}}"
        port = 20000 + int(version[2:])
        fleet.site_file(name).write_text(text.replace("18109", str(port)), "utf-8")
        fleet.pin(name, "lab-guestbook", version)
    hosts.write_text(f"{said}\n", "utf-8")
    fleet.wpstate("lock")
    return fleet.folder / "catalog.lock.yml"


@pytest.fixture
def fleet(tmp_path: Path, lock: Path) -> Fleet:
    return new_fleet(tmp_path, lock)


@pytest.fixture(scope="session")
def _used() -> Iterator[set[str]]:
    """Sites that this process changed, put back at its end."""
    names: set[str] = set()
    yield names
    for name in sorted(names):
        with lease(name):
            used(name).unlink()


_left_warm: dict[str, Whole] = {}
"""Sites that this process proved to leave as it had got them."""


def give_back(site: Site, before: Whole) -> None:
    """The last act of a test: prove that the site is as `before`, which is how the test got it.
    Whoever has it next need not build and warm it again; what wpstate keeps of it is gone."""
    site.assert_as(before)
    shutil.rmtree(site.state, ignore_errors=True)
    used(site.name).unlink(missing_ok=True)
    _left_warm[site.name] = before


def make_warm(site: Site) -> None:
    """Others may have had the site since this process gave it back."""
    before = _left_warm.pop(site.name, None)
    if before is None or unlike(before, site.whole()):
        site.warm(times=1)


@pytest.fixture
def take(_used: set[str]) -> Iterator[Take]:
    """`take("blog", "shop")`: these sites as the lab built them, warm, and nobody else on them."""
    with ExitStack() as held:

        def taken(*names: str) -> list[Site]:
            held.enter_context(lease(*names))
            _used.update(names)
            sites = [lab_site(name) for name in names]
            for site in sites:
                make_warm(site)
            return sites

        yield taken
