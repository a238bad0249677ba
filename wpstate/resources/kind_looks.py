"""What a kind sees beside its part of the probe: pages as a visitor, and files that the
fleet keeps.

Asking is left to adapters.visiting, all else that a kind brings to resources.kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.state import Address, Json, State


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource, and what stands below it in a plan where it differs."""

    address: Address
    state: State
    lines: tuple[str, ...] = ()
    """Made of what a site says: each made visible and cut, a few dozen at most."""


class Files(Protocol):
    """What a kind needs in order to compare a site's files with kept ones."""

    def kept(self, theme: str, version: str) -> Mapping[str, bytes] | None:
        """Files of a theme as the fleet keeps them, by path in its folder; None where it keeps
        none."""

    def ask(self, question: Json) -> Json:
        """A further question to this kind's part of the probe, about the same site. Empty where it
        was not answered."""


class Looking:
    """A part of `Kind`. The defaults are those of a kind that the probe tells everything."""

    looks_in_runs: bool = False
    """Its looks see what a run may change, so runs look too. Otherwise they are for plans alone."""

    def looks(self, desired: DesiredState, observed: ObservedState) -> Iterable[LookRequest]:
        """What is asked as a visitor when the site is observed, beside what the probe read of it;
        in a run (`looks_in_runs`) with its token. A handful, none of which writes, and none where
        nothing was declared that shows there. Kinds that ask for one page share it (`page`)."""
        return ()

    def parse_looks(
        self, desired: DesiredState, observed: ObservedState, answers: Mapping[str, LookSeen]
    ) -> Iterable[tuple[Address, State] | Fault]:
        """Resources as the answers to `looks` show them, by the requests' names; they take the
        place of what the probe said. A look that did not come is there with its `error`: what it
        would have told is not absent but not seen, or a fault where a run rests on it."""
        return ()

    def compare_files(
        self, desired: DesiredState, observed: ObservedState, files: Files
    ) -> Iterable[Shown]:
        """Resources as the site's files show them beside what the fleet keeps of the same files,
        for plans alone; they are `visited` too."""
        return ()
