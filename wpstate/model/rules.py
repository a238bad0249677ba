"""Rules about what a site may have beside what is asked of it. Judging is left to others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wpstate.model.identity import Expected
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address


@dataclass(frozen=True, slots=True)
class Exempt:
    """A plugin that may stay although a rule says no."""

    slug: str
    owner: str
    until: str
    """The last day on which it holds, as 2027-01-15."""
    why: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """Drift that may stay: it is told with its owner, and nobody puts it back."""

    address: Address
    owner: str
    until: str
    """The last day on which it holds, as 2027-01-15."""
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """From fleet.yml, profiles and site."""

    families: tuple[tuple[str, int], ...] = ()
    """How many plugins of a family may be at work, by its name."""
    unlisted: str = "report"
    """What becomes of plugins that nobody approved or named: `report`, `deactivate`, `delete`."""
    exceptions: tuple[Exempt, ...] = ()
    """Those that hold today."""
    expired: tuple[Exempt, ...] = ()
    exempt: tuple[Exemption, ...] = ()
    """Those that hold today."""
    exempt_ended: tuple[Exemption, ...] = ()

    def excepted(self, slug: str) -> Exempt | None:
        return next((exempt for exempt in self.exceptions if exempt.slug == slug), None)

    def exemption(self, address: Address) -> Exemption | None:
        return next((each for each in self.exempt if each.address == address), None)

    def ended(self, *slugs: str) -> str:
        """Words about exceptions of these plugins that hold no more; empty where there are none."""
        return "".join(
            f"; the exception of {exempt.slug} ended on {exempt.until} ({exempt.owner})"
            for exempt in self.expired
            if exempt.slug in slugs
        )


@dataclass(frozen=True, slots=True)
class Approval:
    """What the catalog says of plugins, and of licences."""

    listed: frozenset[str] = frozenset()
    forbidden: Mapping[str, str] = field(default_factory=dict)
    """And why."""
    families: Mapping[str, str] = field(default_factory=dict)
    """Beside those that wpstate ships."""
    told: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What colleagues should know of an address: owner, reason, licence, alternatives, review."""
    licensed_until: Mapping[Address, str] = field(default_factory=dict)
    """The last day of the licences of plugins and themes, as 2027-01-15."""
    expected: Mapping[Address, Expected] = field(default_factory=dict)
    """Who plugins and themes must be."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A day that has passed: a review that is due, an exception that ended."""

    key: str
    what: str
    day: str
    owner: str | None
    where: SourceSpan
