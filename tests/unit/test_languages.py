"""Which language packs a site must have, what of them is WordPress's business, what plans say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, replace
from tests.unit.desired.folders import sound_fleet
from tests.unit.test_observation import entry, plugin, text_of
from wpstate.desired.compose import compose
from wpstate.model.change import Action, Cause
from wpstate.model.desired import DesiredState
from wpstate.model.observed import LastApplied, ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.planning.build import build_site
from wpstate.planning.by_rule import with_rules
from wpstate.planning.follows import expected
from wpstate.planning.simulate import simulate, undo
from wpstate.planning.tree_rules import unplanned
from wpstate.ports import TreeChange
from wpstate.resources.language_packs import moment, revision
from wpstate.resources.languages import LanguagesKind
from wpstate.resources.observation import observed_states

KIND = LanguagesKind()
HASH = "ab" * 32
LOCKED, NEWER, OLDER = "2026-03-01T08:00:00Z", "2026-04-01T08:00:00Z", "2026-02-01T08:00:00Z"
LOCK = f"""
core: {{7.1.1: {{sha256: {HASH}, database: 61833}}}}
plugins:
  akismet: {{5.7.2: {{sha256: {HASH}}}}}
translations:
  en_GB:
    core: {{7.1.1: {{sha256: {HASH}, revision: {LOCKED}}}}}
  fr_FR:
    core: {{7.1.1: {{sha256: {HASH}, revision: {LOCKED}}}}}
    plugins.akismet:
      5.5: {{sha256: {HASH}, revision: {OLDER}}}
      5.7.2: {{sha256: {HASH}, revision: {LOCKED}}}
