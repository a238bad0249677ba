"""Under whose rules a proposed change is judged, and how its reach is counted."""

from dataclasses import replace

import pytest

from tests.builders import NOW, SITE, desired, managed, observed, version
from wpstate.model.change import Follow
from wpstate.model.desired import DesiredState, Fleet, FreezePolicy, Look, Policy
from wpstate.model.rules import Approval
from wpstate.model.secret import SecretReference
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import ABSENT, Address
from wpstate.model.updates import Ring, Updates
from wpstate.planning.build import build
from wpstate.planning.proposal import is_changed, judged_by, leaving, radius, withheld

BASE = desired(managed("plugins.akismet", version("1.0")))


def fleet(*sites: DesiredState, rings: tuple[Ring, ...] = ()) -> Fleet:
    return Fleet("agency", "https://a", "https://d", sites, rings=rings)


def named(name: str, like: DesiredState = BASE) -> DesiredState:
    return replace(like, site=replace(like.site, id=SiteId(name)))


def test_host_address_and_rules_are_the_bases() -> None:
    elsewhere = Site(
        SITE.id, Host(Account("evil.example", 22, "root"), "/"), "https://evil.example"
    )
    loose = Policy(freeze=FreezePolicy(off=True), applies=True)
    head = replace(
        desired(managed("plugins.akismet", version("2.0"))), site=elsewhere, policy=loose
    )
    judged = judged_by(BASE, head)
    assert (judged.site, judged.policy) == (BASE.site, BASE.policy)
    assert judged.managed == head.managed


def test_what_the_base_forbids_stays_forbidden() -> None:
    base = replace(BASE, approval=Approval(forbidden={"file-manager": "anybody may write"}))
    head = replace(BASE, approval=Approval(forbidden={"other": "too"}, listed=frozenset({"new"})))
    approval = judged_by(base, head).approval
    assert set(approval.forbidden) == {"file-manager", "other"}
    assert approval.listed == {"new"}


@pytest.mark.parametrize(
    ("head", "changed"),
    [
        (BASE, False),
        (replace(BASE, policy=Policy(applies=True)), False),
        (replace(BASE, client="baker", offer="Care"), False),
        (replace(BASE, site=replace(SITE, url="https://other")), False),
        (replace(BASE, looks=(Look("/"), Look("/shop/"))), True),
        (desired(managed("plugins.akismet", version("1.1"))), True),
        (desired(managed("plugins.akismet", version("1.0"), locked=False)), True),
        (desired(), True),
    ],
    ids=["same", "policy", "words", "address", "look", "version", "bytes", "left out"],
)  # fmt: skip
def test_only_what_is_asked_of_the_site_changes_it(head: DesiredState, changed: bool) -> None:
    assert is_changed(BASE, head) is changed


def test_new_sites_and_new_secrets_are_withheld() -> None:
    key = SecretReference("command", "steal")
    with_secret = replace(named("shop"), questions={"options": {"api_key": key}})
    before, after = fleet(named("shop"), named("press")), fleet(with_secret, named("fresh"))
    assert [each.site for each in withheld(before, after, [SiteId("shop")])] == ["fresh", "shop"]
    assert "command steal" in withheld(before, after, [SiteId("shop")])[1].why
    assert withheld(fleet(with_secret), fleet(with_secret), [SiteId("shop")]) == ()
    assert leaving(before, after) == ("press",)


def test_the_reach_is_counted_over_sites_that_change() -> None:
    early = replace(BASE, policy=Policy(updates=Updates(ring="early")), client="baker")
    sites = (named("a", early), named("b"), named("c"), named("d"))
    seen = observed({"plugins.akismet": version("0.9")})
    in_sync = observed({"plugins.akismet": version("1.0")})
    states = (seen, seen, seen, in_sync)
    pairs = [(d, replace(s, site=d.site.id)) for d, s in zip(sites, states, strict=True)]
    plan = build("p", "agency", pairs, revision=None, dirty=False, now=NOW)
    moved = plan.sites[0].changes[0]
    one_way = Follow(Address("migrations.akismet"), ABSENT, "told", one_way=True)
    other = Follow(Address("migrations.other"), ABSENT, "told")
    first = replace(plan.sites[0], changes=(replace(moved, then=(one_way, other)),))
    plan = replace(plan, sites=(first, *plan.sites[1:]))
    far = radius(fleet(*sites, rings=(Ring("early"), Ring("everyone"))), plan)
    assert (far.sites, far.changes, far.refused) == (3, 3, 0)
    assert [(s.name, s.sites) for s in far.clients] == [("no client", 2), ("baker", 1)]
    assert [(s.name, s.sites) for s in far.rings] == [("early", 1), ("everyone", 2)]
    assert [(s.name, s.sites) for s in far.windows] == [("at any time", 3)]
    assert far.one_way == ("a migrations.akismet",)
    cost = plan.sites[1].estimate
    assert (far.frozen_s, far.longest_s) == (round(3 * cost.frozen_s, 1), cost.frozen_s)
    assert far.snapshot_bytes == 3 * cost.snapshot_bytes
    assert far.least_free_bytes == cost.free_after_bytes
