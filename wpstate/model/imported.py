"""What an import makes of a site that already lives: its files, and what was wrong that day."""

from dataclasses import dataclass
from datetime import datetime

from wpstate.model.site import Host, SiteId
from wpstate.model.state import Address


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site to import lives, and what it is to be called."""

    name: str
    host: Host


@dataclass(frozen=True, slots=True)
class Written:
    """One line of a site file, and the resources that it is about."""

    keys: tuple[str, ...]
    """One or two: `("plugins", "akismet")`, `("admins",)`."""
    value: str
    """As YAML."""
    about: tuple[Address, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPoint:
    sort: str
    """`identity`, `modified`, `vulnerable`, `closed`, `abandoned`, `licence`, `unlisted`,
    `forbidden`, `family`, `weak`, `admin`."""
    about: str
    found: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """The proof of what was wrong before the contract."""

    site: SiteId
    url: str
    observed_at: datetime
    core: str | None
    php: str
    points: tuple[AuditPoint, ...]
    """Gravest sort first."""
    not_looked_at: tuple[str, ...]
    """What this audit cannot tell, in sentences."""
    compared: tuple[str, ...] = ()
    """Components, with their versions, whose files were held against those that were shipped."""


@dataclass(frozen=True, slots=True)
class Imported:
    site: SiteId
    profiles: tuple[str, ...]
    """The profile that fits best, or none."""
    site_text: str
    hosts_text: str
    audit: Audit
