"""Removes a repository of restic's that is a folder of this machine, whoever knows its password."""

import shutil
from pathlib import Path

from wpstate.model.problem import Failed, Problem
from wpstate.ports.backups import Erased

_OURS = ("config", "data", "index", "keys", "snapshots")


def erased_folder(folder: Path, name: str) -> Erased | None:
    """What a killed one left goes too: from the moment that it is renamed it is no repository.
    Raises Failed (`backup.storage`)."""
    leaving = folder.with_name(f"{folder.name}.erased")
    try:
        found = False
        count = 0
        if leaving.is_dir() and not leaving.is_symlink():
            shutil.rmtree(leaving)
            found = True
        if folder.is_dir() and not folder.is_symlink():
            missing = [one for one in _OURS if not (folder / one).exists()]
            if missing:
                raise _not_erased(name, f"{folder} is no repository: no {missing[0]} in it")
            count = sum(1 for _ in (folder / "snapshots").iterdir())
            folder.rename(leaving)
            shutil.rmtree(leaving)
            found = True
    except OSError as error:
        raise _not_erased(name, str(error)) from error
    return Erased(count) if found else None


def _not_erased(name: str, found: str) -> Failed:
    return Failed(
        [
            Problem(
                "backup.storage",
                "the repository could not be removed whole",
                key=name,
                found=found,
                mend="see what is named, then try again",
            )
        ]
    )
