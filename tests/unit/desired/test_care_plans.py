"""The example fleet: each care plan of the two agencies asks for what it promises, as far as files
can say it, and says where they cannot."""

import re
from datetime import date

import pytest

from tests.unit.desired.folders import REPOSITORY, texts_below
from wpstate.adapters.fleet_files import read_fleet
from wpstate.desired.catalog import read_catalog
from wpstate.desired.document import read_document
from wpstate.workflows.explain import explain
from wpstate.workflows.validate import validate

_FOLDER = REPOSITORY / "inventories" / "example"
_TEXTS = texts_below(_FOLDER)
_FLEET = validate(read_fleet(_FOLDER), today=date(2026, 11, 28))
_EVERY = (
    "core.version",
    "updates.window",
    "updates.security",
    "mode",
    "plugins.antispam-bee",
    "plugins.backwpup",
)
_POINTS = ("security.file_editor", "security.xmlrpc", "security.user_enumeration")
_FAST = ("plugins.wp-rocket", "plugins.imagify", "caches.wp-rocket")
_PRO = ("plugins.ithemes-security-pro", "security.security_headers", *_POINTS)
_WATCHED = ("plugins.wp-security-audit-log", "content.scripts", "checks./")
_CODE = ("content.theme_files", "auto_updates.plugins")
_PROMISED = {
    "Forfait Essentiel": (*_EVERY, "plugins.secupress", *_POINTS),
    "Forfait Performance": (*_EVERY, "plugins.secupress", *_POINTS, *_FAST),
    "Forfait Plus": (*_EVERY, "plugins.secupress", *_POINTS, *_FAST),
    "Maintain": (*_EVERY, *_WATCHED),
    "Protect": (*_EVERY, *_WATCHED, *_PRO),
    "Perform": (*_EVERY, *_WATCHED, *_PRO, *_FAST),
    "Custom": (*_EVERY, *_WATCHED, *_PRO, *_FAST, *_CODE),
    "Custom Pro": (*_EVERY, *_WATCHED, *_PRO, "plugins.imagify", *_CODE, "core.managed_by"),
}
"""By what customers call it; each with all that a file can ask for it."""


def test_every_care_plan_is_there_and_no_other() -> None:
    assert {site.offer for site in _FLEET.sites} == set(_PROMISED)
    assert len(_FLEET.sites) >= 12


@pytest.mark.parametrize("offer", _PROMISED)
def test_a_site_on_a_plan_asks_for_what_it_promises(offer: str) -> None:
    for site in _FLEET.sites:
        asked = {setting.key for setting in site.settings}
        assert site.offer != offer or [k for k in _PROMISED[offer] if k not in asked] == [], site


@pytest.mark.parametrize("site", [str(site.site.id) for site in _FLEET.sites])
def test_every_value_says_where_it_comes_from(site: str) -> None:
    for setting in explain(_FLEET, site):
        text = _TEXTS[setting.span.file].splitlines()[setting.span.line - 1]
        word = re.split(r"[,{\[]", setting.value.strip("[{"))[0]
        # What a staging must be follows from its `staging_of`; a folded text begins below its sign.
        written = {word[:12], _TEXTS[setting.span.file].partition("staging_of: ")[2][:6], ">"}
        assert any(
            each and text[setting.span.column - 1 :].lstrip('[{"').startswith(each)
            for each in written
        ), setting


def test_every_source_is_shown_on_a_site() -> None:
    root, problems = read_document("catalog.yml", _TEXTS["catalog.yml"])
    assert root is not None, problems
    entries = read_catalog(root, None).plugins
    used = {str(m.address).removeprefix("plugins.") for s in _FLEET.sites for m in s.managed}
    shown = {entry.source for slug, entry in entries.items() if slug in used}
    assert shown == {"wordpress.org", "vault", "git", "host", "composer"}


def test_every_family_is_in_the_catalog() -> None:
    limited = set(re.findall(r"(\w+): 1\b", _TEXTS["profiles/part-base.yml"]))
    assert limited == set(re.findall(r"family: (\w+)", _TEXTS["catalog.yml"]))


def test_what_no_file_can_say_yet_is_said_in_words() -> None:
    told = " ".join(" ".join(_TEXTS["profiles/part-base.yml"].replace("#", " ").split()).split())
    for missing in ("the watch over whether the site answers", "the monthly report"):
        assert missing in told
    backups = " ".join(_TEXTS["profiles/part-backed-up.yml"].replace("#", " ").split())
    assert "wpstate cannot tell yet" in backups
