"""Is a component still who it was? Slugs have been taken over, and plugins sold.

What is expected comes from the catalog, and from what the lock recorded of the versions before;
what headers say is read by resources.file_headers, of a live site by its probe.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from wpstate.model.change import Change
from wpstate.model.identity import Expected, Identity
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import Address
from wpstate.resources.versions import compare

NOTED_AS = "identity"
OTHER_IDENTITY = "its headers name somebody else than the catalog and the lock do"

_UNREADABLE = re.compile("\ufffd+")
"""What is no UTF-8: PHP puts one such sign for each byte, Python one for several."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A component of a site that does not say that it is who it must be."""

    address: Address
    lines: tuple[str, ...]
    """`author "Mallory" in place of "Ana"`."""
    accepted: str | None
    """What in the catalog would accept it; None where the lock knows this very version."""


def merged(named: Identity | None, known: Identity | None) -> Identity | None:
    """What the catalog says, and for the rest what was recorded."""
    if named is None or known is None:
        return named or known
    return Identity(
        known.author if named.author is None else named.author,
        known.text_domain if named.text_domain is None else named.text_domain,
        known.update_uri if named.update_uri is None else named.update_uri,
    )


def changes_of(expected: Identity, found: Identity) -> Iterator[tuple[str, str, str]]:
    """Name, expected and found value of each header that is not as it must be."""
    for each in fields(Identity):
        asked, seen = getattr(expected, each.name), getattr(found, each.name)
        if asked in (None, seen) or seen is None:
            continue
        if _readable(asked) != _readable(seen):
            yield each.name, asked, seen


def in_words(changed: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, ...], str]:
    """What changed, and the keys of the catalog that would accept it."""
    words = tuple(f'{name} "{seen}" in place of "{asked}"' for name, asked, seen in changed)
    return words, ", ".join(f'{name}: "{seen}"' for name, _, seen in changed)


def strangers(
    expected: Mapping[Address, Expected],
    observed: ObservedState,
    identities: Mapping[Address, Identity],
) -> Iterator[Stranger]:
    """Installed components that are not who the catalog expects, asked for or not."""
    states = dict(observed.resources)
    for address, said in sorted(identities.items()):
        if address in expected and address in states:
            version = states[address].version or ""
            who = _stranger(address, version, said, expected[address])
            if who is not None:
                yield who


def stopped(changes: Iterable[Change], found: Iterable[Stranger]) -> Iterator[Problem]:
    """Changes that would touch one of them. Moving it away is what a person would do about it; to
    drop its data, its own code would be asked."""
    by_address = {who.address: who for who in found}
    for change in changes:
        who = by_address.get(change.address)
        if who is not None and (change.after.present or change.purge_data):
            yield _stops(change, who)


def _stranger(
    address: Address, version: str, found: Identity, expected: Expected
) -> Stranger | None:
    """None where all is as expected, and where nothing is expected of this version."""
    wanted = _of_installed(expected, version)
    if wanted is None:
        return None
    said = found if found.text_domain else replace(found, text_domain=expected.slug)
    if said == wanted:  # nearly always
        return None
    changed = tuple(changes_of(wanted, said))
    if not changed:
        return None
    words, accepted = in_words(changed)
    return Stranger(address, words, None if version in expected.locked else accepted)


def _stops(change: Change, who: Stranger) -> Problem:
    accept = f"; to accept: `identity: {{{who.accepted}}}` in catalog.yml" if who.accepted else ""
    return Problem(
        "plan.identity",
        "a component of the site no longer says that it is who it was",
        change.source,
        change.address,
        found=f"{change.before.version or 'no version'}: {', '.join(who.lines)}",
        why="a slug that changed hands runs somebody else's code under a name that you trust",
        mend=f"find out who put it there, and ask for it as absent meanwhile{accept}",
    )


def _of_installed(expected: Expected, version: str) -> Identity | None:
    """A locked version beside the approved one is who it was; what is newer must be who the newest
    was. The lock does not know who an older one may have been: authors call themselves otherwise
    over the years. Of that only the catalog speaks."""
    recorded = expected.locked.get(version)
    if recorded is not None and version != expected.approved:
        return recorded
    newest = expected.newest
    if recorded is None and newest is not None and compare(version, newest) > 0:
        recorded = expected.locked[newest]
    return merged(expected.named, recorded)


def _readable(text: str) -> str:
    return _UNREADABLE.sub("\ufffd", text)
