"""Is a component still who it was? Slugs have been taken over, and plugins sold.

What its headers say is read by resources.packages; what is expected comes from the catalog, and
from what the lock recorded of the versions before.
"""

from dataclasses import fields

from wpstate.model.desired import Artifact, Identity
from wpstate.model.problem import Problem


def identity_problem(artifact: Artifact, found: Identity | None) -> Problem | None:
    """What of these bytes is not as expected; None where all is, or nothing is expected."""
    expected = artifact.identity
    if expected is None or found is None:
        return None
    changed = [
        (field.name, asked, getattr(found, field.name))
        for field in fields(Identity)
        if (asked := getattr(expected, field.name)) not in (None, getattr(found, field.name))
    ]
    if not changed:
        return None
    words = ", ".join(f'{name} "{seen}" in place of "{asked}"' for name, asked, seen in changed)
    accepted = ", ".join(f'{name}: "{seen}"' for name, _, seen in changed)
    return Problem(
        "artifact.identity",
        "the component no longer says that it is who it was",
        found=f"{artifact.version}: {words}",
        why="a slug that changed hands brings somebody else's code under a name that you trust",
        mend=f"find out who publishes it now; to accept: `identity: {{{accepted}}}` in catalog.yml",
    )