"""
BOTH = "languages: [fr_FR, en_GB]"
FRENCH = "languages: [fr_FR]"
PINNED = "languages: {locales: [fr_FR], pinned: on}"
PACKS = ("core", "plugins.akismet")
GERMAN = "languages: {absent: [de_DE]}"
WWW = "/home/b/www"
_PATHS = ("wp", "config", "content", "plugins", "uploads", "state")


def asked(languages: str, *more: str, lock: str = LOCK, core: str = "approved") -> DesiredState:
    lines = ("url: https://b.example", f"core: {core}" if core else "", languages, *more)
    changes = {"catalog.lock": lock} if lock else {}
    texts = sound_fleet(sites__boutique="\n".join(lines) + "\n", **changes)
    return compose(texts).sites[0]


def seen(
    *,
    akismet: str = "5.7.2",
    core: str = "7.1.1",
    applied: dict[str, State] | None = None,
    away: dict[str, list[str]] | None = None,
    speaks: str | None = None,
    **packs: dict[str, str | None],
) -> ObservedState:
    site = entry(
        id="boutique",
        core={"version": core, "db_version": 61833, "locale": speaks},
        options={"home": "https://b.example", "db_version": "61833"},
        plugins=[plugin("akismet/akismet.php", active=True, version=akismet)],
        paths=dict(
            zip(_PATHS, (WWW, f"{WWW}/wp-config.php", f"{WWW}/wp-content", *"123"), strict=True)
        ),
        kinds={"languages": {"packs": packs, "absent": away or {}}},
    )
    found = observed_states(text_of(site), [SiteId("boutique")], NOW)[SiteId("boutique")]
    assert found.faults == ()
    values = tuple((Address(a), s) for a, s in sorted((applied or {}).items()))
    return replace(found, applied=LastApplied(values=values))


def packs_of(plan: SitePlan) -> dict[str, str | None]:
    """What is brought for its own sake, by address."""
    return {
        str(change.address): change.artifact.slug if change.artifact else None
        for change in plan.changes
        if change.address.startswith("languages.")
    }


def told(plan: SitePlan, sort: str) -> dict[str, str]:
    return {str(noted.address): noted.text for noted in plan.noted if noted.sort == sort}


def all_of(time: str | None) -> dict[str, str | None]:
    return dict.fromkeys(PACKS, time)


def test_a_pack_of_a_language_that_goes_where_the_host_tells_of_none_moves_nothing() -> None:
    there = seen(de_DE={"core": LOCKED})
    plan = build_site(asked(GERMAN), there)
    assert [str(change.address) for change in plan.changes] == ["languages.de_DE"]
    assert KIND.role_vars(plan.changes, there) == {}
    assert KIND.planned_globs(plan.changes, there) == ()


def test_each_missing_pack_is_brought_in_its_locked_bytes() -> None:
    plan = build_site(asked(BOTH), seen(fr_FR={"core": LOCKED}))
    assert packs_of(plan) == {
        "languages.en_GB": "en_GB",
        "languages.fr_FR.plugins.akismet": "plugins/akismet-fr_FR",
    }
    assert {c.after.value for c in plan.changes} == {LOCKED}
    assert {a.sha256 for c in plan.changes for a in c.artifacts} == {HASH}
    assert plan.refusals == ()


def test_a_site_that_has_them_is_in_sync() -> None:
    plan = build_site(asked(BOTH), seen(fr_FR=all_of(LOCKED), en_GB={"core": LOCKED}))
    assert (plan.changes, told(plan, "drift"), told(plan, "updated_itself")) == ((), {}, {})


def test_what_nobody_asks_for_is_not_looked_at() -> None:
    assert "languages" not in asked("language: fr").questions
    asks = asked("languages: {locales: [fr_FR], absent: [de_DE]}").questions["languages"]
    assert asks == {"locales": ["fr_FR"], "absent": ["de_DE"]}


def test_what_wordpress_renews_is_one_line_and_binds_no_plan() -> None:
    before, after = seen(fr_FR=all_of(LOCKED)), seen(fr_FR=all_of(NEWER))
    plan = build_site(asked(FRENCH), after)
    assert plan.changes == ()
    (line,) = told(plan, "updated_itself").values()
    assert line.endswith(": core, plugins.akismet")
    assert not told(plan, "drift") | told(plan, "conflict")
    assert plan.digests == build_site(asked(FRENCH), before).digests


def test_renewed_packs_are_told_by_a_few_names() -> None:
    names = [f"p{n}" for n in range(9)]
    lock = LOCK + "".join(
        f"    plugins.{name}: {{1.0: {{sha256: {HASH}, revision: {LOCKED}}}}}\n" for name in names
    )
    catalog = "core: 7.1.1\nplugins: {akismet: 5.7.2, woocommerce: 1.0, wp-rocket: 1.0, "
    catalog += ", ".join(f"{name}: 1.0" for name in names) + "}\n"
    texts = sound_fleet(
        sites__boutique=f"url: https://b.example\ncore: approved\n{FRENCH}\n",
        catalog=catalog,
        **{"catalog.lock": lock},
    )
    site = entry(
        id="boutique",
        core={"version": "7.1.1", "db_version": 61833, "locale": None},
        plugins=[plugin(f"{name}/{name}.php", version="1.0") for name in names],
        kinds={
            "languages": {
                "packs": {"fr_FR": {f"plugins.{n}": NEWER for n in names}},
                "absent": {},
            }
        },
    )
    found = observed_states(text_of(site), [SiteId("boutique")], NOW)[SiteId("boutique")]
    (line,) = told(build_site(compose(texts).sites[0], found), "updated_itself").values()
    assert line.endswith("plugins.p4 and 4 more")


@pytest.mark.parametrize("time", [NEWER, OLDER, None, "yesterday"])
def test_of_pinned_packs_any_other_is_drift(time: str | None) -> None:
    applied = {f"languages.fr_FR{tail}": State(value=LOCKED) for tail in ("", ".plugins.akismet")}
    there = seen(fr_FR={"core": LOCKED, "plugins.akismet": time}, applied=applied)
    plan = build_site(asked(PINNED), there)
    assert set(told(plan, "drift")) == {"languages.fr_FR.plugins.akismet"}
    assert plan.changes == ()
    healed = build_site(asked(PINNED), there, heal_all=True)
    assert packs_of(healed) == {"languages.fr_FR.plugins.akismet": "plugins/akismet-fr_FR"}


def test_an_older_pack_than_the_locked_one_is_brought_up_to_it() -> None:
    for time, brought in ((OLDER, 1), (LOCKED, 0), (None, 0), ("yesterday", 0)):
        plan = build_site(asked(FRENCH), seen(fr_FR={"core": LOCKED, "plugins.akismet": time}))
        assert len(packs_of(plan)) == brought, time


def test_a_pack_that_was_applied_and_is_gone_is_drift_until_somebody_heals_it() -> None:
    applied = {"languages.fr_FR.plugins.akismet": State(value=LOCKED)}
    there = seen(fr_FR={"core": LOCKED}, applied=applied)
    plan = build_site(asked(FRENCH), there)
    assert (set(told(plan, "drift")), plan.changes) == (set(applied), ())
    healing = build_site(asked(FRENCH, "heal: [languages.fr_FR]"), there)
    assert [change.cause for change in healing.changes] == [Cause.DRIFT]


def test_wordpress_itself_without_a_locked_pack_is_refused() -> None:
    plan = build_site(asked("languages: [de_DE]"), seen(de_DE={}))
    assert [problem.slug for problem in plan.refusals] == ["plan.unlocked"]
    assert build_site(asked("languages: [de_DE]"), seen(de_DE={"core": None})).changes == ()


def test_a_version_that_no_file_names_cannot_have_a_locked_pack() -> None:
    plan = build_site(asked(FRENCH, core=""), seen(core="6.4", fr_FR={}))
    assert "languages.fr_FR" not in packs_of(plan)
    assert "names WordPress 6.4" in told(plan, "out_of_reach")["languages.fr_FR"]


def test_a_plugin_whose_pack_nobody_locked_needs_none() -> None:
    plan = build_site(asked(BOTH), seen(akismet="5.6", fr_FR={"core": None}, en_GB={"core": None}))
    assert plan.changes == ()


def test_a_new_version_brings_its_packs_and_the_old_ones_are_not_needed() -> None:
    desired = asked(FRENCH, "plugins: {akismet: approved}")
    plan = build_site(desired, seen(akismet="5.5", fr_FR={"core": LOCKED}))
    (change,) = plan.changes
    assert change.address == "plugins.akismet"
    assert [pack.version for pack in change.extra] == ["5.7.2"]
    assert change.notes == ("with the language pack fr_FR",)
    # The run proves that they came.
    proof = expected(plan.changes)["languages.fr_FR.plugins.akismet"]
    assert proof == (State(value=LOCKED),)


def test_packs_of_a_plugin_that_is_to_go_are_not_brought() -> None:
    desired = asked(FRENCH, "plugins: {akismet: absent}")
    assert packs_of(build_site(desired, seen(fr_FR={"core": LOCKED}))) == {}


def test_a_lock_of_before_knows_no_times_and_presence_counts() -> None:
    lock = "\n".join(line.split(", revision")[0] + "}" * line.count("}") if "revision" in line
                     else line for line in LOCK.splitlines())  # fmt: skip
    assert "revision" not in lock
    plan = build_site(asked(FRENCH, lock=lock), seen(fr_FR={"core": OLDER}))
    (change,) = plan.changes
    assert change.address == "languages.fr_FR.plugins.akismet"
    assert change.artifact is not None
    pinned = asked(PINNED, lock=lock)
    assert build_site(pinned, seen(fr_FR=all_of(OLDER))).changes == ()


def test_all_locales_of_the_fleet_are_locked_for_all_that_it_names() -> None:
    packs = {(pack.slug, pack.version) for pack in asked(BOTH).packs}
    assert {("en_GB", "7.1.1"), ("fr_FR", "7.1.1"), ("plugins/akismet-en_GB", "5.7.2")} <= packs


def test_a_language_that_must_not_be_is_moved_away_whole() -> None:
    applied = {"languages.de_DE": State(value=OLDER)}
    there = seen(away={"de_DE": ["core", "themes.a-b"]}, applied=applied)
    plan = build_site(asked(GERMAN), there)
    (change,) = plan.changes
    assert (change.address, change.action) == ("languages.de_DE", Action.DELETE)
    assert change.notes == ("moves away core, themes.a-b",)
    packs = ["de_DE", "themes/a-b-de_DE"]
    assert KIND.role_vars(plan.changes, there) == {"absent": packs}
    files = ("de_DE.mo", "admin-de_DE.mo", "themes/a-b-de_DE.l10n.php", "themes/a-b-de_DE-0f.json")
    moved = [TreeChange(f"wp-content/languages/{name}", "removed") for name in files]
    others = [TreeChange("wp-content/languages/themes/c-de_DE.mo", "removed")]
    globs = KIND.planned_globs(plan.changes, there)
    assert unplanned((*moved, *others), (), globs) == (others[0].path,)


def test_a_language_that_is_not_there_is_gone() -> None:
    assert build_site(asked(GERMAN), seen(away={"de_DE": []})).changes == ()


@pytest.mark.parametrize(
    ("more", "speaks", "refused"),
    [("", "de_DE", True), ("language: de", "en_US", True), ("language: fr", "de_DE", False)],
)
def test_the_language_that_a_site_speaks_stays(more: str, speaks: str, refused: bool) -> None:
    plan = build_site(asked(GERMAN, more), seen(away={"de_DE": ["core"]}, speaks=speaks))
    slugs = {problem.slug for problem in plan.refusals}
    assert ("plan.spoken_language" in slugs) is refused


def test_deciding_again_comes_to_the_same() -> None:
    there = seen(fr_FR={"core": NEWER})
    once = with_rules(asked(PINNED), there)
    assert with_rules(once, there) == once
    assert once != asked(PINNED)


_TIMES = st.sampled_from([OLDER, LOCKED, NEWER, None])
_FOUND = st.dictionaries(st.sampled_from(PACKS), _TIMES)
_APPLIED = st.dictionaries(
    st.sampled_from(["languages.fr_FR", "languages.fr_FR.plugins.akismet", "languages.en_GB"]),
    st.builds(State, value=st.sampled_from([OLDER, LOCKED, NEWER])),
)


@given(
    languages=st.sampled_from([FRENCH, PINNED, BOTH]), french=_FOUND, english=_FOUND,
    akismet=st.sampled_from(["5.5", "5.7.2"]), applied=_APPLIED,
)  # fmt: skip
def test_after_a_plan_nothing_is_left_to_do_and_undone_all_is_as_it_was(
    languages: str,
    french: dict[str, str | None],
    english: dict[str, str | None],
    akismet: str,
    applied: dict[str, State],
) -> None:
    want = asked(languages)
    before = seen(akismet=akismet, applied=applied, fr_FR=french, en_GB=english)
    plan = build_site(want, before, heal_all=True)
    after = simulate(before, plan.changes)
    assert build_site(want, after, heal_all=True).changes == ()
    assert undo(after, plan.changes) == before


@pytest.mark.parametrize(
    "answer",
    [
        {"packs": {"fr_FR": {"../x": None}}, "absent": {}},
        {"packs": {"../..": {}}, "absent": {}},
        {"packs": {"fr_FR": {"core": "x" * 61}}, "absent": {}},
        {"packs": {"fr_FR": {"plugins.akismet": 1}}, "absent": {}},
        {"packs": {}, "absent": {"de_DE": ["plugins.../x"]}},
        {"packs": {}, "absent": {"../x": ["core"]}},
        {"packs": {}},
        {"packs": [], "absent": {}},
        {},
    ],
)
def test_a_strange_answer_is_a_fault(answer: Any) -> None:
    site = entry(id="boutique", kinds={"languages": answer})
    found = observed_states(text_of(site), [SiteId("boutique")], NOW)[SiteId("boutique")]
    assert [fault.code for fault in found.faults] == ["untrusted_output"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01 08:00:00+0000", LOCKED),
        ("2026-03-01 10:00+0200", LOCKED),
        ("2026-03-01 08:00:00", LOCKED),
        (LOCKED, LOCKED),
        (" 2026-03-01T08:00:00+00:00 ", LOCKED),
        ("2026-13-01 08:00:00+0000", None),
        ("0001-01-01 00:00:00+2300", None),
        ("YEAR-MO-DA HO:MI+ZONE", None),
        ("٢٠٢٦-03-01 08:00", None),
        ("", None),
    ],
)
def test_times_of_catalogues(text: str, time: str | None) -> None:
    assert moment(text) == time


def test_a_packs_time_stands_in_its_main_catalogue() -> None:
    head = (
        b'msgid ""\nmsgstr ""\n"PO-Revision-Date: 2026-03-01 08:00:00+0000\\n"\n"Language: fr\\n"'
    )
    for pack, file in (("fr_FR", "fr_FR.po"), ("plugins/akismet-fr_FR", "akismet-fr_FR.po")):
        assert revision(pack, {file: head, "admin-fr_FR.po": b""}) == LOCKED
        assert revision(pack, {"admin-fr_FR.po": head}) is None
        assert revision(pack, {file: b"PO-Revision-Date: soon"}) is None
