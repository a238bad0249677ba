"""A plan never leaves a site without its theme, nor a child theme without its parent."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed
from wpstate.model.change import Action
from wpstate.model.desired import Managed
from wpstate.model.observed import ObservedState
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site
from wpstate.planning.simulate import simulate, undo

ON, OFF = State(version="1.0", active=True), State(version="1.0", active=False)


def site(parents: dict[str, str] | None = None, **themes: State) -> ObservedState:
    seen = observed({f"themes.{name}": state for name, state in themes.items()})
    named = parents or {}
    listed = [
        {"folder": name, "name": name, "version": "1.0", "parent": named.get(name, "")}
        | {"author": "", "text_domain": "", "update_uri": ""}
        for name in themes
    ]
    return replace(seen, answers=(("themes", {"themes": listed, "active": None}),))


def child(name: str, parent: str, want: State = ON) -> Managed:
    asked = managed(f"themes.{name}", want)
    assert asked.artifact
    return replace(asked, artifact=replace(asked.artifact, parent=parent))


def refused(seen: ObservedState, *wants: Managed) -> list[tuple[str, str | None]]:
    return [(problem.slug, problem.key) for problem in build_site(desired(*wants), seen).refusals]


@pytest.mark.parametrize("want", [ABSENT, State(active=False)])
def test_the_active_theme_is_neither_deleted_nor_switched_off(want: State) -> None:
    assert refused(site(a=ON, b=OFF), managed("themes.a", want)) == [
        ("plan.active_theme", "themes.a")
    ]


def test_the_active_theme_goes_where_another_takes_its_place() -> None:
    seen = site(a=ON)
    plan = build_site(desired(managed("themes.a", ABSENT), managed("themes.b", ON)), seen)
    assert plan.refusals == ()
    assert [(c.address, c.action) for c in plan.changes] == [
        ("themes.b", Action.CREATE),
        ("themes.a", Action.DELETE),
    ]
    assert undo(simulate(seen, plan.changes), plan.changes).resources == seen.resources


def test_another_theme_is_deleted_without_a_word() -> None:
    assert refused(site(a=ON, b=OFF), managed("themes.b", ABSENT)) == []


def test_a_child_is_not_installed_without_its_parent() -> None:
    wanted = child("kid", "mother")
    assert refused(site(a=ON), wanted) == [("plan.no_parent_theme", "themes.kid")]
    assert refused(site(a=ON, mother=OFF), wanted) == []
    assert refused(site(a=ON), wanted, managed("themes.mother", OFF)) == []


def test_the_parent_of_a_child_that_stays_is_not_deleted() -> None:
    seen = site({"kid": "mother"}, kid=ON, mother=OFF)
    gone = managed("themes.mother", ABSENT)
    assert refused(seen, gone) == [("plan.no_parent_theme", "themes.mother")]
    both = (gone, managed("themes.kid", ABSENT), managed("themes.a", ON))
    assert refused(seen, *both) == []


def test_a_child_that_was_broken_before_and_is_not_touched_refuses_nothing() -> None:
    seen = site({"kid": "mother"}, kid=OFF, a=ON, b=OFF)
    assert refused(seen, managed("themes.b", ABSENT)) == []


def test_a_theme_behind_a_link_or_in_version_control_is_not_changed() -> None:
    seen = site(a=ON, b=OFF)
    folder = "/home/client/www/wp-content/themes"
    update = managed("themes.b", State(version="1.1", active=False))
    for fact, slug in (("links", "plan.link"), ("checkouts", "plan.checkout")):
        here = replace(seen, host=replace(seen.host, **{fact: (f"{folder}/b",)}))
        assert refused(here, update) == [(slug, "themes.b")]
        there = replace(seen, host=replace(seen.host, **{fact: (f"{folder}/a",)}))
        assert refused(there, update) == []
