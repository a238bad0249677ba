"""Write files of ours into the fleet folder. What they say is left to desired."""

import os
from pathlib import Path

from wpstate.model.imported import Imported
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.source import SourceSpan


def write_imported(folder: Path, imported: Imported, page: str, document: str) -> None:
    """The site's own code, its audit as a page and as a document for programs, the site file, then
    hosts.yml in one step: a fleet without the entry is told of (`desired.no_host`), a half-written
    one is not there.

    Nothing is written where a link leads out of the folder. Raises Failed (`import.not_written`)
    and Refused (`fleet.link_outside`).
    """
    site = f"sites/{imported.site}.yml"
    contents = {
        **imported.files,
        # Whatever the fleet's own .gitignore says: what was seen of a site is nothing for git.
        "audits/.gitignore": b"*\n",
        f"audits/{imported.site}.md": page.encode(),
        f"audits/{imported.site}.json": document.encode(),
        site: imported.site_text.encode(),
        "hosts.yml": imported.hosts_text.encode(),
    }
    try:
        away = [path for path in contents if _leads_away(folder, path)]
        if away:
            raise Refused([_link(path) for path in away])
        for path, content in contents.items():
            _whole(folder / path, content)
    except OSError as error:
        raise Failed([_not_written(site, error)]) from error


def write_file(folder: Path, path: str, content: bytes) -> None:
    """One file in the place of the former one, in one step.

    Raises Failed (`fleet.not_written`) and Refused (`fleet.link_outside`).
    """
    try:
        if _leads_away(folder, path):
            raise Refused([_link(path)])
        _whole(folder / path, content)
    except OSError as error:
        raise Failed(
            [
                Problem(
                    "fleet.not_written",
                    "a file of the fleet could not be written",
                    SourceSpan(path, 1, 1),
                    found=error.strerror or str(error),
                    why="it is as it was",
                    mend="make the fleet folder writable, then again",
                )
            ]
        ) from error


def _leads_away(folder: Path, path: str) -> bool:
    there = next(above for above in (folder / path).parents if above.exists())
    return not there.resolve().is_relative_to(folder.resolve())


def _whole(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)  # What lies there may be a link.
    with beside.open("xb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


def _link(path: str) -> Problem:
    return Problem(
        "fleet.link_outside",
        "a link leads out of the fleet folder",
        SourceSpan(path, 1, 1),
        why="a fleet must be whole in itself, for reviewers and for other machines",
        mend="put a folder itself in the link's place",
    )


def _not_written(site: str, error: OSError) -> Problem:
    return Problem(
        "import.not_written",
        "the fleet's files could not be written",
        key=site,
        found=error.strerror or str(error),
        why="an import is done once its files are there",
        mend="make the fleet folder writable, then import again",
    )
