"""A folder's fleet files with those of the repository that it shares, at the commit that it names.
Which of them count is left to desired.shared, reading revisions to git_fleet.
"""

from pathlib import Path

from wpstate.desired.folder import FLEET
from wpstate.desired.shared import doubled, joined, shared_of
from wpstate.model.problem import InvalidDesiredState


def with_shared(folder: Path, texts: dict[str, str]) -> dict[str, str]:
    """By path. Raises InvalidDesiredState (`fleet.shared`, `fleet.shared_twice`, `revision.*`)."""
    shared = shared_of(texts.get(FLEET, ""))
    if shared is None:
        return texts
    from wpstate.adapters.git_fleet import shared_repository

    with shared_repository(folder, shared) as history:
        blobs = history.shared_blobs(shared)
        if problems := tuple(doubled(texts, blobs, shared.span)):
            raise InvalidDesiredState(problems)
        found = history.texts({path: blobs[path] for path in joined(texts, blobs)})
    return dict(sorted({**texts, **found}.items()))
