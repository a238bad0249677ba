"""Where a version was rolled back, git is proposed to ask for what is there: on every site that is
asked for it and has it not."""

from collections.abc import Mapping, Sequence

import pytest

from tests.builders import NOW, observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.problem import UsageError
from wpstate.model.site import SiteId
from wpstate.model.state import State
from wpstate.ports.branches import WPSTATE
from wpstate.workflows.pin import Pinning, pinning

OLD, NEW = State(version="5.6", active=True), State(version="5.7.1", active=True)
CARE = "plugins:\n  akismet: 5.7.1   # as approved\n"
SITE = "# {0}\nurl: https://{0}.example\nprofiles: [care]   # Forfait\n"
HOSTS = "all:\n  hosts:\n" + "".join(
    f"    {name}: {{ansible_host: h.example, ansible_user: {name}, wp_path: /home/{name}/www}}\n"
    for name in ("boutique", "bistro", "mairie")
)


class _Sites:
    """Where akismet is what, and where its update was rolled back."""

    def __init__(self, has: Mapping[str, State], away: Mapping[str, State], blind: str) -> None:
        self._has, self._away, self._blind = has, away, blind

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        return {d.site.id: self._one(d) for d in several}

    def _one(self, desired: DesiredState) -> ObservedState:
        name = desired.site.id
        there = {str(m.address): m.want for m in desired.managed if m.want.present}
        away = {"plugins.akismet": self._away[name]} if name in self._away else {}
        seen = observed(there | {"plugins.akismet": self._has[name]}, quarantined=away)
        faults = (Fault("observe.unreachable", "no answer"),) if name == self._blind else ()
        url = f"https://{name}.example"
        return replace(seen, site=name, home_url=url, faults=faults)


def texts(care: str = CARE) -> dict[str, str]:
    sites = {f"sites__{name}": SITE.format(name) for name in ("boutique", "bistro", "mairie")}
    return sound_fleet(hosts=HOSTS, profiles__care=care, **sites)


def proposed(
    has: Mapping[str, State], away: Mapping[str, State], *names: str, blind: str = ""
) -> Pinning:
    return pinning(texts(), names, _Sites(has, away, blind), WPSTATE, NOW.date())


def test_each_site_that_has_it_not_keeps_what_it_has() -> None:
    has = {"boutique": OLD, "bistro": replace(OLD, version="5.5"), "mairie": NEW}
    done = proposed(has, {"boutique": NEW})
    assert done.left == ()
    (pinned,) = done.done
    change = pinned.change
    assert change.branch == "wpstate/pin/plugins.akismet"
    assert change.title == "Pin plugins.akismet: 5.7.1 was rolled back"
    assert set(change.files) == {"sites/boutique.yml", "sites/bistro.yml"}
    boutique = (change.files["sites/boutique.yml"] or b"").decode()
    added = "plugins:\n  akismet: {version: 5.6, why: 5.7.1 was rolled back here}\n"
    assert boutique == SITE.format("boutique") + added
    bistro = (change.files["sites/bistro.yml"] or b"").decode()
    assert "{version: 5.5, why: 5.7.1 was rolled back on another site}" in bistro
    assert "boutique" not in bistro

    merged = texts() | {file: (text or b"").decode() for file, text in change.files.items()}
    wants = {
        d.site.id: m.want.version
        for d in compose(merged, today=NOW.date()).sites
        for m in d.managed
        if m.address == "plugins.akismet"
    }
    assert wants == {"boutique": "5.6", "bistro": "5.5", "mairie": "5.7.1"}


def test_nothing_is_pinned_where_git_asks_for_something_else_by_now() -> None:
    has = {"boutique": OLD, "bistro": OLD, "mairie": OLD}
    assert proposed(has, {}).done == ()
    assert proposed(has, {"boutique": replace(NEW, version="5.7")}).done == ()


def test_who_cannot_be_seen_is_told_and_only_named_sites_are_asked() -> None:
    has = {"boutique": OLD, "bistro": OLD, "mairie": OLD}
    done = proposed(has, {"boutique": NEW}, blind="bistro")
    assert [(p.slug, p.key) for p in done.left] == [("pin.unseen", "bistro")]
    assert [pin.site for pin in done.done[0].pins] == ["boutique", "mairie"]
    named = proposed(has, {"boutique": NEW}, "boutique")
    assert [pin.site for pin in named.done[0].pins] == ["boutique"]
    with pytest.raises(UsageError):
        proposed(has, {}, "nowhere")


def test_a_pin_names_the_version_that_the_catalog_approves_too() -> None:
    """Else the next approved version would take its place without a word about the pin."""
    care = CARE.replace("5.7.1", "5.7.3")
    has = dict.fromkeys(("boutique", "bistro", "mairie"), State(version="5.7.2", active=False))
    refused = State(version="5.7.3", active=True)
    sites = _Sites(has, {"boutique": refused}, "")
    done = pinning(texts(care), ("boutique",), sites, WPSTATE, NOW.date())
    assert done.left == ()
    (text,) = done.done[0].change.files.values()
    assert b"{version: 5.7.2, state: inactive, why: 5.7.3 was rolled back here}" in (text or b"")
