"""Who wants what no merge asked for, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mandate:
    approvers: tuple[str, ...]
    """By name or login, or a hash in the place of an e-mail address (planning.authority)."""
    why: str
