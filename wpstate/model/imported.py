"""What an import makes of a site that already lives: its files, and what was wrong that day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wpstate.model.site import Host, SiteId
from wpstate.model.state import Address


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site to import lives, and what it is to be called."""

    name: str
    host: Host


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the site whose bytes the fleet keeps from now on."""

    place: str
    """Absolute, on the host."""
    sha256: str
    """As it was observed: other bytes are not taken."""
    path: str
    """Below the fleet folder."""
    otherwise: str
    """What is written in the line's place where the bytes cannot be had."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line of a site file, and the resources that it is about."""

    keys: tuple[str, ...]
    """One or two: `("plugins", "akismet")`, `("admins",)`. Three for a part of the long form of
    another line, `("plugins", "akismet", "auto_updates")`; without that line it is left out."""
    value: str
    """As YAML."""
    about: tuple[Address, ...]
    comment: str | None = None
    short_for: str = ""
    """The key of the long form that a short value stands for: a plugin's `version`."""
    copy: Copy | None = None
    """What must be in the fleet for this line to hold."""


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
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Of the site's own code, by path below the fleet folder."""
