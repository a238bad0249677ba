"""Who answers for a run that no merge asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mandate:
    approved_by: str
    """A login, never an e-mail address."""
    why: str
