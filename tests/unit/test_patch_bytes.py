"""A patch installs bytes of a source that is known, locked, and who they say they are."""

from collections.abc import Mapping

import pytest

from tests.builders import SPAN
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.identity import Identity
from wpstate.model.node import Text
from wpstate.model.problem import Refused
from wpstate.resources.catalog import Catalog, CatalogPlugin, Zip
from wpstate.workflows.patch_bytes import patch_to

_ANA = Identity("Ana", "x", "")
_KEY = ("plugins", "x", "1.1")


class _Source:
    """Serves one version, and tells whether it was asked for new bytes or for those of the lock."""

    def facts(self, artifact: Artifact) -> ArtifactFacts:
        assert artifact.sha256
        return self._serve(artifact, artifact.sha256)

    def bring(self, artifact: Artifact) -> ArtifactFacts:
        assert artifact.sha256 is None
        return self._serve(artifact, "b" * 64)

    def _serve(self, artifact: Artifact, sha256: str) -> ArtifactFacts:
        return ArtifactFacts(sha256, artifact.version, (), 1, requires_php="8.1", identity=_ANA)


def _catalog(
    entry: CatalogPlugin | None, locked: Mapping[tuple[str, str, str], str] | None = None
) -> Catalog:
    return Catalog(plugins={"x": entry} if entry else {}, locked=locked or {})


def test_what_the_lock_has_is_what_is_installed() -> None:
    entry = CatalogPlugin(Text("1.0", SPAN), wordpress_org="x-org")
    catalog = _catalog(entry, {("plugins", "x-org", "1.1"): "a" * 64})
    patch, identity, locked = patch_to("x", "1.1", catalog, _Source())
    assert patch.artifact is not None
    assert (patch.artifact.slug, patch.artifact.sha256) == ("x-org", "a" * 64)
    assert patch.artifact.requires_php == "8.1"
    assert (locked.slug, locked.sha256) == ("x-org", "a" * 64)
    assert identity == Identity(None, "x", "")


def test_what_it_lacks_is_fetched_and_locked_first() -> None:
    patch, _, locked = patch_to("x", "1.1", _catalog(CatalogPlugin(Text("1.0", SPAN))), _Source())
    assert patch.artifact is not None
    assert patch.artifact.sha256 == locked.sha256 == "b" * 64


def test_of_what_no_catalog_names_the_author_must_be_the_same_too() -> None:
    patch, identity, _ = patch_to("x", "1.1", _catalog(None), _Source())
    assert patch.artifact is not None
    assert patch.artifact.source == "wordpress.org"
    assert identity == _ANA


@pytest.mark.parametrize(
    "entry",
    [
        CatalogPlugin(Text("1.0", SPAN), zips={"1.0": Zip("zips/x.zip")}, source="vault"),
        CatalogPlugin(None, source="composer"),
    ],
)
def test_a_version_of_no_known_source_is_refused(entry: CatalogPlugin) -> None:
    with pytest.raises(Refused) as refused:
        patch_to("x", "1.1", _catalog(entry), _Source())
    assert [problem.slug for problem in refused.value.problems] == ["patch.no_zip"]
