"""An Observer that also fetches, as a visitor, the pages that kinds of resource ask for.

For plans and observations: a run holds visitors back, so it looks through the probe alone. Looking
through the probe is left to the observer that this one is built on, reading the pages to the kinds.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.problem import WpstateError
from wpstate.model.site import SiteId
from wpstate.ports import Observer, Secrets, Visitor
from wpstate.resources.registry import KINDS

SITES_AT_ONCE = 16


class VisitingObserver:
    """Each page of a site is fetched once, however many kinds ask for it."""

    def __init__(self, observer: Observer, visitor: Visitor, secrets: Secrets) -> None:
        self._observer = observer
        self._visitor = visitor
        self._secrets = secrets

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        """As the observer that it is built on; sites that ask for no page cost nothing more.

        Never raises for one site's trouble: a page that did not come is told by its kind.
        """
        seen = dict(self._observer.observe(several))
        asking = [desired for desired in several if _requests(desired)]
        if asking:
            with ThreadPoolExecutor(SITES_AT_ONCE, "visit") as pool:
                for state in pool.map(lambda one: self._visited(one, seen[one.site.id]), asking):
                    seen[state.site] = state
        return seen

    def _visited(self, desired: DesiredState, observed: ObservedState) -> ObservedState:
        pages = self._pages(desired, observed)
        resources = dict(observed.resources)
        for kind in KINDS:
            asked = tuple(pages[request] for request in kind.pages(desired))
            if asked:
                resources.update(kind.parse_pages(desired, observed, asked))
        return replace(observed, resources=tuple(sorted(resources.items())))

    def _pages(
        self, desired: DesiredState, observed: ObservedState
    ) -> Mapping[LookRequest, LookSeen]:
        requests = _requests(desired)
        if observed.faults or observed.frozen_by:  # visitors are kept out, or nobody can tell
            return _none_came(requests, "not_sent")
        headers = desired.policy.look_headers
        try:
            carried = [header.filled(self._secrets.reveal(header.secret)) for header in headers]
        except WpstateError:  # a run says what is wrong with it
            return _none_came(requests, "no_secret")
        seen = self._visitor.carrying(carried).look(
            requests, token=None, timeout_s=desired.policy.look_timeout_s
        )
        return dict(zip(requests, seen, strict=True))


def _none_came(requests: tuple[LookRequest, ...], error: str) -> Mapping[LookRequest, LookSeen]:
    return {r: LookSeen(r, None, r.url, (), "", 0.0, error=error) for r in requests}


def _requests(desired: DesiredState) -> tuple[LookRequest, ...]:
    return tuple(dict.fromkeys(request for kind in KINDS for request in kind.pages(desired)))
