"""Joins the safety net's sh parts into one program and packs what a run uploads, as one tar.

Sending it is left to adapters.safety_net.
"""

import io
import shlex
import tarfile
from collections.abc import Mapping
from importlib.resources import files

PARTS = (
    "answer", "places", "journal", "lock", "listing", "code", "freeze", "database", "drain",
    "snapshot", "restore_files", "differences", "restore_database", "restore", "record",
    "watchdog", "prune", "main",
)  # fmt: skip
"""In the order in which they are joined: `main` acts, the others only define."""

_BESIDE = (
    ("safetynet", "maintenance.php"),
    ("safetynet", "beacon.php"),
    ("safetynet", "credentials.php"),
    ("probe", "wp_config.php"),
)


def program() -> str:
    """The whole program, for `sh net.sh VERB`."""
    folder = files("wpstate") / "safetynet"
    return "\n".join((folder / f"{part}.sh").read_text("utf-8") for part in PARTS)


def bundle(settings: Mapping[str, str], foreign_tables: tuple[str, ...]) -> bytes:
    """A tar for the run's folder: the program, its settings and the PHP that it writes."""
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    members = {
        "net.sh": program().encode(),
        "net.conf": lines.encode("utf-8", "surrogateescape"),
        "foreign": "".join(f"{table}\n" for table in foreign_tables).encode(),
    }
    for folder, name in _BESIDE:
        members[name] = (files("wpstate") / folder / name).read_bytes()
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
