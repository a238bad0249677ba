"""Who changed the fleet, and who agreed: out of commits' own words. Pure.

Whoever writes a commit writes these names: they are worth what the forge's protection of the branch
is. No e-mail address is taken over.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from wpstate.model.authority import Authority
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.proposal import CommitWords

_TRAILER = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]{1,40}): *(?P<who>\S.*)")
_APPROVES = ("approved-by", "reviewed-by")
_MOST_PEOPLE = 20
_MOST_CHARACTERS = 100
_ADDRESS = re.compile(r"<[^<>]*>")


def authority_of(plan: Plan, site_plan: SitePlan | None) -> Authority | None:
    """For the run of one site."""
    shown = site_plan.shown if site_plan else None
    if plan.authority is None or shown is None:
        return plan.authority
    return replace(plan.authority, digest=shown, agreed=True)


def author_of(commit: CommitWords, proposed: CommitWords | None) -> str | None:
    """`proposed`: the last commit of the branch, where `commit` is its merge."""
    return person(proposed.author if proposed else commit.author)


def approvers_of(message: str, told: Iterable[str]) -> tuple[str, ...]:
    """`told`: by whoever applies."""
    found = (person(who) for who in (*told, *_trailers(message)))
    return tuple(dict.fromkeys(who for who in found if who))[:_MOST_PEOPLE]


def person(written: str) -> str | None:
    """A name as shown: `Ada Baker` of `Ada Baker <ada@example.org>`. Of an address alone a hash,
    under which the same person is found again."""
    name = " ".join(_ADDRESS.sub(" ", written).split())
    if not name or "@" in name:
        address = (re.findall(r"[^\s<>]+@[^\s<>]+", written) or [""])[0]
        name = f"person {hashlib.sha256(address.lower().encode()).hexdigest()[:8]}"
        return name if address else None
    shown = "".join(c for c in name if c.isprintable())
    return shown[:_MOST_CHARACTERS] or None


def _trailers(message: str) -> Iterator[str]:
    """Of the last paragraph, as git has them."""
    last = message.strip().replace("\r\n", "\n").split("\n\n")[-1]
    for line in last.splitlines():
        found = _TRAILER.fullmatch(line.strip())
        if found and found["name"].lower() in _APPROVES:
            yield found["who"]
