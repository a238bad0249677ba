"""Permalinks: what is asked, what was seen, and what WordPress is told."""

import pytest

from tests.builders import observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Json
from wpstate.planning.compare import compare
from wpstate.resources.rewrite import RewriteKind

KIND = RewriteKind()


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example\nrewrite: {line}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(structure: str = "", category_base: str = "", **other: bool) -> ObservedState:
    answer: Json = {
        "structure": structure,
        "category_base": category_base,
        "tag_base": "",
        "block": True,
        "writable": True,
        **other,
    }
    states = dict(KIND.parse_observed({"kinds": {"rewrite": answer}}))
    plain = observed({str(address): state for address, state in states.items()})
    return replace(plain, answers=(("rewrite", answer),))


@pytest.mark.parametrize(
    ("line", "found", "told"),
    [
        ("/%postname%/", seen(), {"structure": "/%postname%/"}),
        ("{structure: plain}", seen("/%postname%/"), {"structure": ""}),
        ("{category_base: rayon}", seen(), {"category_base": "/rayon"}),
        ("{category_base: default}", seen(category_base="/rayon"), {"category_base": ""}),
    ],
)
def test_what_wordpress_is_told(line: str, found: ObservedState, told: Json) -> None:
    changes = compare(asked(line), found).changes
    assert KIND.role_vars(changes, found) == {"asked": told, "htaccess": True}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/%postname%/", seen("/%postname%/")),
        ("plain", seen("")),
        ("{category_base: rayon, tag_base: default}", seen(category_base="/rayon/")),
    ],
)
def test_what_is_so_already_is_no_change(line: str, found: ObservedState) -> None:
    assert not compare(asked(line), found).changes


@pytest.mark.parametrize(
    ("line", "found"),
    [("plain", seen("plain")), ("{category_base: default}", seen(category_base="/default/"))],
)
def test_what_is_only_written_like_a_word_of_ours_is_another_value(
    line: str, found: ObservedState
) -> None:
    assert compare(asked(line), found).changes


def test_htaccess_is_touched_only_where_wordpress_keeps_it() -> None:
    found, bare = seen(), seen(block=False)
    changes = compare(asked("/%postname%/"), found).changes
    assert KIND.planned_paths(changes, found) == (".htaccess",)
    assert KIND.planned_paths(changes, bare) == ()
    assert len(KIND.told_of(changes[0], bare)) == 2
    (problem,) = KIND.refusals(asked("plain"), seen(writable=False), changes)
    assert problem.slug == "plan.htaccess"
    assert not list(KIND.refusals(asked("plain"), found, changes))
