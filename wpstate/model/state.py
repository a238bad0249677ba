"""The state of one managed thing, the same shape for every kind. Comparing is left to planning."""

from dataclasses import dataclass
from typing import NewType

Address = NewType("Address", str)
"""`kind.name`, for example `plugins.akismet` or `core.version`."""

Value = str | int | bool | None

Json = dict[str, object]
"""A JSON object on its way to or from a file, a host or a playbook."""


@dataclass(frozen=True, slots=True)
class State:
    """What a resource is, or must be. A field that a kind does not use, or that desired state
    does not care about, is None."""

    present: bool = True
    version: str | None = None
    active: bool | None = None
    value: Value = None

    def satisfies(self, want: "State") -> bool:
        """Whether this observed state is all that `want` asks for."""
        if not want.present:
            return not self.present
        return (
            self.present
            and want.version in (None, self.version)
            and want.active in (None, self.active)
            and want.value in (None, self.value)
        )


ABSENT = State(present=False)
"""The state of what is not there."""


def kind_of(address: Address) -> str:
    """`plugins` of `plugins.akismet`."""
    return address.split(".", 1)[0]


def name_of(address: Address) -> str:
    """`akismet` of `plugins.akismet`."""
    return address.split(".", 1)[1]


def short(state: State) -> str:
    """A state in a word or two: `5.7.2`, `5.7.2 inactive`, `absent`, `fr_FR`."""
    if not state.present:
        return "absent"
    words = [state.version] if state.version is not None else []
    if state.value is not None:
        words.append(str(state.value) or '""')
    if state.active is False:
        words.append("inactive")
    elif state.active is True and not words:
        words.append("active")
    return " ".join(words) or "present"
