"""The order in which changes are applied."""

from collections.abc import Iterable

from wpstate.model.change import Action, Change
from wpstate.model.state import kind_of

_KINDS = ("core", "plugins")
_ACTIONS = (
    Action.DEACTIVATE,
    Action.DOWNGRADE,
    Action.UPDATE,
    Action.CREATE,
    Action.ACTIVATE,
    Action.DELETE,
)


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Core before plugins (new plugins may require the new core, never the other way round);
    what makes room before what needs it; deletions last."""
    return tuple(sorted(changes, key=_rank))


def _rank(change: Change) -> tuple[int, int, str]:
    kind = kind_of(change.address)
    # core.version sorts before core.database: the code brings its own database upgrade
    name = "" if change.address == "core.version" else change.address
    return (_KINDS.index(kind), _ACTIONS.index(change.action), name)
