"""Do downloaded bytes, and what a site has installed, say that they are who they must be?

What that is, and which changes it stops, is left to resources.identity.
"""

from dataclasses import replace

from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.identity import Identity
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.resources.identity import NOTED_AS, changes_of, in_words
from wpstate.resources.registry import KINDS


def identity_problem(artifact: Artifact, found: Identity | None) -> Problem | None:
    """What of these bytes is not as expected; None where all is, or nothing is expected."""
    if artifact.identity is None or found is None:
        return None
    changed = tuple(changes_of(artifact.identity, found))
    if not changed:
        return None
    words, accepted = in_words(changed)
    return Problem(
        "artifact.identity",
        "the component no longer says that it is who it was",
        found=f"{artifact.version}: {', '.join(words)}",
        why="a slug that changed hands brings somebody else's code under a name that you trust",
        mend=f"find out who publishes it now; to accept: `identity: {{{accepted}}}` in catalog.yml",
    )


def with_strangers(desired: DesiredState, observed: ObservedState) -> ObservedState:
    """The same, with which of its components are not who they must be."""
    if observed.faults:
        return observed
    noted = (noted for kind in KINDS for noted in kind.noted(desired, observed))
    strangers = tuple((each.address, each.lines) for each in noted if each.sort == NOTED_AS)
    return replace(observed, strangers=strangers)
