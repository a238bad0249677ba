"""Compares a site's files with those that its versions were shipped with, for an import's audit and
for deep looks (workflows.deep_look).

Read-only but for the hashes that a deep look has the host keep. What nobody knows the bytes of, and
what could not be read, is unknown, never as shipped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import WpstateError
from wpstate.model.shipped import ComparedFiles, FileHashes, Shipped
from wpstate.model.state import Address, Json
from wpstate.ports import Probe
from wpstate.resources.catalog import Catalog
from wpstate.resources.core import ENGLISH, LOCALE
from wpstate.resources.registry import KINDS
from wpstate.resources.shipped_files import MOST_FILES, answered, counts, folder_asked, unknown

_TOLD_BY_BUILDS = "wp-includes/version.php"
"""Builds of WordPress in another language name it there (wp_local_package)."""
Question = list[tuple[Shipped, FileHashes]]


class ShippedHashes(Protocol):
    def file_hashes(self, artifact: Artifact, locale: str) -> FileHashes | None:
        """Of a locked or kept zip, else wordpress.org's checksums; None where nobody knows them.
        Raises Refused and Failed (`artifact.*`)."""


def compare_with_shipped(
    desired: DesiredState,
    observed: ObservedState,
    catalog: Catalog,
    observer: Probe,
    hashes: ShippedHashes,
) -> tuple[ComparedFiles, ...]:
    """WordPress itself, and each plugin and theme that the catalog names, by address."""
    locale = str(observed.state(LOCALE).value or ENGLISH)
    known, found = with_hashes(observed, catalog, hashes, locale)
    for question in questions(known):
        answer, apart = asked(desired, observer, question, locale)
        found |= told(question, answer, apart)
    return tuple(compared for _, compared in sorted(found.items()))


def with_hashes(
    observed: ObservedState, catalog: Catalog, hashes: ShippedHashes, locale: str
) -> tuple[Question, dict[Address, ComparedFiles]]:
    """What can be compared, and what cannot."""
    found: dict[Address, ComparedFiles] = {}
    known: Question = []
    for shipped in (each for kind in KINDS for each in kind.shipped(observed, catalog)):
        files = _known(shipped, hashes, locale)
        if isinstance(files, str):
            found[shipped.address] = unknown(shipped, files)
        else:
            known.append((shipped, files))
    return known, found


def _known(shipped: Shipped, hashes: ShippedHashes, locale: str) -> FileHashes | str:
    """Or why nothing is."""
    if shipped.artifact is None:
        return "the catalog knows no bytes of this version"
    try:
        files = hashes.file_hashes(shipped.artifact, locale)
    except WpstateError as error:
        return f"its bytes could not be had ({error.problems[0].slug})"
    if files is None or not any(counts(shipped, path) for path in files.by_path):
        return "nobody has the bytes of this version, or a list of them"
    if len(files.by_path) > MOST_FILES:
        return f"it has more than {MOST_FILES} files"
    return files


def questions(known: Question) -> Iterator[Question]:
    """In portions, each small enough to be sent."""
    portion: Question = []
    size = 0
    for shipped, files in known:
        if portion and size + len(files.by_path) > MOST_FILES:
            yield portion
            portion, size = [], 0
        portion.append((shipped, files))
        size += len(files.by_path)
    if portion:
        yield portion


def asked(
    desired: DesiredState,
    observer: Probe,
    question: Question,
    locale: str,
    cache: Json | None = None,
) -> tuple[Json, Mapping[Address, tuple[str, ...]]]:
    """The host's answer, empty where none came, and by address what was not compared. `cache`: of
    a deep look (probe/kinds/core_cache.php)."""
    apart: dict[Address, tuple[str, ...]] = {}
    folders: list[Json] = []
    for shipped, files in question:
        one = shipped
        if files.locale != locale and _TOLD_BY_BUILDS in files.by_path:
            one = replace(shipped, without=(*shipped.without, _TOLD_BY_BUILDS))
            apart[shipped.address] = (_TOLD_BY_BUILDS,)
        folders.append(folder_asked(one, files))
    ask: Json = {"folders": folders} | ({"cache": cache} if cache else {})
    asking = replace(desired, managed=(), questions={"core": ask})
    return observer.observe([asking])[desired.site.id].answer("core"), apart


def told(
    question: Question, answer: Json, apart: Mapping[Address, tuple[str, ...]]
) -> Mapping[Address, ComparedFiles]:
    several: Sequence[Shipped] = [shipped for shipped, _ in question]
    return {
        address: replace(compared, without=apart.get(address, ()))
        for address, compared in answered(several, answer).items()
    }
