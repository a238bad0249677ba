"""The order in which changes are applied."""

from collections.abc import Iterable

from wpstate.model.change import Action, Change
from wpstate.model.state import kind_of
from wpstate.resources.registry import KINDS

_RANK = {kind.name: rank for rank, kind in enumerate(KINDS)}

_ACTIONS = (
    Action.DEACTIVATE,
    Action.DOWNGRADE,
    Action.UPDATE,
    Action.CREATE,
    Action.ACTIVATE,
    Action.DELETE,
)


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Kinds in the registry's order: core before plugins (new plugins may require the new core,
    never the other way round), settings after the code that they set. Within a kind what makes room
    before what needs it; deletions last."""
    return tuple(sorted(changes, key=_rank))


def _rank(change: Change) -> tuple[int, int, str]:
    kind = kind_of(change.address)
    # core.version sorts before core.database: the code brings its own database upgrade
    name = "" if change.address == "core.version" else change.address
    return (_RANK[kind], _ACTIONS.index(change.action), name)
