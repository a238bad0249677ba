"""The one seam for what the controller keeps: rows, in an SQLite file or in PostgreSQL.

What is kept belongs to its users, each with tables of its own; PostgreSQL's ways are left to
adapters.postgres, imported only where it is asked for.

Statements are written in what both know: `CREATE TABLE IF NOT EXISTS`, TEXT and INTEGER (64 bits),
`INSERT … ON CONFLICT … DO UPDATE`, `?` for every value and no literals with `?` or `%`. Texts
compare by their bytes. Times are ISO texts in UTC. On both, one writer at a time: what is read
inside `writing` holds until its end.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from wpstate.model.problem import Failed, Problem
from wpstate.model.secret import Secret

Value: TypeAlias = str | int | None
Row: TypeAlias = tuple[Any, ...]
BUSY_S = 30


class Rows(Protocol):
    """One transaction."""

    def run(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Execute one statement; the rows that it returns, if any."""


class Database(ABC):
    """May be shared by threads. Every method raises Failed (`database.unusable`)."""

    def __init__(self) -> None:
        self._tables: list[str] = []

    def needs(self, *statements: str) -> None:
        """These tables and indexes are there from the next transaction on (`IF NOT EXISTS`).
        Reaches nothing by itself."""
        self._tables += [statement for statement in statements if statement not in self._tables]

    @abstractmethod
    def writing(self) -> AbstractContextManager[Rows]:
        """A transaction, on disk when it ends; nothing of it remains where it raises."""

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Read."""
        with self._reading() as rows:
            return rows.run(statement, values)

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Rows]: ...


class SqliteDatabase(Database):
    """A file of this machine, for its owner alone."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def writing(self) -> AbstractContextManager[Rows]:
        return self._opened("BEGIN IMMEDIATE")

    def _reading(self) -> AbstractContextManager[Rows]:
        return self._opened("BEGIN")

    @contextmanager
    def _opened(self, begin: str) -> Iterator[Rows]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            file = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise unusable(str(self._path), str(error)) from error
        try:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = FULL")
            for statement in self._tables:
                file.execute(statement)
            file.execute(begin)
            yield _SqliteRows(file)
            file.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise unusable(str(self._path), str(error)) from error
        finally:
            file.close()


class _SqliteRows:
    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def run(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        return self._file.execute(statement, values).fetchall()


def open_database(url: Secret | None, file: Path) -> Database:
    """The PostgreSQL of this address, else this file. Reaches nothing yet.

    Raises UsageError (`database.address`, `database.driver`).
    """
    if url is None:
        return SqliteDatabase(file)
    from wpstate.adapters.postgres import PostgresDatabase

    return PostgresDatabase(url)


def unusable(place: str, found: str) -> Failed:
    return Failed(
        [
            Problem(
                "database.unusable",
                "what the controller keeps cannot be read or written",
                key=place,
                found=found,
                why="runs, and what is known of earlier ones, are kept there",
                mend="make room, or see that it answers; WPSTATE_HOME and WPSTATE_DATABASE name it",
            )
        ]
    )
