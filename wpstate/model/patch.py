"""An urgent patch: one plugin made one version, or switched off, on every site that has it."""

from dataclasses import dataclass

from wpstate.model.desired import Artifact
from wpstate.model.problem import Problem
from wpstate.model.reconciled import Standing
from wpstate.model.run import Run
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State


@dataclass(frozen=True, slots=True)
class Patch:
    address: Address
    want: State
    """A version, active or not as it is; or inactive, whatever its version."""
    artifact: Artifact | None = None
    """The bytes of that version, locked. None where it is switched off."""


@dataclass(frozen=True, slots=True)
class PatchedSite:
    """What became of one site that has the plugin, or could not be asked."""

    site: SiteId
    standing: Standing
    told: str
    """Why, in one line."""
    before: State | None
    """As it was found; None where it could not be seen."""
    git: str
    """Whose it is there: `managed`, `client`, `unmanaged`."""
    overrides: SourceSpan | None
    """The line of the files that asks for something else."""
    ring: str | None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A line of the fleet's files that asks for less than a patch brought."""

    at: SourceSpan
    keys: tuple[str, ...]
    """From the file's top."""
    before: str
    """Empty where nothing is said."""
    after: str | tuple[tuple[str, str], ...]
    """A value, or the keys and values of a map."""


@dataclass(frozen=True, slots=True)
class Patching:
    plugin: str
    version: str | None
    """None where it is switched off."""
    sha256: str | None
    sites: tuple[PatchedSite, ...]
    halted: str | None
    """Why it stopped, where it did."""
    follow_up: tuple[Overtaken, ...] = ()
    """What the fleet's files need, so that git asks for what the sites have by now."""
    branch: str | None = None
    """Where that is written."""
    unwritten: tuple[Problem, ...] = ()
    """Why it is not."""
