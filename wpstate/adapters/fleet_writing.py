"""Write the files of an import into the fleet folder. What they say is left to desired.written."""

import os
from pathlib import Path

from wpstate.model.imported import Imported
from wpstate.model.problem import Failed, Problem


def write_imported(folder: Path, imported: Imported, audit: str) -> None:
    """The site file and its audit as new files, then hosts.yml in one step: a fleet without the
    entry is told of (`desired.no_host`), a half-written one is not there.

    Raises Failed (`import.not_written`).
    """
    site, page = f"sites/{imported.site}.yml", f"audits/{imported.site}.md"
    try:
        _whole(folder / site, imported.site_text)
        _whole(folder / page, audit)
        _whole(folder / "hosts.yml", imported.hosts_text)
    except OSError as error:
        raise Failed([_not_written(site, error)]) from error


def _whole(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    with beside.open("w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


def _not_written(site: str, error: OSError) -> Problem:
    return Problem(
        "import.not_written",
        "the fleet's files could not be written",
        key=site,
        found=error.strerror or str(error),
        why="an import is done once its files are there",
        mend="make the fleet folder writable, then import again",
    )
