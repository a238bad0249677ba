"""Folders of this machine that restored files go into (ports.MakesFolders, RemovesFolders)."""

import shutil
from pathlib import Path

from wpstate.model.problem import Problem, Refused


class ScratchFolders:
    def make_empty(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            full = any(folder.iterdir())
        except OSError as error:
            raise Refused([_problem(folder, str(error))]) from error
        if full:
            raise Refused([_problem(folder, "it is not empty")])

    def remove(self, folder: Path) -> bool:
        if not folder.exists():
            return False
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise Refused([_problem(folder, str(error))]) from error
        return True


def _problem(folder: Path, found: str) -> Problem:
    return Problem(
        "restore.target",
        "there is no empty folder to restore into",
        key=str(folder),
        found=found,
        why="what is restored would mix with what lies there",
        mend="name another with --to, or move what lies there",
    )
