"""A site of a small agency, for cases of kinds: what its file asks, and what is seen of it.

What the probe and a visitor said is read by the real parts; only the wire is left out.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tests.builders import NOW
from tests.unit.desired.folders import REPOSITORY, texts_below
from wpstate.adapters.visiting import VisitingObserver
from wpstate.desired.compose import compose
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.site import SiteId
from wpstate.planning.follows import brought_changes
from wpstate.resources.observation import answered, observed_states

Json = dict[str, Any]

CASES = REPOSITORY / "tests" / "cases" / "kinds"
SHOP = SiteId("shop")
URL = "https://shop.example"
_AGENCY = REPOSITORY / "tests" / "cases" / "agency"
FLEET = texts_below(_AGENCY / "fleet")
USUAL: Json = json.loads((_AGENCY / "observed.json").read_text("utf-8"))
"""What the probe says of the agency's usual site."""
HASHES = {
    path: sha256(text.encode()).hexdigest()
    for path, text in FLEET.items()
    if path.startswith("files/")
}
"""Files of code that the agency carries."""
_NOWHERE = {"status": 404, "headers": {}, "body": "<html><body>Not found</body></html>"}


def asked(text: str) -> DesiredState:
    """What a site's file asks: these lines below its address."""
    return compose(FLEET | {"sites/shop.yml": f"url: {URL}\n{text}"}).sites[0]


def seen(desired: DesiredState, said: Json) -> ObservedState:
    """What the probe saw: the agency's usual site, but for this. Kinds are told one by one; of one
    that is None the probe tells nothing."""
    kinds = {**USUAL["kinds"], **said.get("kinds", {})}
    entry = {**USUAL, **said, "kinds": {name: told for name, told in kinds.items() if told}}
    text = json.dumps({"format": 1, "php": "8.2.29", "sites": [entry]})
    return answered(observed_states(text, [SHOP], NOW)[SHOP], desired.questions)


def visited(desired: DesiredState, observed: ObservedState, pages: Json) -> ObservedState:
    """The same, with what a visitor was told: pages by the names of requests, else a 404."""
    wire: Any = _Recorded(observed, pages)
    return VisitingObserver(wire, lambda: wire, wire, wire).observe([desired])[SHOP]


def whole(changes: Sequence[Change], observed: ObservedState) -> tuple[Change, ...]:
    """All that a run changes: what is planned, and what that brings about."""
    return (*changes, *brought_changes(changes, observed))


class _Recorded:
    """What a site answered, where a probe and a visitor would ask it."""

    def __init__(self, observed: ObservedState, pages: Json) -> None:
        self._observed, self._pages = observed, pages

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        return {SHOP: self._observed}

    def carrying(self, headers: Sequence[object]) -> "_Recorded":
        return self

    def look(self, requests: Sequence[LookRequest], **_: object) -> tuple[LookSeen, ...]:
        return tuple(self._page(request) for request in requests)

    def _page(self, request: LookRequest) -> LookSeen:
        page = self._pages.get(request.name, _NOWHERE)
        headers = tuple(page["headers"].items())
        return LookSeen(request, page["status"], request.url, headers, page["body"], 0.1)
