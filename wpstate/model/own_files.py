"""What goes back of a site where one resource alone does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnFiles:
    path: str
    """A folder or a file, absolute on the host, that holds one resource and nothing else."""
    tables_of: str | None = None
    """The folder below the plugins' whose PHP names the tables that go back with it."""
