"""Which bytes an urgent patch is: of the source that the catalog names, locked as `wpstate lock`
does. Keeping them is left to the store, writing the lock down to the follow-up.
"""

from dataclasses import replace

from wpstate.model.desired import Artifact
from wpstate.model.identity import Identity
from wpstate.model.patch import Patch
from wpstate.model.problem import Problem, Refused
from wpstate.model.state import Address, State
from wpstate.resources.catalog import WORDPRESS_ORG, Catalog
from wpstate.workflows.lock import ArtifactSource, LockedVersion, locked_version


def patch_to(
    slug: str, version: str, catalog: Catalog, source: ArtifactSource
) -> tuple[Patch, Identity | None, LockedVersion]:
    """The patch, in what it must not be somebody else than what is installed (planning.patch), and
    its entry of the lock. A plugin that the catalog does not name comes from wordpress.org.

    Raises Refused (`patch.no_zip`, `artifact.*`) and Failed (`artifact.unavailable`).
    """
    entry = catalog.plugins.get(slug)
    if entry is None:
        key = ("plugins", slug, version)
        artifact: Artifact | None = Artifact(*key, WORDPRESS_ORG, catalog.locked.get(key))
    else:
        artifact = catalog.package("plugins", slug, version)
    if artifact is None:
        assert entry is not None
        raise Refused([_no_zip(slug, version, ours=entry.is_ours, source=entry.source)])
    locked = locked_version(artifact, source)
    artifact = replace(
        artifact,
        sha256=locked.sha256,
        requires_php=locked.requires_php,
        requires_wp=locked.requires_wp,
    )
    # Authors call themselves otherwise over the years; of what the catalog names, the source is
    # known to be the right one.
    identity = locked.identity
    if identity is not None and entry is not None:
        identity = replace(identity, author=None)
    patch = Patch(Address(f"plugins.{slug}"), State(version=version), artifact)
    return patch, identity, locked


def switched_off(slug: str) -> Patch:
    return Patch(Address(f"plugins.{slug}"), State(active=False))


def _no_zip(slug: str, version: str, *, ours: bool, source: str) -> Problem:
    return Problem(
        "patch.no_zip",
        "nobody knows where this version comes from",
        key=f"plugins.{slug}",
        found=version if ours else f"source: {source}, where wpstate installs nothing",
        why="a patch installs bytes that were fetched and locked",
        mend=f"name its zip in catalog.yml, or switch it off: wpstate patch {slug} --deactivate",
    )
