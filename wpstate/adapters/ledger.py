"""The ledger: every run, on the controller. A copy that can be rebuilt from the hosts.

What a run means is left to model.run, how it reads to report, where rows lie to database.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from wpstate.adapters.database import Database, Row, Rows
from wpstate.model.change import Cause
from wpstate.model.passes import Tally
from wpstate.model.problem import Failed, Problem
from wpstate.model.run import BY_HAND, Outcome, Run, Tier
from wpstate.model.site import SiteId
from wpstate.report.record import run_from_text, run_to_text

_TABLES = (
    """CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    started_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    record TEXT NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS run_by_site ON run (site, started_at DESC)",
    # Runs that put a site back, and those that were to do nothing else.
    "CREATE TABLE IF NOT EXISTS put_back"
    " (run TEXT PRIMARY KEY, by_hand INTEGER NOT NULL, tier TEXT NOT NULL)",
    # Runs whose end was found out by somebody else.
    "CREATE TABLE IF NOT EXISTS settled (run TEXT PRIMARY KEY)",
)
_WRITE = (
    "INSERT INTO run VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET site = excluded.site,"
    " started_at = excluded.started_at, outcome = excluded.outcome, record = excluded.record"
)
_HEALED = "SELECT record FROM run WHERE outcome = ? AND record LIKE ?"
# Spares reading those that did something else, by far the most.
_DRIFT = f'%"cause":"{Cause.DRIFT.value}"%'
_SITES_IN_A_QUERY = 500
_PUT_BACK = (
    "INSERT INTO put_back VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET tier = excluded.tier"
)
_SETTLE = "INSERT INTO settled VALUES (?) ON CONFLICT (run) DO NOTHING"


class DatabaseLedger:
    """Runs by id and by site. Each write is one transaction, on disk before it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def add(self, run: Run) -> Run:
        """Write a run of one's own, as it is returned: where it was settled meanwhile, while this
        process hung, that end stands. Raises Failed (`ledger.unwritable`)."""
        try:
            with self._database.writing() as rows:
                if rows.run("SELECT run FROM settled WHERE run = ?", (run.id,)):
                    known = _one(rows.run("SELECT record FROM run WHERE id = ?", (run.id,)))
                    run = _ended_as(run, known) if known else run
                _write(rows, run)
        except Failed as failed:
            raise _unwritable(failed) from failed
        return run

    def settle(self, run: Run) -> Run:
        """Write how a run ended that somebody else began, as it is returned: with what is known
        of it already. Raises Failed (`ledger.unwritable`)."""
        try:
            with self._database.writing() as rows:
                known = _one(rows.run("SELECT record FROM run WHERE id = ?", (run.id,)))
                run = _ended_as(known, run) if known else run
                _write(rows, run)
                rows.run(_SETTLE, (run.id,))
        except Failed as failed:
            raise _unwritable(failed) from failed
        return run

    def runs(self, site: SiteId | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Newest first."""
        where, values = ("WHERE site = ?", (site,)) if site is not None else ("", ())
        query = f"SELECT record FROM run {where} ORDER BY started_at DESC, id LIMIT ?"  # noqa: S608
        rows = self._database.rows(query, (*values, limit))
        return tuple(run_from_text(record) for (record,) in rows)

    def that_healed(self, sites: Collection[SiteId]) -> tuple[Run, ...]:
        """All that put drift back on these sites, in no order."""
        found: list[Row] = []
        for some in _portions(sorted(sites)):
            named = ", ".join("?" * len(some))
            query = f"{_HEALED} AND site IN ({named})"
            found += self._database.rows(query, (Outcome.APPLIED.value, _DRIFT, *some))
        return tuple(run_from_text(record) for (record,) in found)

    def tally(self) -> Tally:
        """Counts over all runs. Of those that older versions wrote, nobody knows how they went
        back."""
        ask = self._database.rows
        outcomes = ask(
            "SELECT outcome, COUNT(*) FROM run WHERE id NOT IN"
            " (SELECT run FROM put_back WHERE by_hand = 1) GROUP BY outcome"
        )
        tiers = ask("SELECT tier, COUNT(*) FROM put_back WHERE tier <> '' GROUP BY tier")
        confirmed = ask(
            "SELECT site, MAX(started_at) FROM run WHERE outcome IN (?, ?) GROUP BY site",
            (Outcome.APPLIED.value, Outcome.IN_SYNC.value),
        )
        return Tally(
            {Outcome(word): count for word, count in outcomes},
            {Tier(word): count for word, count in tiers},
            {SiteId(site): datetime.fromisoformat(at) for site, at in confirmed},
        )

    def run(self, run_id: str) -> Run | None:
        return _one(self._database.rows("SELECT record FROM run WHERE id = ?", (run_id,)))


def _portions(sites: list[SiteId]) -> Iterator[list[SiteId]]:
    for at in range(0, len(sites), _SITES_IN_A_QUERY):
        yield sites[at : at + _SITES_IN_A_QUERY]


def _one(rows: list[Row]) -> Run | None:
    return run_from_text(rows[0][0]) if rows else None


def _write(rows: Rows, run: Run) -> None:
    began = run.started_at.isoformat()
    rows.run(_WRITE, (run.id, run.site, began, run.outcome.value, run_to_text(run)))
    by_hand, tier = int(run.plan == BY_HAND), run.tier.value if run.tier else ""
    if by_hand or tier:
        rows.run(_PUT_BACK, (run.id, by_hand, tier))


def _ended_as(run: Run, found: Run) -> Run:
    """What a run knows of itself, with the end that was found."""
    return replace(
        run,
        outcome=found.outcome,
        reasons=found.reasons,
        caches=found.caches,
        tier=found.tier or run.tier,
    )


def _unwritable(failed: Failed) -> Failed:
    return Failed(
        Problem(
            "ledger.unwritable",
            "the run could not be written into the ledger",
            key=problem.key,
            found=problem.found,
            why="the host keeps its own record, so nothing but this copy is lost",
            mend="make room on this machine, or see that what WPSTATE_DATABASE names answers",
        )
        for problem in failed.problems
    )
