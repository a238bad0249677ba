"""Is this the site that the state folder speaks of, or a copy of it?

What a confirmed run left holds for one place and one address: on a copy its last-applied values,
snapshots and locks are another site's. Who claims a copy is left to workflows.claim.
"""

from urllib.parse import urlsplit

from wpstate.model.desired import DesiredState
from wpstate.model.observed import Fingerprint, ObservedState
from wpstate.model.problem import Problem


def copy_problem(desired: DesiredState, observed: ObservedState) -> Problem | None:
    """Why nothing may be done here before somebody claims the site; None where all fits.

    A folder that was moved with its machine, or is reached through several, is the same one: the
    machine or the folder itself has to fit, not both.
    """
    here, left = observed.fingerprint, observed.applied.fingerprint
    found: list[str] = []
    if here is not None and left is not None:
        found += _elsewhere(here, left)
    asked = left.url if left is not None else desired.site.url
    if observed.home_url and asked and _plain(observed.home_url) != _plain(asked):
        whose = "was" if left is not None and left.url else "should be"
        found.append(f"its database says {observed.home_url}, its address {whose} {asked}")
    if not found:
        return None
    return Problem(
        "plan.copied",
        "this is a copy of a site, or a site that has moved",
        key=desired.site.id,
        found="; ".join(found),
        why="what was applied and kept for the one must not be applied to the other",
        mend=f"wpstate claim {desired.site.id}, once you are sure that this is the right place",
    )


def _elsewhere(here: Fingerprint, left: Fingerprint) -> list[str]:
    found = []
    if here.path != left.path:
        found.append(f"it was applied in {left.path}, it lies in {here.path}")
    if here.host != left.host and here.folder != left.folder:
        found.append("its state folder was written on another host")
    return found


def _plain(url: str) -> str:
    """Without what may change while a site stays where it is."""
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/")
