"""On whose word a site is changed. What is said of people is what git and they themselves say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Authority:
    digest: str
    """Of the plan: the one that people saw, where they agreed to one (planning.approved)."""
    author: str | None
    """Of the change at that revision, by the name that git has, no address."""
    approvers: tuple[str, ...]
    """As the commit's trailers name them (`Approved-by`, `Reviewed-by`), or whoever began."""
    agreed: bool = False
    """The plan was shown before, and a person or a merge agreed to it."""
    why: str | None = None
    """Of an urgent patch, which no commit asked for."""
