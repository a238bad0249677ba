"""A site and the host it lives on."""

from dataclasses import dataclass
from typing import NewType

SiteId = NewType("SiteId", str)
CONNECTIONS_PER_MINUTE = 120
"""More than a fleet needs that has no hundreds of accounts on one machine."""


@dataclass(frozen=True, slots=True)
class Account:
    """One login on one machine: what a connection is opened for, shared by its sites."""

    address: str
    port: int
    user: str
    jump: "Account | None" = None
    """The account that it is reached through, which may be reached through another."""

    @property
    def way(self) -> "tuple[Account, ...]":
        """The accounts that are logged in to on the way there, itself the last."""
        return (*(self.jump.way if self.jump else ()), self)

    def __str__(self) -> str:
        return f"{self.user}@{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Host:
    """Where a site lives, from hosts.yml: literals only."""

    account: Account
    wp_path: str
    """Absolute path of the WordPress folder (the one with wp-includes)."""
    php: str = "php"
    run_as: str | None = None
    """Owner of the site's files where the login is another; reached by `sudo -n -u`."""
    database_client: str = "auto"
    """`mariadb`, `mysql` or `auto`."""
    allow_root: bool = False
    """The site may be changed as root."""
    runs_at_once: int = 2
    """How many sites of its machine may be changed at the same time: each keeps a PHP, a database
    client and an archiver busy there."""
    connections_per_minute: int = CONNECTIONS_PER_MINUTE
    """New ones, to its address and port, whichever account they are for."""


@dataclass(frozen=True, slots=True)
class Site:
    """One WordPress install: its name in the fleet, its host, its public address."""

    id: SiteId
    host: Host
    url: str
    """Public address without a trailing slash."""
