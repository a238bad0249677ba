"""How a site's account stands to its files, and what on the host decides whether they change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loader:
    """A plugin that something loads before WordPress does."""

    slug: str
    loaded_by: str
    """`auto_prepend_file`, or the drop-in: `object-cache.php`."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What the probe saw beside the site's own content. Nothing seen is no fact, never a fault."""

    uid: int | None = None
    """Who observed: the account, or `run_as`."""
    owner_uid: int | None = None
    """Whose wp-load.php is."""
    owner: str | None = None
    """The same by name."""
    core_requires_php: str | None = None
    file_mods: bool = True
    """False where wp-config.php defines DISALLOW_FILE_MODS."""
    checkouts: tuple[str, ...] = ()
    """Folders of code under version control, with links resolved: the site's own, plugins'."""
    links: tuple[str, ...] = ()
    """Links in the place of folders of code, as WordPress names them."""
    loaders: tuple[Loader, ...] = ()
    composer: tuple[str, ...] = ()
    """What a composer.lock near the site installs: `core`, or addresses such as
    `plugins.akismet`."""
