"""`shared` of fleet.yml: profiles and catalog out of another repository, at one commit of it. Which
of its files count and where they may not meet the fleet's own; reading them is left to adapters.
"""

import re
from collections.abc import Collection, Iterator

from wpstate.desired.document import read_document
from wpstate.desired.folder import FLEET, LOCK, is_code_file, sort_of
from wpstate.model.node import Map
from wpstate.model.problem import Problem
from wpstate.model.shared import Shared
from wpstate.model.source import SourceSpan

_PATH = re.compile(r"(\.\./){0,4}[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}")
"""Beside the fleet or near it. Never an address."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SORTS = frozenset({"profile", "catalog", "lock"})


def shared_of(fleet_text: str) -> Shared | None:
    """What fleet.yml names; None where it names nothing, or nothing that could be read: its schema
    tells of that."""
    if "shared" not in fleet_text:  # spares reading it twice
        return None
    root, problems = read_document(FLEET, fleet_text)
    said = root.get("shared") if isinstance(root, Map) and not problems else None
    if not isinstance(said, Map):
        return None
    path, commit = said.text("path"), said.text("commit")
    if (
        path is None
        or commit is None
        or not (_PATH.fullmatch(path.text) and _COMMIT.fullmatch(commit.text))
    ):
        return None
    return Shared(path.text, commit.text, said.span)


def is_shared(path: str) -> bool:
    """A file that counts where it stands in a shared repository: care plans, what is approved, the
    lock, the code that they name."""
    return sort_of(path) in _SORTS or is_code_file(path)


def joined(own: Collection[str], shared: Collection[str]) -> frozenset[str]:
    """Which of the shared files count. The fleet's own lock goes before theirs: it names what its
    sites use."""
    return frozenset(path for path in shared if not (path == LOCK and path in own))


def doubled(own: Collection[str], shared: Collection[str], span: SourceSpan) -> Iterator[Problem]:
    """Files that both have."""
    for path in sorted(joined(own, shared) & set(own)):
        yield Problem(
            "fleet.shared_twice",
            "both the fleet and what it shares have this file",
            SourceSpan(path, 1, 1),
            "shared",
            found=f"{path}, and again in what {span} names",
            why="nobody could tell which of the two counts",
            mend="delete or rename the fleet's own",
        )
