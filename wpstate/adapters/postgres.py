"""What the controller keeps, in PostgreSQL: adapters.database over psycopg, for many machines.

The address holds a password: it is shown nowhere, and blotted out of what the driver says.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError:
    psycopg = None  # type: ignore[assignment]

from wpstate.adapters.database import BUSY_S, Database, Row, Rows, Value, unusable
from wpstate.model.problem import Failed, Problem, UsageError
from wpstate.model.secret import Secret

_AGAIN_S = 0.5
_ONE_WRITER = 0x77707374  # "wpst": pg_advisory_xact_lock
_SETTINGS = {
    # A client that was stopped in the middle holds up the others no longer than this.
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": f"{BUSY_S}s",
    "statement_timeout": f"{2 * BUSY_S}s",
    "synchronous_commit": "on",
}


class PostgresDatabase(Database):
    """One connection, made when first needed and anew where it was lost. A server that restarts
    is waited for, as a busy file is; one never reached, only by what would be lost else."""

    def __init__(self, url: Secret) -> None:
        """Raises UsageError (`database.address`, `database.driver`)."""
        super().__init__()
        self.parts = address(url)
        """What another library of this process connects with. Holds the password."""
        self._secrets = url, Secret(str(self.parts.get("password") or ""))
        self._lock = RLock()
        self._kept: psycopg.Connection | None = None
        self._made = 0
        self._reached = False

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        try:
            return super().rows(statement, values)
        except Failed:
            if self._kept is None or not self._kept.closed:
                raise
        # It broke under the question, which may be asked again.
        return super().rows(statement, values)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        with self._lock, self._told(), self._ready(patient=True).transaction():
            rows = _PostgresRows(self._ready())
            rows.run("SELECT pg_advisory_xact_lock(?)", (_ONE_WRITER,))
            yield rows

    @contextmanager
    def _reading(self) -> Iterator[Rows]:
        with self._lock, self._told():
            yield _PostgresRows(self._ready())

    def _ready(self, *, patient: bool = False) -> "psycopg.Connection":
        """A connection that answers, with all tables that were asked for."""
        if self._kept is not None and not _answers(self._kept):
            self._kept.close()
            self._kept = None
        if self._kept is None:
            self._kept = self._connected(BUSY_S if patient or self._reached else 0)
            self._reached = True
        self._make_tables(self._kept)
        return self._kept

    def _connected(self, patience_s: float) -> "psycopg.Connection":
        ours = (f"-c {name}={value}" for name, value in _SETTINGS.items())
        options = " ".join((str(self.parts.get("options") or ""), *ours))
        defaults = {"connect_timeout": 10, "application_name": "wpstate"}
        given: dict[str, Any] = defaults | self.parts | {"options": options}
        give_up_at = time.monotonic() + patience_s
        while True:
            try:
                return psycopg.connect(**given, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() >= give_up_at:
                    raise
            time.sleep(_AGAIN_S)

    def _make_tables(self, connection: "psycopg.Connection") -> None:
        missing = self._tables[self._made :]
        if not missing:
            return
        # Two at a time would both find no table, and one of them fail.
        with connection.transaction():
            rows = _PostgresRows(connection)
            rows.run("SELECT pg_advisory_xact_lock(?)", (_ONE_WRITER,))
            for statement in missing:
                # As in SQLite: bytes, not a language's order; and numbers of 64 bits.
                rows.run(
                    statement.replace(" TEXT", ' TEXT COLLATE "C"').replace(" INTEGER", " BIGINT")
                )
        self._made += len(missing)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            # The driver's own error, and its trace, are not shown: they may hold the address.
            raise self.told(error) from None

    def told(self, error: Exception) -> Failed:
        """What went wrong, without the password."""
        text = " ".join(str(error).split()) or type(error).__name__
        for secret in self._secrets:
            text = secret.blotted(text)
        return unusable(f"{self.parts.get('host', '')} {self.parts.get('dbname', '')}", text)


class _PostgresRows:
    def __init__(self, connection: "psycopg.Connection") -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        spoken = statement.replace("%", "%%").replace("?", "%s")
        done = self._connection.execute(spoken.encode(), values)
        return done.fetchall() if done.description else []


def address(url: Secret) -> dict[str, str | int | None]:
    """The parts of the address, for the driver. Raises UsageError as PostgresDatabase does."""
    if psycopg is None:
        raise UsageError([_no_driver()])
    text = url.reveal()
    if text.startswith(("postgresql://", "postgres://")):
        try:
            return dict(conninfo_to_dict(text))
        except psycopg.Error:
            pass
    # What was found is not shown: whatever it is, it may hold a password.
    raise UsageError(
        [
            Problem(
                "database.address",
                "WPSTATE_DATABASE is not an address of a PostgreSQL",
                why="it names what several machines keep together",
                mend="postgresql://USER:PASSWORD@HOST:PORT/NAME, or leave it unset",
            )
        ]
    ) from None


def _answers(connection: "psycopg.Connection") -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return not connection.closed


def _no_driver() -> Problem:
    return Problem(
        "database.driver",
        "this installation cannot speak to PostgreSQL",
        found="no psycopg",
        why="WPSTATE_DATABASE names one, and only many machines need it",
        mend="pip install 'wpstate[machines]'",
    )
