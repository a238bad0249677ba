"""Each difference of each kind's case, were it drift: written into the site's file so that nothing
is left to do there, or told why not and what to do instead."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.builders import NOW
from tests.unit.kinds.agency import CASES, FLEET, SHOP, URL, asked, seen, visited
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Refused
from wpstate.model.site import SiteId
from wpstate.planning.by_rule import with_rules
from wpstate.resources.registry import KIND
from wpstate.workflows.adopt import Drifted

_LEFT = {
    "content": {"content.forms.contact"},
    "core": {"core.database"},
    "cron": {"cron.overdue"},
    "dropins": {"dropins.maintenance.php", "dropins.object-cache.php"},
    "languages": {"languages.de_DE.plugins.akismet"},
    "migrations": {"migrations.akismet"},
    "mu_plugins": {"mu_plugins.banner.php", "mu_plugins.old-notice.php"},
    "plugins": {"plugins.hello"},
    # The second one: a case's probe has one answer, whatever it is asked.
    "users": {"users.agency/application_passwords", "users.support2"},
}
"""What cannot be adopted of each kind's case."""


class _Applied:
    """The site of a case, all that git asks of it having been applied once."""

    def __init__(self, name: str) -> None:
        self._folder = CASES / name

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        (desired,) = several
        said = json.loads((self._folder / "observed.json").read_text("utf-8"))
        pages = self._folder / "pages.json"
        told = json.loads(pages.read_text("utf-8")) if pages.exists() else {}
        observed = visited(desired, seen(desired, said), told)
        once = with_rules(asked(_lines(self._folder.name)), observed)
        values = tuple(sorted((m.address, m.want) for m in once.managed))
        return {SHOP: replace(observed, applied=replace(observed.applied, run="r", values=values))}


def _lines(name: str) -> str:
    return (CASES / name / "desired.yml").read_text("utf-8")


def _drifted(name: str, text: str) -> Drifted:
    return Drifted(FLEET | {"sites/shop.yml": text}, "shop", _Applied(name), NOW)


@pytest.mark.parametrize("name", KIND)
def test_it_is_asked_for_as_it_is_or_told_what_to_do_instead(name: str) -> None:
    drifted = _drifted(name, f"url: {URL}\n{_lines(name)}")
    there = {str(one.address) for one in drifted.moved}
    left = _LEFT.get(name, set())
    assert left <= there
    for key in sorted(left):
        with pytest.raises(Refused) as raised:
            drifted.adopted((key,), None)
        assert all(p.slug.startswith("drift.") and p.mend for p in raised.value.problems)
    taken = there - left
    if not taken:
        return
    done = drifted.adopted((), "as agreed")
    assert {str(one.address) for one in done.told} == taken
    still = {str(one.address) for one in _drifted(name, done.text).moved}
    # The database's version follows that of the code.
    assert still == left - {"core.database"}
