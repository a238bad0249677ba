"""A version that a site keeps, since the one that git asks for was rolled back."""

from dataclasses import dataclass

from wpstate.model.site import SiteId
from wpstate.model.state import Address, State


@dataclass(frozen=True, slots=True)
class Pin:
    """One version that one site is to keep."""

    site: SiteId
    address: Address
    refused: State
    """What git asks for, and was rolled back."""
    seen: State
    where: tuple[SiteId, ...]
    """Sites on which it was."""

    @property
    def why(self) -> str:
        """For the site's file, which names no other site."""
        here = "here" if self.site in self.where else "on another site"
        return f"{self.refused.version} was rolled back {here}"
