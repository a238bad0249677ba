"""What moved on a site, of which a person decides: chosen by its keys, and told in a commit.

Finding it is left to planning.compare, the words that adopt it to the kinds.
"""

import hashlib
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from wpstate.model.adopted import Moved
from wpstate.model.change import Cause
from wpstate.model.event import Author
from wpstate.model.plan import SitePlan
from wpstate.model.problem import Problem, Refused
from wpstate.model.site import SiteId
from wpstate.resources.foreign_text import unmarked
from wpstate.resources.nearest import nearest

_SORTS: Final = ("drift", "conflict", "exempt")
_CAUSES: Final = {Cause.DRIFT: "drift", Cause.CONFLICT: "conflict"}
EMAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_NO_NAME: Final = re.compile(r"[^a-z0-9._]+|\.\.+")


def moved(site: SitePlan) -> tuple[Moved, ...]:
    """All of it, by address: also what the next run would put back by itself."""
    noted = [
        Moved(one.address, one.asked, one.state, one.sort, one.author)
        for one in site.noted
        if one.sort in _SORTS
    ]
    healed = [
        Moved(change.address, change.after, change.before, _CAUSES[change.cause], change.author)
        for change in site.changes
        if change.cause in _CAUSES
    ]
    return tuple(sorted((*noted, *healed), key=lambda one: one.address))


def named(site: SiteId, there: Sequence[Moved], keys: Sequence[str]) -> tuple[Moved, ...]:
    """What these addresses or globs name; without any all that is not exempt.

    Raises Refused (`drift.none`) where one names nothing that moved, or nothing did.
    """
    chosen = {
        one.address: one
        for one in there
        if (any(fnmatchcase(one.address, key) for key in keys) if keys else one.sort != "exempt")
    }
    lost = [key for key in keys if not any(fnmatchcase(one, key) for one in chosen)]
    if lost or not chosen:
        raise Refused(_none(site, key, there) for key in lost or [""])
    return tuple(chosen.values())


def told(one: Moved) -> str:
    """`options.x, since … by anna (Stream)`, for what git keeps: the value itself may be a secret,
    or somebody's address."""
    return f"{unmarked(one.address)}{_by(one.author)}"


def _by(author: Author | None) -> str:
    if author is None:
        return "; the site does not know who did it"
    since = f", since {author.since:%Y-%m-%d %H:%M} UTC"
    if author.by is not None:
        return f"{since} by {person(author.by)} ({author.source})"
    names = ", ".join(person(name) for name in author.signed_in[:3])
    return f"{since} ({author.source}{'; signed in then: ' + names if names else ''})"


def person(name: str) -> str:
    """A login as it is; what is an address by a hash, which tells the same person again."""
    if "@" in name:
        return f"person {hashlib.sha256(name.lower().encode()).hexdigest()[:12]}"
    return unmarked(name, 60)


def _none(site: SiteId, key: str, there: Sequence[Moved]) -> Problem:
    drifted = [str(one.address) for one in there]
    close = nearest(key, drifted)
    return Problem(
        "drift.none",
        "nothing of this name was changed on the site" if key else "nothing drifted on the site",
        key=f"{site}: {key}" if key else site,
        found=f"changed there: {', '.join(drifted[:8])}" if drifted else "no drift",
        why="what git asks for and the site does not have yet is pending, and no drift",
        mend=f"did you mean {close}?" if close else f"wpstate plan {site}",
    )


def branch(verb: str, site: SiteId, several: Sequence[Moved]) -> str:
    """Of its own for each set of values, so that one proposal never takes the place of another:
    `wpstate/adopt/boutique/options.blogname`."""
    if len(several) == 1:
        last = _NO_NAME.sub("-", several[0].address.lower())[:80].strip("-.")
        return f"wpstate/{verb}/{site}/{last.removesuffix('.lock')}"
    keys = "\n".join(one.address for one in several)
    return f"wpstate/{verb}/{site}/{len(several)}-{hashlib.sha256(keys.encode()).hexdigest()[:8]}"
