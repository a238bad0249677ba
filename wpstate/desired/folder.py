"""Which files make a fleet folder, and which only look as if they did. Reading is left to
adapters.fleet_files."""

from difflib import get_close_matches
from pathlib import PurePosixPath

from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.resources.file_kind import CODE_FILES

FLEET = "fleet.yml"
HOSTS = "hosts.yml"
CATALOG = "catalog.yml"
LOCK = "catalog.lock.yml"
MOST_CODE_BYTES = 1 << 20

_SINGLE = {FLEET: "fleet", HOSTS: "hosts", CATALOG: "catalog", LOCK: "lock"}
_FOLDERS = {"profiles": "profile", "sites": "site"}
_ANSIBLES = frozenset({"group_vars", "host_vars", "ansible.cfg", "inventory", "inventory.yml"})


def sort_of(path: str) -> str | None:
    """`sites/boutique.yml` → `site`; None for what is no fleet file."""
    match path.split("/"):  # PurePosixPath takes ten times as long
        case [name]:
            return _SINGLE.get(name)
        case [folder, name] if name.endswith(".yml") and not name.startswith("."):
            return _FOLDERS.get(folder)
        case _:
            return None


def is_code_file(path: str) -> bool:
    """A file below files/, whose bytes reach sites as they are. Nothing in it is read."""
    return path.startswith(f"{CODE_FILES}/")


def name_of(path: str) -> str:
    """`sites/boutique.yml` → `boutique`."""
    return path.rpartition("/")[2].removesuffix(".yml")


def look_alike(path: str) -> Problem | None:
    """The problem of a file that is none of the fleet's, while its author believes that it is."""
    meant = _meant(path)
    if meant is None:
        return None
    why, mend = meant
    return Problem(
        "fleet.look_alike",
        "file looks like a part of the fleet and is not read",
        SourceSpan(path, 1, 1),
        why=why,
        mend=mend,
    )


def _meant(path: str) -> tuple[str, str] | None:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    if sort_of(path) or any(part.startswith(".") for part in parts):
        return None
    if parts[0].lower() in _ANSIBLES:
        return "Ansible's own files never count here", "write literals into hosts.yml, delete this"
    if parts[0] in _FOLDERS:
        if not name.lower().endswith((".yml", ".yaml")):
            return None
        right = f"{parts[0]}/{PurePosixPath(name).stem}.yml"
        return f"files are read directly in {parts[0]}/, as NAME.yml", f"mv {path} {right}"
    if len(parts) > 1:
        close = get_close_matches(parts[0].lower(), tuple(_FOLDERS), n=1, cutoff=0.85)
        if close and name.lower().endswith((".yml", ".yaml")):
            return f"{close[0]}/ is the folder that is read", f"mv {parts[0]} {close[0]}"
        return None
    close = get_close_matches(name.lower(), tuple(_SINGLE), n=1, cutoff=0.8)
    return (f"{close[0]} is the file that is read", f"mv {name} {close[0]}") if close else None
