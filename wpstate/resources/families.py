"""Families of plugins that do the same work, and what a site has of each.

The shipped list is families.txt; catalog.yml adds its own. How many of a family a site may have is
policy, refusing is left to desired.rules and to the kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wpstate.model.rules import Rules


@dataclass(frozen=True, slots=True)
class Crowd:
    """More products of one family than a site may have."""

    family: str
    limit: int
    slugs: tuple[str, ...]
    """All of them, sorted."""
    products: int
    """Editions and add-ons of one product count once."""

    @property
    def numbers(self) -> str:
        return f"{self.products} of family {self.family}, at most {self.limit}"


def known_families(named: Mapping[str, str]) -> frozenset[str]:
    """Of the shipped list, and of the catalog's own words by slug."""
    return frozenset(family for family, _ in _shipped().values()) | frozenset(named.values())


def crowds(rules: Rules, named: Mapping[str, str], slugs: Iterable[str]) -> tuple[Crowd, ...]:
    """Families of which these plugins are too many. What is excepted does not count."""
    if not rules.families:
        return ()
    members: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for slug in slugs:
        if not rules.excepted(slug) and (found := _member(named, slug)):
            members[found[0]].append((found[1], slug))
    found_crowds = []
    for family, limit in rules.families:
        products = len({product for product, _ in members[family]})
        if products > limit:
            there = tuple(sorted(slug for _, slug in members[family]))
            found_crowds.append(Crowd(family, limit, there, products))
    return tuple(found_crowds)


def _member(named: Mapping[str, str], slug: str) -> tuple[str, str] | None:
    """Family and product of a plugin; the catalog's word wins."""
    shipped = _shipped().get(slug)
    family = named.get(slug)
    if family is None or (shipped and shipped[0] == family):
        return shipped
    return family, slug


@cache
def _shipped() -> Mapping[str, tuple[str, str]]:
    text = Path(__file__).with_name("families.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {slug: (family, slugs[0]) for family, *slugs in lines for slug in slugs}
