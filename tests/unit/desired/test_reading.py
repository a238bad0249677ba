"""What sites share is read once, and comes to what reading it anew would have come to."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.layers import layer, over
from wpstate.desired.parts import take_apart
from wpstate.desired.reading import Read, read
from wpstate.model.node import Text
from wpstate.model.source import SourceSpan
from wpstate.resources.kind import Kind
from wpstate.resources.registry import KINDS
from wpstate.resources.said import Parsed, joined

_CATALOG = "core: 7.1.1\nplugins: {akismet: 5.7.2, jetpack: 14.1, hello: 1.7}\n"
_PROFILE = """
core: {version: approved, auto_updates: minor}
plugins: {akismet: approved, jetpack: {version: approved, auto_updates: on}}
users: {agency: administrator}
constants: {WP_DEBUG: false}
language: fr
"""


def _with_and_without(site: str) -> tuple[Read, Read, Read]:
    """A site read with what its profile came to, read anew, and the profile."""
    url = "url: https://boutique.example\n"
    parts = take_apart(
        sound_fleet(catalog=_CATALOG, profiles__a=_PROFILE, sites__boutique=url + site)
    )
    assert parts.fleet is not None
    assert parts.catalog is not None
    base = over(layer(parts.fleet), layer(parts.profiles["a"]))
    merged = over(base, layer(parts.sites["boutique"]))
    profile = read(base, parts.catalog)
    return read(merged, parts.catalog, profile), read(merged, parts.catalog), profile


@pytest.mark.parametrize(
    "site",
    [
        "client: boutique\n",
        "plugins: {akismet: 5.5, hello: approved}\n",
        "plugins: {akismet: {version: approved, auto_updates: on}}\n",
        "core: {auto_updates: on}\n",
        "core: {version: 7.1, why: it waits}\n",
        "language: en\n",
        "admins: [agency]\n",
        "users: {owner: editor}\n",
        "constants: {WP_DEBUG: true}\n",
        "plugins: {nobody-knows-it: approved}\n",
    ],
)
def test_a_site_is_read_alike_with_what_its_profile_came_to(site: str) -> None:
    shared, anew, _ = _with_and_without(site)
    assert shared.parsed == anew.parsed
    assert anew.parsed.managed


def test_what_a_site_does_not_speak_of_is_its_profiles_own() -> None:
    shared, anew, profile = _with_and_without("plugins: {akismet: 5.5}\n")
    assert shared.settings == anew.settings
    for key, (_, setting) in shared.settings.items():
        theirs = profile.settings.get(key)
        assert (theirs is not None and theirs[1] is setting) == (key[-1] not in ("akismet", "url"))

    def of_profile(site: Read) -> set[str]:
        theirs = set(map(id, profile.parsed.managed))
        return {m.address for m in site.parsed.managed if id(m) in theirs}

    assert of_profile(anew) == set()
    assert of_profile(shared) == {
        "constants.WP_DEBUG", "core.locale", "core.version", "plugins.jetpack", "users.agency",
    }  # fmt: skip


_EACH_APART = """
plugins: {akismet: 5.5, jetpack: inactive, nobody-knows-it: approved, hello: client}
mu_plugins: {a.php: absent, b.php: client}
dropins: {object-cache.php: absent, advanced-cache.php: unmanaged}
constants: {WP_DEBUG: true, DISALLOW_FILE_MODS: true, EMPTY_TRASH_DAYS: 7}
"""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.each_apart], ids=lambda k: k.name)
def test_a_kind_that_reads_each_apart_reads_them_alike_together(kind: Kind) -> None:
    parts = take_apart(sound_fleet(catalog=_CATALOG, profiles__a=_EACH_APART))
    assert parts.catalog is not None
    said = layer(parts.profiles["a"]).below(kind.name)
    french = Text("fr", SourceSpan("fleet.yml", 1, 1))
    each = (kind.parse_desired({k: said[k]}, parts.catalog, None) for k in sorted(said))
    assert len(said) > 1
    assert kind.parse_desired(said, parts.catalog, french) == joined(each)
    assert kind.parse_desired({}, parts.catalog, french) == Parsed()
    assert not kind.reads_beside
