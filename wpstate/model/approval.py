"""On whose word a plan is applied: what people were shown before they agreed, and who they are."""

from dataclasses import dataclass

from wpstate.model.plan import Plan


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan as people saw it, known by its content."""

    digest: str
    """sha256 in hex over what was asked and seen, the rules, the bytes and the changes: the same
    for a plan of the same content, whoever made it when (planning.approved)."""
    plan: Plan
    is_named: bool = False
    """By a person, for its sites, whatever git asks of them by now. Else it counts only where
    what was proposed has been merged: where git asks just that."""
