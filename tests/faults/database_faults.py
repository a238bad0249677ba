"""Faults of the database: nobody let in, nothing written, connections killed, a table locked."""

import subprocess
import threading
import time

from tests.e2e.site import LAB
from tests.faults.fault import Fault
from tests.faults.scene import Scene

FOR_A_WHILE_S = 8.0
KILLING_S = 1.0
_CLIENT = ("mariadb", "--no-defaults", f"--socket={LAB}/run/mysqld.sock", "-N", "-B")


def _as_root(statements: str) -> str:
    done = subprocess.run(_CLIENT, input=statements, capture_output=True, text=True, check=True)
    return done.stdout


def _users(scene: Scene) -> tuple[str, ...]:
    # The lab names a site's user as its database.
    return tuple(f"{scene.site.database}@{host}" for host in ("localhost", "127.0.0.1"))


def _lock_user(scene: Scene) -> None:
    _as_root("".join(f"ALTER USER {user} ACCOUNT LOCK;" for user in _users(scene)))
    _kill_connections(scene)
    threading.Timer(FOR_A_WHILE_S, _heal, (scene,)).start()


def _only_reading(scene: Scene) -> None:
    for user in _users(scene):
        _as_root(
            f"REVOKE ALL ON {scene.site.database}.* FROM {user};"
            f"GRANT SELECT, SHOW VIEW, TRIGGER ON {scene.site.database}.* TO {user};"
        )
    _kill_connections(scene)
    threading.Timer(FOR_A_WHILE_S, _heal, (scene,)).start()


def _kill_connections(scene: Scene) -> None:
    listed = _as_root(
        "SELECT ID FROM information_schema.PROCESSLIST "
        f"WHERE USER = '{scene.site.database}' AND DB = '{scene.site.database}';"
    )
    for connection in listed.split():
        # One that has gone meanwhile is an error of the client, and no matter.
        subprocess.run(_CLIENT, input=f"KILL {connection};", text=True, capture_output=True)


def _keep_killing(scene: Scene) -> None:
    end_at = time.monotonic() + KILLING_S
    while time.monotonic() < end_at:
        _kill_connections(scene)
        time.sleep(0.02)


def _hold_a_table(scene: Scene) -> None:
    table = f"{scene.site.prefix}options"
    held = f"LOCK TABLES {table} WRITE; DO SLEEP({FOR_A_WHILE_S}); UNLOCK TABLES;"
    subprocess.Popen(
        (*_CLIENT, scene.site.database, "-e", held), stdout=subprocess.DEVNULL, text=True
    )
    time.sleep(0.1)


def _heal(scene: Scene) -> None:
    for user in _users(scene):
        _as_root(
            f"ALTER USER {user} ACCOUNT UNLOCK; GRANT ALL ON {scene.site.database}.* TO {user};"
        )


USER_LOCKED = Fault("database lets nobody in", _lock_user, _heal)
READ_ONLY = Fault("database read-only", _only_reading, _heal)
KILLED = Fault("database connections killed", _keep_killing)
TABLE_LOCKED = Fault("a table locked", _hold_a_table)
