"""Keeps the plans that people were shown, by the digest of their content.

Which of them counts for what is left to planning.approved, where rows lie to database.
"""

import re
from datetime import UTC, datetime

from wpstate.adapters.database import Database, Rows
from wpstate.model.approval import ShownPlan
from wpstate.model.plan import Plan
from wpstate.planning.approved import plan_digest
from wpstate.report.record import plan_from_text, plan_to_text

MOST_PLANS = 200
MOST_BYTES = 32 << 20
"""Of each fleet, since a pass reads them all; older ones go, but never the last."""
_TABLES = (
    """CREATE TABLE IF NOT EXISTS shown_plan (
    digest TEXT PRIMARY KEY,
    fleet TEXT NOT NULL,
    shown_at TEXT NOT NULL,
    proposed INTEGER NOT NULL,
    record TEXT NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS shown_plan_by_fleet ON shown_plan (fleet, shown_at DESC)",
)
# A plan that was shown for a proposal stays one, whoever sees it later.
_WRITE = (
    "INSERT INTO shown_plan VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET"
    " shown_at = excluded.shown_at, record = excluded.record,"
    " proposed = CASE WHEN shown_plan.proposed = 1 THEN 1 ELSE excluded.proposed END"
)
_DIGEST = re.compile(r"[0-9a-f]{12,64}")


class DatabaseShownPlans:
    """Fulfils ports.ShownPlans. Every method raises Failed (`database.unusable`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def keep(self, plan: Plan, shown_at: datetime, *, proposed: bool) -> str:
        digest = plan_digest(plan)
        at = shown_at.astimezone(UTC).isoformat(timespec="microseconds")
        with self._database.writing() as rows:
            rows.run(_WRITE, (digest, plan.fleet, at, int(proposed), plan_to_text(plan)))
            _forget_old(rows, plan.fleet)
        return digest

    def proposed(self, fleet: str) -> tuple[ShownPlan, ...]:
        rows = self._database.rows(
            "SELECT digest, record FROM shown_plan WHERE fleet = ? AND proposed = 1"
            " ORDER BY shown_at DESC, digest",
            (fleet,),
        )
        return tuple(ShownPlan(digest, plan_from_text(text, digest)) for digest, text in rows)

    def of_digest(self, fleet: str, digest: str) -> ShownPlan | None:
        if not _DIGEST.fullmatch(digest):
            return None
        rows = self._database.rows(
            "SELECT digest, record FROM shown_plan WHERE fleet = ? AND digest LIKE ?",
            (fleet, f"{digest}%"),
        )
        if len(rows) != 1:
            return None
        return ShownPlan(rows[0][0], plan_from_text(rows[0][1], digest), is_named=True)


def _forget_old(rows: Rows, fleet: str) -> None:
    lengths = rows.run(
        "SELECT digest, LENGTH(record) FROM shown_plan WHERE fleet = ? ORDER BY shown_at DESC",
        (fleet,),
    )
    used = 0
    for place, (digest, length) in enumerate(lengths):
        used += length
        if place and (place >= MOST_PLANS or used > MOST_BYTES):
            rows.run("DELETE FROM shown_plan WHERE digest = ?", (digest,))
