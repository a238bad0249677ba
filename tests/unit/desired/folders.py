"""Fleet folders as texts, for tests that change one file of a sound fleet."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
MALFORMED = REPOSITORY / "tests" / "cases" / "malformed"


def texts_below(folder: Path) -> dict[str, str]:
    """Every file below a folder, read as adapters.fleet_files would read it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "surrogateescape")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sound_fleet(**changes: str) -> dict[str, str]:
    """The base of the malformed cases; `sites__boutique="…"` replaces a file's text."""
    changed = {name.replace("__", "/") + ".yml": text for name, text in changes.items()}
    return texts_below(MALFORMED / "base") | changed
