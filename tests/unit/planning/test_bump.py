"""Which new version is proposed, and what keeps others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.bump import (
    BumpPolicy,
    Component,
    Listed,
    Name,
    Outdated,
    Release,
    Standing,
    Step,
    Use,
)
from wpstate.model.facts import Severity, VersionRange, Vulnerability
from wpstate.model.site import SiteId
from wpstate.planning.bump import outdated
from wpstate.planning.version_steps import is_finished, step_between
from wpstate.resources.versions import compare

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SHOP = Use(SiteId("shop"), "canary", "7.1.1", "8.2.7")
OLD = Use(SiteId("old"), None, "6.5.5", "7.4.3")


def release(version: str, days: float | None = 100, **said: str) -> Release:
    at = None if days is None else NOW - timedelta(days=days)
    return Release(version, at, **said)


def component(*releases: Release, slug: str = "akismet", **said: object) -> Component:
    listed = Listed(releases=releases)
    return replace(Component(Name("plugins", slug), "5.7.2", listed, (SHOP,)), **said)  # type: ignore[arg-type]


def hole(name: str, newest: str) -> Vulnerability:
    span = VersionRange(newest=newest)
    return Vulnerability("f", name, "t", Severity.HIGH, 8.0, (name,), (span,), (), None)


def one(each: Component, policy: BumpPolicy = BumpPolicy(), core: str = "7.1.1") -> Outdated:  # noqa: B008
    (found,) = outdated([each], policy, core, NOW)
    return found


@pytest.mark.parametrize(
    ("version", "days", "proposed"),
    [
        ("5.7.3", 1.9, None),
        ("5.7.3", 2.1, "5.7.3"),
        ("5.8", 6.9, None),
        ("5.8", 7.1, "5.8"),
        ("6.0", 29.9, None),
        ("6.0", 30.1, "6.0"),
        ("5.7.3", None, None),
        ("5.7.2", 100, None),
        ("5.7.1", 100, None),
        ("6.0-beta1", 100, None),
    ],
)
def test_a_version_is_proposed_once_it_is_old_enough(
    version: str, days: float | None, proposed: str | None
) -> None:
    found = one(component(release(version, days)))
    assert found.proposed == proposed
    assert (found.standing is Standing.PROPOSED) == (proposed is not None)


def test_what_waits_says_until_when() -> None:
    found = one(component(release("5.7.3", 1)))
    assert found.standing is Standing.WAITING
    assert found.why == ("5.7.3 cools down until 2026-11-30 12:00 UTC (patch)",)


def test_an_older_one_is_proposed_where_the_newest_waits() -> None:
    found = one(component(release("6.0", 3), release("5.7.4", 3), release("5.7.3", 9)))
    assert (found.proposed, found.newest, found.step) == ("5.7.4", "6.0", Step.PATCH)
    assert found.why[0].startswith("6.0 cools down")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"requires_php": "8.3"}, "5.8 needs PHP 8.3, shop has 8.2.7"),
        ({"requires_wp": "7.2"}, "5.8 needs WordPress 7.2, shop has 7.1.1"),
    ],
)
def test_what_sites_cannot_run_is_held(said: dict[str, str], why: str) -> None:
    found = one(component(release("5.8", **said)))
    assert (found.proposed, found.why) == (None, (why,))


def test_many_sites_are_counted() -> None:
    uses = tuple(replace(OLD, site=SiteId(f"old{i}")) for i in range(5))
    why = one(component(release("5.8", requires_php="8.0"), uses=uses)).why[0]
    assert "old0 has 7.4.3, old1 has 7.4.3, old2 has 7.4.3 and 2 more sites lack it" in why


def test_a_pinned_site_holds_nobody_up() -> None:
    pinned = replace(OLD, pinned="5.5")
    found = one(component(release("5.8", requires_php="8.0"), uses=(SHOP, pinned)))
    assert (found.proposed, found.sites, found.pinned) == ("5.8", 1, 1)


def test_php_that_nobody_saw_is_told() -> None:
    found = one(component(release("5.8", requires_php="8.0"), uses=(replace(SHOP, php=None),)))
    assert found.why == ("needs PHP 8.0; 1 sites were not looked at",)


def test_tried_with_an_older_wordpress_is_told_or_holds() -> None:
    each = component(release("5.8", tested="6.9.4"))
    assert one(each).why == ("tried with WordPress 6.9.4 at most",)
    held = one(each, BumpPolicy(holds_untested=True))
    assert held.why == ("5.8 was tried with WordPress 6.9.4 at most, not with 7.1.1",)
    assert one(component(release("5.8", tested="7.1")), BumpPolicy(holds_untested=True)).proposed


@pytest.mark.parametrize(
    "listed",
    [
        Listed((release("5.8"),), closed="2026-11-01: guideline violation"),
        Listed((release("5.8"),), author="Mallory"),
    ],
)
def test_what_is_closed_or_changed_hands_is_not_proposed(listed: Listed) -> None:
    for holes in ((), (hole("CVE-2026-1", "5.7.9"),)):
        found = one(component(listed=listed, author="Ana", holes=holes))
        assert found.standing is Standing.WAITING
        assert found.proposed is None
        assert found.why


def test_what_was_rolled_back_anywhere_is_never_proposed() -> None:
    frozen = {"5.8": SiteId("shop")}
    holes = (hole("CVE-2026-1", "5.7.9"),)
    for each in (component(release("5.8")), component(release("5.8"), holes=holes)):
        found = one(replace(each, frozen=frozen))
        assert found.proposed is None
        assert found.why[0] == "5.8 was rolled back on shop"
    assert one(component(release("5.8.1"), release("5.8"), frozen=frozen)).proposed == "5.8.1"


def test_what_mends_a_hole_waits_for_no_cool_down_and_brings_little_else() -> None:
    each = component(
        release("6.0", 0), release("5.7.4", 0), release("5.7.3", 0),
        holes=(hole("CVE-2026-1", "5.7.3"),),
    )  # fmt: skip
    found = one(each)
    assert (found.proposed, found.mends) == ("5.7.4", ("CVE-2026-1",))
    assert found.why[0] == "mends CVE-2026-1 at once"
    waits = one(each, BumpPolicy(security_at_once=False))
    assert waits.proposed is None
    assert "what is approved is vulnerable" in waits.why[-1]


def test_what_mends_and_is_old_enough_goes_the_ordinary_way() -> None:
    each = component(release("5.8", 8), release("5.7.4", 1), holes=(hole("CVE-1", "5.7.3"),))
    assert one(each).why == ("mends CVE-1",)
    assert one(each).proposed == "5.8"


def test_a_version_that_is_vulnerable_itself_is_not_proposed() -> None:
    holes = (Vulnerability("f", "CVE-2", "t", Severity.LOW, None, ("CVE-2",),
                           (VersionRange("5.8", newest="5.8"),), (), None),)  # fmt: skip
    assert one(component(release("5.8"), holes=holes)).why[0] == "5.8 is vulnerable itself: CVE-2"
    assert one(component(release("5.8.1"), release("5.8"), holes=holes)).proposed == "5.8.1"


def test_a_source_may_call_a_version_insecure() -> None:
    listed = Listed((release("5.7.3", 0),), insecure=frozenset({"5.7.2"}))
    assert one(component(listed=listed)).mends == ("called insecure by its source",)
    both = replace(listed, insecure=frozenset({"5.7.2", "5.7.3"}))
    assert one(component(listed=both)).proposed is None


def test_an_approved_version_with_a_hole_and_nothing_newer_is_told() -> None:
    found = one(component(holes=(hole("CVE-1", "9"),)))
    assert found.standing is Standing.CURRENT
    assert "nothing proposed mends it: CVE-1" in found.why[0]


def test_nobody_could_say() -> None:
    found = one(component(listed=Listed(unknown="HTTP 503")))
    assert (found.standing, found.newest, found.why) == (Standing.UNKNOWN, None, ("HTTP 503",))


TOGETHER = BumpPolicy(together={"builder": (Name("plugins", "free"), Name("plugins", "pro"))})


@pytest.mark.parametrize(
    ("pro", "proposed"),
    [
        (component(release("5.7.3"), slug="pro"), ["5.7.3", "5.7.3"]),
        (component(slug="pro"), ["5.7.3", None]),
        (component(release("5.7.3", 1), slug="pro"), [None, None]),
        (component(listed=Listed(unknown="HTTP 503"), slug="pro"), [None, None]),
        (component(listed=Listed((release("5.8"),), closed="x"), slug="pro"), [None, None]),
    ],
)
def test_what_moves_together_waits_together(pro: Component, proposed: list[str | None]) -> None:
    free = component(release("5.7.3"), slug="free")
    found = outdated([free, pro], TOGETHER, "7.1.1", NOW)
    assert [each.proposed for each in found] == proposed
    assert {each.group for each in found} == {"builder"}


def test_what_mends_a_hole_takes_its_family_along_at_once() -> None:
    free = component(release("5.7.3", 0), slug="free", holes=(hole("CVE-1", "5.7.2"),))
    pro = component(release("5.8", 0), slug="pro")
    found = outdated([free, pro], TOGETHER, "7.1.1", NOW)
    assert [each.proposed for each in found] == ["5.7.3", "5.8"]
    stuck = replace(pro, frozen={"5.8": SiteId("shop")})
    assert {each.proposed for each in outdated([free, stuck], TOGETHER, "7.1.1", NOW)} == {None}


@pytest.mark.parametrize(
    ("kind", "before", "after", "step"),
    [
        ("plugins", "5.7.2", "5.7.3", Step.PATCH),
        ("plugins", "5.7", "5.7.0.1", Step.PATCH),
        ("plugins", "5.7.2", "5.10", Step.MINOR),
        ("plugins", "5", "6", Step.MAJOR),
        ("plugins", "20260101", "20260102", Step.MAJOR),
        ("core", "6.8.1", "6.8.2", Step.PATCH),
        ("core", "6.8.3", "6.9", Step.MAJOR),
        ("core", "6.9", "7.0", Step.MAJOR),
    ],
)
def test_steps(kind: str, before: str, after: str, step: Step) -> None:
    assert step_between(kind, before, after) is step


@pytest.mark.parametrize("version", ["1.0-beta1", "1.0RC2", "2.0.alpha", "3-dev", "1.0b2", "1.0a"])
def test_what_is_not_finished(version: str) -> None:
    assert not is_finished(version)


@pytest.mark.parametrize("version", ["1.0", "1.0.1", "2.0-advanced", "3.1-pl2", "1.0-free"])
def test_what_is_finished(version: str) -> None:
    assert is_finished(version)


VERSIONS = st.builds(".".join, st.lists(st.sampled_from("0123456789"), min_size=1, max_size=4))
ANY_RELEASE = st.builds(
    Release,
    VERSIONS,
    st.none() | st.floats(-9, 99).map(lambda days: NOW - timedelta(days=days)),
    st.none() | VERSIONS,
    st.none() | VERSIONS,
    st.none() | VERSIONS,
)
MAYBE = st.none() | VERSIONS
ANY_USE = st.builds(Use, st.just(SiteId("s")), st.none(), MAYBE, MAYBE)
ANY = st.builds(
    Component,
    st.sampled_from([Name("plugins", "free"), Name("core", "wordpress")]),
    VERSIONS,
    st.builds(
        Listed,
        st.lists(ANY_RELEASE, max_size=5, unique_by=lambda each: each.version).map(tuple),
        st.none() | st.just("B"),
        st.none() | st.just("closed"),
        st.frozensets(VERSIONS, max_size=2),
    ),
    st.lists(ANY_USE, max_size=3).map(tuple),
    st.none() | st.just("A"),
    st.lists(st.builds(hole, st.sampled_from(["CVE-1", "CVE-2"]), VERSIONS), max_size=2).map(tuple),
    st.dictionaries(VERSIONS, st.just(SiteId("s")), max_size=2),
)


@given(ANY, st.booleans(), st.booleans())
def test_whatever_sources_say(each: Component, at_once: bool, hold: bool) -> None:
    found = one(each, BumpPolicy(security_at_once=at_once, holds_untested=hold))
    if found.proposed is None:
        assert found.standing is not Standing.PROPOSED
        assert found.standing is Standing.CURRENT or found.why
        return
    assert compare(found.proposed, each.approved) > 0
    assert found.proposed not in each.frozen
    assert each.listed.closed is None
    assert not (each.author and each.listed.author)
    chosen = next(r for r in each.listed.releases if r.version == found.proposed)
    for use in each.uses:
        assert not (chosen.requires_php and use.php) or compare(use.php, chosen.requires_php) >= 0
    young = chosen.released_at is None or chosen.released_at > NOW - timedelta(days=2)
    assert not young or (at_once and found.mends)
