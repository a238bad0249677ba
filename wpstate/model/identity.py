"""Who a component says it is. Judging that is left to resources.identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """By its own headers; None where nothing is expected."""

    author: str | None = None
    text_domain: str | None = None
    update_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the catalog and the lock know of who one plugin or theme is."""

    slug: str
    """Its name on wordpress.org: its text domain, where its headers name none."""
    approved: str | None = None
    named: Identity | None = None
    """What the catalog itself says, of what comes."""
    locked: Mapping[str, Identity] = field(default_factory=dict)
    """By version: what the locked bytes say."""
    newest: str | None = None
    """Of the locked versions."""
