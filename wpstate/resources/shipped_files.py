"""What the probe is asked about files that came as zips, and what its answers mean.

Comparing is left to probe/kinds/core.php, finding what is known of a version to the artifact store.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from wpstate.model.shipped import ComparedFiles, FileHashes, Shipped
from wpstate.model.state import Address, Json
from wpstate.resources.foreign_text import visible

MOST_FILES: Final = 20_000
"""Of all folders in one question: two megabytes or so."""
_MOST_NAMED: Final = 12
_WHY: Final = {
    "unreadable": "not all of it could be read on the host",
    "too_large": "there is too much of it to be compared",
}


def counts(shipped: Shipped, path: str) -> bool:
    """Whether a path of the zip is one that must be there as it was shipped."""
    if path.lower() in shipped.without:
        return False
    if any(not below or path.startswith(f"{below}/") for below in shipped.below):
        return True
    return shipped.beside and "/" not in path and path.endswith(".php")


def folder_asked(shipped: Shipped, known: FileHashes) -> Json:
    """One folder of a question. Paths in `without` are neither compared nor called added."""
    files = {path: list(each) for path, each in known.by_path.items() if counts(shipped, path)}
    return {
        "name": shipped.address,
        "folder": shipped.folder,
        "algorithm": known.algorithm,
        "files": files,
        "below": list(shipped.below),
        "beside": shipped.beside,
        "without": list(shipped.without),
        "code_alone": shipped.code_alone,
    }


def counted(one: ComparedFiles) -> str:
    """`2 changed, 1 added`."""
    counts = (("changed", one.changed), ("added", one.added), ("missing", one.missing))
    return ", ".join(f"{count} {word}" for word, count in counts if count)


def answered(asked: Sequence[Shipped], answer: Json) -> Mapping[Address, ComparedFiles]:
    """Of an answer that its schema has passed; what it lacks is unknown."""
    told: Any = answer.get("folders", [])
    by_name = {each["name"]: each for each in told}
    return {one.address: _compared(one, by_name.get(one.address)) for one in asked}


def unknown(shipped: Shipped, why: str) -> ComparedFiles:
    return ComparedFiles(shipped.address, shipped.version, unknown=why)


def _compared(shipped: Shipped, told: dict[str, Any] | None) -> ComparedFiles:
    if told is None:
        return unknown(shipped, "the host did not answer")
    if told["unknown"] is not None:
        return unknown(shipped, _WHY[told["unknown"]])
    named = [f"{visible(each['path'], 100)} {each['sort']}" for each in told["named"]]
    differ = told["changed"] + told["added"] + told["missing"]
    more = (f"and {differ - _MOST_NAMED} more",) if differ > _MOST_NAMED else ()
    return ComparedFiles(
        shipped.address,
        shipped.version,
        told["changed"],
        told["added"],
        told["missing"],
        (*named[:_MOST_NAMED], *more),
    )
