"""An Observer that also asks a site's own address, as a visitor, what kinds want to know of it, and
lets them compare its files with those that the fleet keeps.

Looking through the probe is left to the observer that this one is built on, reading the answers to
the kinds. Pages are fetched for plans and observations alone; what a run changes and must see
changed is asked within it too, with the token that opens the frozen site.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.problem import WpstateError
from wpstate.model.site import SiteId
from wpstate.model.state import Address, Json, State
from wpstate.ports import KeptFiles, Probe, Secrets, Visitor
from wpstate.resources.kind import Kind
from wpstate.resources.kind_looks import Shown
from wpstate.resources.registry import KINDS

SITES_AT_ONCE = 16


class VisitingObserver:
    """Each page of a site is fetched once, however many kinds ask for it."""

    def __init__(
        self,
        probe: Probe,
        visitor: Callable[[], Visitor],
        secrets: Secrets,
        kept: KeptFiles,
        *,
        in_run: bool = False,
    ) -> None:
        """`visitor` is called once something is asked. `in_run`: no pages and no files."""
        self._probe = probe
        self._visitor = visitor
        self._secrets = secrets
        self._kept = kept
        self._in_run = in_run

    def observe(
        self,
        several: Sequence[DesiredState],
        *,
        token: str | None = None,
        through: Visitor | None = None,
    ) -> Mapping[SiteId, ObservedState]:
        """As the probe does; sites of which nothing is asked cost nothing more.

        Never raises for one site's trouble: what did not come is told by its kind.
        """
        seen = dict(self._probe.observe(several))
        asking = [one for one in several if self._asks(one, seen[one.site.id])]
        if asking:
            visitor = through or self._visitor()

            def visit(desired: DesiredState) -> ObservedState:
                return self._visited(desired, seen[desired.site.id], visitor, token)

            with ThreadPoolExecutor(SITES_AT_ONCE, "visit") as pool:
                for state in pool.map(visit, asking):
                    seen[state.site] = state
        return seen

    def _asks(self, desired: DesiredState, observed: ObservedState) -> bool:
        visited = not self._in_run and any(managed.visited for managed in desired.managed)
        return visited or bool(self._requests(desired, observed))

    def _requests(self, desired: DesiredState, observed: ObservedState) -> tuple[LookRequest, ...]:
        looks = (look for kind in self._looking() for look in kind.looks(desired, observed))
        return tuple(dict.fromkeys(looks))

    def _looking(self) -> Iterator[Kind]:
        return (kind for kind in KINDS if kind.looks_in_runs or not self._in_run)

    def _visited(
        self,
        desired: DesiredState,
        observed: ObservedState,
        visitor: Visitor,
        token: str | None,
    ) -> ObservedState:
        answers = self._answers(desired, observed, visitor, token)
        resources, details = dict(observed.resources), dict(observed.details)
        faults = list(observed.faults)
        for found in self._found(desired, observed, answers):
            match found:
                case Fault():
                    faults.append(found)
                case Shown(address, state, lines):
                    resources[address], details[address] = state, lines
                case address, state:
                    resources[address] = state
        return replace(
            observed,
            resources=tuple(sorted(resources.items())),
            details=tuple(sorted(details.items())),
            faults=tuple(faults),
        )

    def _found(
        self,
        desired: DesiredState,
        observed: ObservedState,
        answers: Mapping[LookRequest, LookSeen],
    ) -> Iterator[tuple[Address, State] | Shown | Fault]:
        for kind in KINDS:
            if not self._in_run and not observed.faults:
                files = _Files(desired, kind.name, self._kept, self._probe)
                yield from kind.compare_files(desired, observed, files)
        for kind in () if observed.faults else self._looking():
            looks = {look.name: answers[look] for look in kind.looks(desired, observed)}
            if looks:
                yield from kind.parse_looks(desired, observed, looks)

    def _answers(
        self,
        desired: DesiredState,
        observed: ObservedState,
        visitor: Visitor,
        token: str | None,
    ) -> Mapping[LookRequest, LookSeen]:
        requests = self._requests(desired, observed)
        held_back = observed.frozen_by is not None and token is None
        if observed.faults or held_back:  # visitors are kept out, or nobody can tell
            return _none_came(requests, "not_sent")
        headers = desired.policy.look_headers
        try:
            carried = [header.filled(self._secrets.reveal(header.secret)) for header in headers]
        except WpstateError:  # a run says what is wrong with it
            return _none_came(requests, "no_secret")
        sent = [replace(request, with_token=token is not None) for request in requests]
        timeout_s = desired.policy.look_timeout_s
        seen = visitor.carrying(carried).look(sent, token=token, timeout_s=timeout_s)
        return dict(zip(requests, seen, strict=True))


@dataclass(frozen=True, slots=True)
class _Files:
    """Of one site, for one kind."""

    desired: DesiredState
    kind: str
    keeper: KeptFiles
    probe: Probe

    def kept(self, theme: str, version: str) -> Mapping[str, bytes] | None:
        return self.keeper.of_theme(self.desired, theme, version)

    def ask(self, question: Json) -> Json:
        asking = replace(self.desired, questions={self.kind: question})
        return self.probe.observe([asking])[self.desired.site.id].answer(self.kind)


def _none_came(requests: tuple[LookRequest, ...], error: str) -> Mapping[LookRequest, LookSeen]:
    return {r: LookSeen(r, None, r.url, (), "", 0.0, error=error) for r in requests}
