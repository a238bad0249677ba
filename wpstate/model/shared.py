"""Another repository, out of which a fleet takes profiles and catalog."""

from dataclasses import dataclass

from wpstate.model.source import SourceSpan


@dataclass(frozen=True, slots=True)
class Shared:
    path: str
    """Of a folder in it on this machine, from the fleet's own folder: `../agency-base`."""
    commit: str
    """40 hex digits: what counts changes only where the fleet's own file does."""
    span: SourceSpan
