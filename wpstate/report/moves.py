"""One difference in words: from what to what, and who moved it, for plans and runs alike."""

from wpstate.model.change import Action, Change
from wpstate.model.event import Author
from wpstate.model.plan import Noted
from wpstate.model.state import short


def change_span(change: Change) -> str:
    """`5.5 → 5.7.2`; of an activation, that it is one: `5.7.2 inactive → active`."""
    before, after = short(change.before), short(change.after)
    if change.action is Action.ACTIVATE:
        return f"{before} → active"
    return f"{before} → {after}"


def by_whom(author: Author | None) -> str:
    """`, since Mon 23 Nov 14:20 UTC by anna (Stream)`; empty where the site knows nothing."""
    if author is None:
        return ""
    since = f", since {author.since:%a %d %b %H:%M} UTC"
    if author.by is not None:
        return f"{since} by {author.by} ({author.source})"
    names = ", ".join(author.signed_in[:3])
    return f"{since} ({author.source}{'; signed in then: ' + names if names else ''})"


def moved_span(noted: Noted) -> str:
    """`accueil → accueil-2`: what git asks, and what the site has; of what only waits, as of a
    change, what the site has and what it is to have."""
    seen = short(noted.state)
    if noted.asked is None:
        return seen
    asked = short(noted.asked)
    return f"{seen} → {asked}" if noted.sort == "waits" else f"{asked} → {seen}"
