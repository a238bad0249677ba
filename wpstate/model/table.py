"""What a rollback does to a site's tables. Deciding it is the host's work (safetynet/tiers.sh)."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.problem import Problem


class Tables(Enum):
    """How far a restore may go with the database."""

    CODE_FIRST = "code"
    """No table yet: the restore that puts them back must follow."""
    TIERED = "tables"
    """Only what loses no row that anybody but the run wrote."""
    WHOLE = "whole"
    """All of them, as a person has accepted."""


class Fate(Enum):
    """What would become of one table that differs from the snapshot."""

    BACK = "back"
    """It is gone, and comes back."""
    ASK = "ask"
    """The run changed it: it goes back with all newer rows, unless older rows changed since."""
    LIVE = "live"
    """Visitors write to it: its definition goes back, its rows stay as they are."""
    LEAVE = "leave"
    EMPTY = "empty"
    """The run added it: it is kept aside, unless it holds rows."""


@dataclass(frozen=True, slots=True)
class TableOffer:
    """One table, before anybody agreed to a rollback."""

    name: str
    fate: Fate
    newer: int | None
    """Rows added since the snapshot; None where the table does not count its rows."""
    changed: int | None
    """Rows of the snapshot that are other now or gone; None where nothing would overwrite them."""

    @property
    def stays(self) -> bool:
        return self.fate is Fate.LEAVE or (self.fate is Fate.ASK and self.changed != 0)


@dataclass(frozen=True, slots=True)
class TableLeft:
    """A table that was not put back, because rows would have been lost."""

    name: str
    rows: int | None
    """How many; None where nobody can tell."""
    why: str

    def __str__(self) -> str:
        rows = "" if self.rows is None else f", {self.rows} row{'' if self.rows == 1 else 's'}"
        return f"{self.name}{rows}: {self.why}"


def rows_left(site: str, run: str, left: tuple[TableLeft, ...], *, held: bool = False) -> Problem:
    """Rows that the rollback of `run` would have lost, and so did not touch."""
    mend = f"look at these tables; wpstate rollback {site} --to {run} --accept-loss rewinds them"
    if held:
        mend += "; visitors get a holding page until then, or until .maintenance is deleted"
    return Problem(
        "rollback.rows_left",
        "tables were not put back, because rows would have been lost",
        key=site,
        found="; ".join(map(str, left)),
        why="what somebody else wrote is never rewound without being asked for",
        mend=mend,
    )
