"""What the last deep look at a site found, as a plan tells it. Looking is left to
workflows.deep_look."""

from collections.abc import Iterator

from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.resources.shipped_files import counted


def modified(observed: ObservedState) -> Iterator[Noted]:
    """Components whose files are not those of their version; not of one that they have no more."""
    deep = observed.deep
    for one in deep.files if deep else ():
        state = observed.state(one.address)
        if deep and one.unknown is None and one.differs and (state.version or "") == one.version:
            at = f"{deep.at:%a %d %b %H:%M} UTC"
            text = f"files are not as they were shipped: {counted(one)}; looked at {at}"
            yield Noted(one.address, state, text, "modified", lines=one.named)
