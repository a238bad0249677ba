"""`bump` of fleet.yml: how new versions are proposed. The schema has checked every form but what it
cannot know: which components the catalog has."""

from collections import Counter
from collections.abc import Iterator

from wpstate.desired.quantities import duration_s
from wpstate.model.bump import BumpPolicy, Name, Step
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.resources.catalog import PACKAGES, Catalog
from wpstate.resources.nearest import nearest

_NONE = "none"


def read_bump(root: Map, catalog: Catalog) -> BumpPolicy:
    said = root.get("bump")
    if not isinstance(said, Map):
        return BumpPolicy()
    security, untested, pins = (said.text(key) for key in ("security", "untested", "pins"))
    return BumpPolicy(
        cool_down_s=dict(BumpPolicy().cool_down_s) | dict(_cool_downs(said.get("cool_down"))),
        security_at_once=security is None or security.text == "at once",
        holds_untested=untested is not None and untested.text == "hold",
        follows_pins=pins is not None and pins.text == "follow",
        together={
            name.text: tuple(
                found for each in _slugs(slugs) if (found := _named(each.text, catalog))
            )
            for name, slugs in _groups(said)
        },
    )


def bump_problems(root: Map, catalog: Catalog) -> Iterator[Problem]:
    """Names that the catalog does not have, or that two groups have."""
    said = root.get("bump")
    slugs = [each for _, group in _groups(said) for each in _slugs(group)]
    times = Counter(each.text for each in slugs)
    known = tuple(slug for kind in PACKAGES for slug in catalog.entries(kind))
    for each in slugs:
        if _named(each.text, catalog) is None:
            close = nearest(each.text, known)
            yield Problem(
                "desired.together",
                "what moves together is not in the catalog",
                each.span,
                "bump.together",
                found=f'"{each.text}"',
                why="only what the catalog approves has a next version",
                mend=f"write {close}" if close else "name it in catalog.yml first",
            )
        elif times[each.text] > 1:
            yield Problem(
                "desired.together",
                "a component is in two groups",
                each.span,
                "bump.together",
                found=f'"{each.text}"',
                why="it can change in one proposal only",
                mend="write one group with all that moves together",
            )


def _cool_downs(said: Node | None) -> Iterator[tuple[Step, int]]:
    for step, text in said.entries if isinstance(said, Map) else ():
        if isinstance(text, Text):
            yield Step(step.text), 0 if text.text == _NONE else duration_s(text.text) or 0


def _groups(said: Node | None) -> Iterator[tuple[Text, Node]]:
    together = said.get("together") if isinstance(said, Map) else None
    yield from together.entries if isinstance(together, Map) else ()


def _slugs(group: Node) -> tuple[Text, ...]:
    return (
        tuple(each for each in group.items if isinstance(each, Text))
        if isinstance(group, Items)
        else ()
    )


def _named(slug: str, catalog: Catalog) -> Name | None:
    return next((Name(kind, slug) for kind in PACKAGES if slug in catalog.entries(kind)), None)
