"""Writes catalog.lock.yml. Its text is left to workflows.lock, reading it to desired."""

from pathlib import Path

from wpstate.adapters.plans import write_whole

LOCK_FILE = "catalog.lock.yml"


def write_lock(fleet_folder: Path, text: str) -> Path:
    """Replace the fleet's lock in one step, readable by whoever may enter the folder."""
    path = fleet_folder / LOCK_FILE
    write_whole(path, text.encode())
    path.chmod(0o644)
    return path
