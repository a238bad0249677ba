"""Joins the safety net's sh parts into one program and packs what a run uploads, as one tar.

Sending it is left to adapters.safety_net.
"""

import io
import re
import shlex
import tarfile
from collections.abc import Mapping
from importlib.resources import files

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

PARTS = (
    "answer", "lines", "state_folder", "places", "room", "journal", "holder", "lock", "listing",
    "code",
    "freeze", "caches", "flush", "database", "large_tables", "wrote", "drain", "snapshot",
    "restore_files", "differences",
    "tiers", "shadow", "counters", "keep_aside", "restore_database", "restore", "component",
    "put_in", "record", "watchdog", "cron", "stream", "recover", "prune", "attend", "main",
)  # fmt: skip
"""In the order in which they are joined: `main` acts, the others only define."""

_LOOK_PARTS = ("answer", "lines", "state_folder", "holder", "look")
_HIDE_PARTS = ("answer", "state_folder", "hide")

_BESIDE = (
    ("safetynet", "maintenance.php"),
    ("safetynet", "beacon.php"),
    ("safetynet", "credentials.php"),
    ("safetynet", "visitors_tables.txt"),
    ("safetynet", "visitors_posts.txt"),
    ("probe", "wp_config.php"),
)


def program() -> str:
    """The whole program, for `sh net.sh VERB`."""
    return _joined(PARTS)


def definitions() -> str:
    """All parts but the one that acts, for programs that act otherwise."""
    return _joined(PARTS[:-1])


def look_program() -> str:
    """The program that only looks at who holds a site, for `sh -s -- WP_PATH`."""
    return _joined(_LOOK_PARTS)


def hide_program() -> str:
    """The program for a state folder inside the web root (safetynet/hide.sh)."""
    return _joined(_HIDE_PARTS)


def entering(wp_path: str, run: str) -> str:
    """The beginning of a command that unpacks a run's folder: sets `run_dir`, still to be made."""
    return (
        f"{_joined(('state_folder',))}\n"
        f'umask 077; wp=$(cd {shlex.quote(wp_path)} && pwd -P) && find_state "$wp" && '
        f"run_dir=$state/runs/{shlex.quote(run)} && "
    )


def end_groups_program() -> str:
    """The program that ends what a playbook left at work, for `sh -s -- RUN_FOLDER`."""
    return _joined(("holder", "end_groups"))


def bundle(settings: Mapping[str, str], foreign_tables: tuple[str, ...]) -> bytes:
    """A tar for the run's folder: the program, its settings and the PHP that it writes."""
    foreign = "".join(f"{table}\n" for table in foreign_tables)
    return run_bundle(program(), settings, {"foreign": foreign.encode()})


def run_bundle(text: str, settings: Mapping[str, str], beside: Mapping[str, bytes]) -> bytes:
    """The same with another program and other files beside it."""
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    members = {
        "net.sh": text.encode(),
        "net.conf": lines.encode("utf-8", "surrogateescape"),
        **beside,
    }
    for folder, name in _BESIDE:
        members[name] = (files("wpstate") / folder / name).read_bytes()
    # One file on the site, two ideas: what it answers, and what it notes.
    notes = (files("wpstate") / "safetynet" / "notes.php").read_bytes()
    members["maintenance.php"] += notes.removeprefix(b"<?php\n")
    return tar_of(members)


def tar_of(members: Mapping[str, bytes]) -> bytes:
    """An uncompressed tar of plain files that only their owner may read."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o700 if name.endswith(".sh") else 0o600
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _joined(parts: tuple[str, ...]) -> str:
    folder = files("wpstate") / "safetynet"
    return "\n".join((folder / f"{part}.sh").read_text("utf-8") for part in parts)
