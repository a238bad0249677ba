"""What was rolled back and is still asked for: on which sites git should ask for what they have.

Pure. Only versions are told of: another value's words are for `adopt`, once somebody decided.
"""

from collections import defaultdict
from collections.abc import Sequence

from wpstate.model.pin import Pin
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.planning.rollout import Pair


def pins(pairs: Sequence[Pair]) -> tuple[Pin, ...]:
    """Of all sites that are asked for it and have it not, whosever turn it would be."""
    refused = defaultdict[tuple[Address, State], list[SiteId]](list)
    for desired, observed in pairs:
        for asked in observed.applied.quarantined:
            refused[asked].append(desired.site.id)
    return tuple(
        Pin(desired.site.id, m.address, m.want, seen, tuple(refused[m.address, m.want]))
        for desired, observed in pairs
        if not observed.faults
        for m in desired.managed
        if m.want.version is not None
        and (m.address, m.want) in refused
        and not (seen := observed.state(m.address)).satisfies(m.want)
    )
