"""What kinds ask of a site's own address. Asking is left to adapters.visiting."""

from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import Fault


def page(desired: DesiredState, path: str) -> LookRequest:
    """The request for a page of the site as a visitor, the same for every kind that asks."""
    return LookRequest(f"GET {path}", f"{desired.site.url}{path}")


def unanswered(look: LookSeen) -> Fault:
    """For what an answer that never came, or came from a failing site, would have told."""
    got = look.error or f"status {look.status}"
    return Fault("web_unseen", f"{look.request.name}: {got}")
