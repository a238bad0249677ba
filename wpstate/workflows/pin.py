"""Proposes that git asks for the versions that a rolled back update left: one change for each
component, of all sites that are asked for it.

Which these are is decided in planning.pins; the words are the kinds', the edits desired.adopting's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from wpstate.desired.adopting import kin, site_path, with_words
from wpstate.desired.compose import compose
from wpstate.desired.parts import take_apart
from wpstate.model.adopted import Words
from wpstate.model.desired import DesiredState
from wpstate.model.pin import Pin
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.state import Address, kind_of, short
from wpstate.planning.build import build_site
from wpstate.planning.by_rule import with_rules
from wpstate.planning.pins import pins
from wpstate.planning.rollout import Pair
from wpstate.ports import Author, Change, Observer
from wpstate.resources.catalog import Catalog
from wpstate.resources.registry import KIND
from wpstate.workflows.plan import chosen


@dataclass(frozen=True, slots=True)
class Pinned:
    """One component, on all sites that keep an earlier version of it."""

    address: Address
    pins: tuple[Pin, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Pinning:
    done: tuple[Pinned, ...]
    left: tuple[Problem, ...]
    """What no file could ask for, and sites that could not be seen."""


def pinning(
    texts: Mapping[str, str],
    names: Iterable[str],
    observer: Observer,
    author: Author,
    today: date,
) -> Pinning:
    """`texts`: the files that the changes are made to. Raises UsageError for unknown sites,
    InvalidDesiredState where the texts are off."""
    sites = chosen(compose(texts, today=today), names)
    seen = observer.observe(sites)
    pairs = [(with_rules(d, seen[d.site.id]), seen[d.site.id]) for d in sites]
    left = [_unseen(desired) for desired, observed in pairs if observed.faults]
    by_address: dict[Address, list[Pin]] = {}
    for pin in pins(pairs):
        by_address.setdefault(pin.address, []).append(pin)
    done: list[Pinned] = []
    of_site = {pair[0].site.id: pair for pair in pairs}
    for address, several in sorted(by_address.items()):
        files, kept = dict(texts), []
        for pin in several:
            text = _with(files, pin, of_site[pin.site], today)
            if isinstance(text, Problem):
                left.append(text)
            else:
                files[site_path(pin.site)] = text
                kept.append(pin)
        if kept:
            done.append(Pinned(address, tuple(kept), _change(address, kept, files, author)))
    return Pinning(tuple(done), tuple(left))


def _with(texts: Mapping[str, str], pin: Pin, pair: Pair, today: date) -> str | Problem:
    """The site's file with it, proven: composed anew there is nothing to do for it."""
    desired, observed = pair
    catalog = take_apart(texts, kin(texts, pin.site)).catalog or Catalog()
    kind = KIND[kind_of(pin.address)]
    words = kind.written(pin.address, pin.seen, desired, observed, catalog)
    if isinstance(words, str):
        return _no_words(pin, words)
    try:
        text = with_words(texts, pin.site, _exactly(words, pin), pin.why)
        fleet = compose(
            {**texts, site_path(pin.site): text}, today=today, only=kin(texts, pin.site)
        )
    except InvalidDesiredState as error:
        return _no_words(pin, f"{error.problems[0].slug}: {error.problems[0].what}")
    asked = next(each for each in fleet.sites if each.site.id == pin.site)
    planned = build_site(asked, observed)
    if any(change.address == pin.address for change in planned.changes):
        return _no_words(pin, "the file would still ask for something else")
    return text


def _exactly(words: Words, pin: Pin) -> Words:
    """A pin says the version itself: what is `approved` goes on with the catalog."""
    if pin.seen.version is None:
        return words
    return replace(words, parts={**words.parts, "version": pin.seen.version}, short_for="version")


def _change(address: Address, kept: list[Pin], files: Mapping[str, str], author: Author) -> Change:
    refused = kept[0].refused
    lines = [f"- {pin.site} keeps {short(pin.seen)}" for pin in kept]
    where = ", ".join(kept[0].where)
    return Change(
        branch=f"wpstate/pin/{address.lower()}",
        title=f"Pin {address}: {short(refused)} was rolled back",
        body="\n".join([f"{short(refused)} was rolled back on {where}.", "", *lines]),
        files={
            site_path(pin.site): files[site_path(pin.site)].encode("utf-8", "surrogateescape")
            for pin in kept
        },
        author=author,
    )


def _no_words(pin: Pin, found: str) -> Problem:
    return Problem(
        "pin.left",
        "this version cannot be pinned by a site's file",
        key=f"{pin.site}: {pin.address}",
        found=found,
        why=f"{pin.why}, and passes leave it alone until git asks for something else",
        mend="write by hand what the site shall have",
    )


def _unseen(desired: DesiredState) -> Problem:
    return Problem(
        "pin.unseen",
        "this site could not be seen, so nobody knows what it keeps",
        key=desired.site.id,
        why="a pin asks for just what a site has",
        mend=f"wpstate observe {desired.site.id}",
    )
