"""Write the files of an import into the fleet folder. What they say is left to desired.written."""

import os
from pathlib import Path

from wpstate.model.imported import Imported
from wpstate.model.problem import Failed, Problem


def write_imported(folder: Path, imported: Imported, page: str, document: str) -> None:
    """The site's own code, its audit as a page and as a document for programs, the site file, then
    hosts.yml in one step: a fleet without the entry is told of (`desired.no_host`), a half-written
    one is not there.

    Raises Failed (`import.not_written`).
    """
    site = f"sites/{imported.site}.yml"
    try:
        for path, content in imported.files.items():
            _whole(folder / path, content)
        _whole(folder / f"audits/{imported.site}.md", page.encode())
        _whole(folder / f"audits/{imported.site}.json", document.encode())
        _whole(folder / site, imported.site_text.encode())
        _whole(folder / "hosts.yml", imported.hosts_text.encode())
    except OSError as error:
        raise Failed([_not_written(site, error)]) from error


def _whole(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as written:
        written.write(content)
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
