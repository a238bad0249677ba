"""Which change brings which language pack, by what git asks and what the site speaks."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed, version
from wpstate.model.desired import Artifact, Managed
from wpstate.model.plan import SitePlan
from wpstate.model.state import State
from wpstate.planning.build import build_site

OLD, NEW = version("6.8.7", active=None), version("7.1.1", active=None)
FRENCH, ENGLISH = State(value="fr_FR"), State(value="en_US")
LOCKED = Artifact("translations", "fr_FR", "7.1.1", "wordpress.org", "1" * 64)
UNLOCKED = replace(LOCKED, sha256=None)


def plan(speaks: State, *asked: Managed, has: State = OLD, pack: Artifact = LOCKED) -> SitePlan:
    want = replace(desired(*asked), packs=(replace(LOCKED, version="6.8.7"), pack))
    return build_site(want, observed({"core.version": has, "core.locale": speaks}))


def brought(site: SitePlan) -> list[tuple[str, Artifact]]:
    return [
        (change.address, artifact)
        for change in site.changes
        for artifact in change.artifacts
        if artifact.kind == "translations"
    ]


CORE, LOCALE = managed("core.version", NEW), managed("core.locale", FRENCH)


@pytest.mark.parametrize(
    ("speaks", "asked", "by"),
    [
        (FRENCH, (CORE,), "core.version"),
        (FRENCH, (CORE, LOCALE), "core.version"),
        (ENGLISH, (CORE, LOCALE), "core.locale"),
    ],
)
def test_the_pack_is_that_of_the_version_to_come(
    speaks: State, asked: tuple[Managed, ...], by: str
) -> None:
    assert brought(plan(speaks, *asked)) == [(by, LOCKED)]


def test_a_language_alone_gets_the_pack_of_the_version_that_is_there() -> None:
    assert brought(plan(ENGLISH, LOCALE, has=NEW)) == [("core.locale", LOCKED)]


@pytest.mark.parametrize(
    ("speaks", "asked"),
    [
        (ENGLISH, (CORE,)),
        (FRENCH, (CORE, managed("core.locale", ENGLISH))),
        (FRENCH, (managed("plugins.x", OLD),)),
        (FRENCH, (LOCALE,)),
    ],
)
def test_nothing_is_brought_without_need(speaks: State, asked: tuple[Managed, ...]) -> None:
    assert brought(plan(speaks, *asked)) == []


def test_a_version_may_come_without_its_pack_and_says_so() -> None:
    site = plan(FRENCH, CORE, pack=UNLOCKED)
    (change,) = site.changes
    assert brought(site) == []
    assert change.notes == (
        "language pack fr_FR for 7.1.1 is not locked: WordPress keeps the old one",
    )
    assert site.refusals == ()


def test_a_language_may_not_come_without_its_pack() -> None:
    site = plan(ENGLISH, LOCALE, has=NEW, pack=UNLOCKED)
    assert [problem.slug for problem in site.refusals] == ["plan.unlocked"]


def test_other_bytes_make_another_plan() -> None:
    other = plan(FRENCH, CORE, pack=replace(LOCKED, sha256="2" * 64))
    assert other.digests.artifacts != plan(FRENCH, CORE).digests.artifacts


X_PACK = Artifact("translations", "plugins/x-fr_FR", "1.1", "wordpress.org", "2" * 64)
NEWER = version("1.1")


def with_x(speaks: State, *asked: Managed, there: str, pack: Artifact = X_PACK) -> SitePlan:
    packs = (replace(LOCKED, version="6.8.7"), pack)
    want = replace(desired(*asked), packs=packs)
    seen = {"core.version": OLD, "core.locale": speaks, "plugins.x": version(there)}
    return build_site(want, observed(seen))


def test_a_plugin_brings_its_pack_where_one_is_locked() -> None:
    update = managed("plugins.x", NEWER)
    site = with_x(FRENCH, update, there="1.0")
    assert brought(site) == [("plugins.x", X_PACK)]
    assert site.changes[0].notes == ("with the language pack fr_FR",)
    for none in (replace(X_PACK, sha256=None), replace(X_PACK, version="1.0")):
        without = with_x(FRENCH, update, there="1.0", pack=none)
        assert (brought(without), without.refusals) == ([], ())
    assert brought(with_x(ENGLISH, update, there="1.0")) == []


def test_a_new_language_brings_the_packs_of_what_stays() -> None:
    core = replace(LOCKED, version="6.8.7")
    assert brought(with_x(ENGLISH, LOCALE, there="1.1")) == [
        ("core.locale", core),
        ("core.locale", X_PACK),
    ]
    assert brought(with_x(ENGLISH, LOCALE, there="1.0")) == [("core.locale", core)]
    both = with_x(ENGLISH, LOCALE, managed("plugins.x", NEWER), there="1.0")
    assert brought(both) == [("core.locale", core), ("plugins.x", X_PACK)]
