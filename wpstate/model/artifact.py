"""What the inspected bytes of one artifact say about themselves."""

from dataclasses import dataclass

from wpstate.model.identity import Identity


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """Facts of a zip that passed every rule."""

    sha256: str
    version: str
    files: tuple[str, ...]
    """Paths below the top folder, sorted; folders left out."""
    unpacked_bytes: int
    main_file: str | None = None
    """For plugins, relative to the plugin folder: `akismet/akismet.php`."""
    requires_wp: str | None = None
    requires_php: str | None = None
    identity: Identity | None = None
    parent: str | None = None
    """For a child theme, the theme that it is built upon."""
    database: int | None = None
    """For core, its $wp_db_version."""
    revision: str | None = None
    """For a language pack, when it was last translated."""
