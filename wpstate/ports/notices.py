"""What telling people needs: memory of what was told, and a way out of this machine."""

from collections.abc import Sequence
from typing import Protocol

from wpstate.model.secret import SecretReference
from wpstate.model.telling import Acknowledgement, Message, Told


class Notices(Protocol):
    """By fleet. Every method raises Failed (`database.unusable`)."""

    def told(self, fleet: str) -> Told | None: ...

    def keep(self, fleet: str, told: Told, *, instead_of: Told | None) -> bool:
        """False, and nothing is kept, where meanwhile another pass kept something else."""

    def acknowledged(self, fleet: str) -> tuple[Acknowledgement, ...]:
        """Sorted by what each names; those that have ended among them."""

    def acknowledge(self, fleet: str, known: Acknowledgement) -> None:
        """In the place of an earlier one of the same name."""

    def forget(self, fleet: str, named: str) -> bool:
        """Whether there was an acknowledgement of this name."""


class Outgoing(Protocol):
    """Neither method raises anything of a receiver or takes longer than its own deadline."""

    def send(self, messages: Sequence[tuple[SecretReference, Message]]) -> tuple[str | None, ...]:
        """For each, in a few words without any address, why it did not go out; None where it did.
        May be repeated: a receiver may then have it twice."""

    def beat(self, address: SecretReference) -> str | None:
        """Call this address, as a sign of life."""
