"""The engine's own tables in PostgreSQL: made once, and brought to what the installed engine needs.

Procrastinate ships each change of them as a file of SQL, named by its version, and remembers
nowhere which were applied; so that is noted here. What is in the tables is left to site_queue.
"""

from pathlib import Path

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException

from wpstate.adapters.database import Rows
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.model.problem import Problem, Refused

_FIRST_NOTED = "03.04.00_50_post_add_retry_failed_job_procedure"
"""What tables are of which nothing was noted: those of the first wpstate that had a queue."""
_TABLE = """CREATE TABLE IF NOT EXISTS queue_schema (
    one INTEGER PRIMARY KEY,
    migration TEXT NOT NULL
)"""
_NOTE = (
    "INSERT INTO queue_schema VALUES (1, ?)"
    " ON CONFLICT (one) DO UPDATE SET migration = excluded.migration"
)
# Not by to_regclass, which may answer from what it remembers of before the lock.
_IS_MADE = (
    "SELECT 1 FROM pg_tables WHERE tablename = 'procrastinate_jobs'"
    " AND schemaname = ANY(current_schemas(false))"
)


class QueueSchema:
    """Raises Failed (`database.unusable`)."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._is_ready = False
        database.needs(_TABLE)

    def prepare(self) -> None:
        """Make the tables; of two at a time the second finds them. Raises Refused (`queue.schema`)
        where they are another engine's."""
        if self._is_ready:
            return
        if not self._database.rows(_IS_MADE):
            self._make()
        has, needs = self._noted(), _installed()[-1]
        if has != needs:
            raise Refused([_other(has, needs)])
        self._is_ready = True

    def migrate(self) -> tuple[str, ...]:
        """Bring the tables to what the installed engine needs; the changes that were made, in
        order. May be repeated, also after one of them failed. Raises Refused as `prepare`, where
        they are a newer engine's."""
        if not self._database.rows(_IS_MADE):
            self._make()
        done: list[str] = []
        with self._database.writing() as alone:
            has, installed = self._noted(alone), _installed()
            if has > installed[-1]:
                raise Refused([_other(has, installed[-1])])
        for name in installed:
            if name > has:
                sql = (_folder() / f"{name}.sql").read_text("utf-8")
                self._run(sql)
                with self._database.writing() as rows:
                    rows.run(_NOTE, (name,))
                done.append(name)
        return tuple(done)

    def _make(self) -> None:
        with self._database.writing() as rows:
            if rows.run(_IS_MADE):
                return
            app = self._app()
            with app.open():
                app.schema_manager.apply_schema()
            rows.run(_NOTE, (_installed()[-1],))

    def _noted(self, rows: Rows | None = None) -> str:
        query = "SELECT migration FROM queue_schema"
        found = rows.run(query) if rows else self._database.rows(query)
        return str(found[0][0]) if found else _FIRST_NOTED

    def _run(self, sql: str) -> None:
        app = self._app()
        try:
            with app.open():
                app.connector.get_sync_connector().execute_query(sql.replace("%", "%%"))
        except (ConnectorException, psycopg.Error) as error:
            raise self._database.told(error) from None

    def _app(self) -> App:
        return App(connector=SyncPsycopgConnector(kwargs=self._database.parts, min_size=1))


def _folder() -> Path:
    from procrastinate.schema import SchemaManager

    return Path(SchemaManager.get_migrations_path())


def _installed() -> list[str]:
    """In their order: versions are written with leading zeros."""
    return sorted(path.stem for path in _folder().glob("*.sql"))


def _other(has: str, needs: str) -> Problem:
    newer = has > needs
    return Problem(
        "queue.schema",
        "the queue's tables are those of another version of its engine",
        key="WPSTATE_DATABASE",
        found=f"they are at {has}, the Procrastinate that is installed here is at {needs}",
        why="an engine that finds other tables than its own could lose jobs or hand them out twice",
        mend="install here what the other machines have: pip install -U 'wpstate[machines]'"
        if newer
        else "stop all workers and passes, bring all machines to one version, then once: "
        "wpstate worker --migrate",
    )
