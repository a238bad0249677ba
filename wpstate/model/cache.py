"""Caches of a site: how one is known, emptied and proven, and what a run made of it.

The rows are data (resources/caches.json). Choosing among them is left to planning.caches, doing it
to workflows.purging.
"""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.secret import SecretHeader


class CacheLayer(Enum):
    """What it keeps, and where. OPcache is emptied in every run and is no row."""

    PAGE = "page"
    OBJECT = "object"
    PROXY = "proxy"
    CDN = "cdn"


@dataclass(frozen=True, slots=True)
class CacheSign:
    """A text in a drop-in of the content folder by which an adapter is known."""

    dropin: str
    text: str


@dataclass(frozen=True, slots=True)
class HitSign:
    """A header of an answer that came from a cache; a word that its value holds, in lower case."""

    header: str
    word: str


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """One HTTP request that empties a cache in front of a site. `{look}` in its path stands for
    the path of each declared look, `{zone}` and `{host}` for the cache's zone and the site's host.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class CacheAdapter:
    """One row of the data: a plugin, a proxy, a CDN."""

    name: str
    label: str
    layer: CacheLayer
    plugins: tuple[str, ...] = ()
    """Folders of plugins, one of which is active where it is there."""
    signs: tuple[CacheSign, ...] = ()
    constants: tuple[str, ...] = ()
    """One of which is defined and true where it is there."""
    headers: tuple[str, ...] = ()
    """Names of headers, in lower case, that no other sends."""
    functions: tuple[str, ...] = ()
    """PHP functions that empty it, called without arguments where they exist."""
    actions: tuple[str, ...] = ()
    """Hooks of WordPress that empty it."""
    folders: tuple[str, ...] = ()
    """Below the content folder; all that is in them is deleted."""
    requests: tuple[CacheRequest, ...] = ()
    """Only the controller sends these."""
    address: str = ""
    """Where to, if the fleet names no address; empty is the site's own."""
    hits: tuple[HitSign, ...] = ()


@dataclass(frozen=True, slots=True)
class FarCache:
    """A cache in front of a site that the fleet declares: emptied by requests of the controller."""

    name: str
    """Of its adapter."""
    address: str = ""
    zone: str = ""
    auth: SecretHeader | None = None


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What the fleet says of a site's caches. Nothing said: what is found is emptied."""

    off: bool = False
    """Nothing that is merely found is emptied."""
    left: tuple[str, ...] = ()
    """Adapters that are not emptied, found or not."""
    folders: tuple[str, ...] = ()
    far: tuple[FarCache, ...] = ()


@dataclass(frozen=True, slots=True)
class Purge:
    """One cache that a run empties."""

    name: str
    label: str
    layer: CacheLayer
    left: bool = False
    """It was found, and the fleet says to leave it."""

    def __str__(self) -> str:
        """`page (WP Super Cache)`."""
        return f"{self.layer.value} ({self.label})"


@dataclass(frozen=True, slots=True)
class Purged:
    """What came of one cache in a run."""

    cache: Purge
    proven: bool
    detail: str
    """How it is known to be empty, or why it may not be."""
