"""The files of language packs: what a pack may hold, what of it reaches a site.

A pack goes by the path of its main catalogue below wp-content/languages, without ending: `fr_FR`
is WordPress's own, `plugins/akismet-fr_FR` that of a plugin under its name on wordpress.org.

A `.l10n.php` is never brought to a site: WordPress would run it, and no translation is worth
running code of translators. WordPress (6.5 and later prefer `.l10n.php`) reads the `.mo` beside it
just as well; what is lost is a little speed.

Sources: WordPress 7.1.1, Language_Pack_Upgrader::clear_destination() (which files belong to a
locale), load_textdomain() in wp-includes/l10n.php, WP_Translation_File (what is read).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from wpstate.model.observed import Paths
from wpstate.model.problem import Problem
from wpstate.resources.foreign_text import visible

PACKS = "translations"
"""The kind of an artifact that is a pack."""
_DOMAINS = ("", "admin-", "admin-network-", "continents-cities-")
_CATALOGUES = (".mo", ".po", ".l10n.php")
_REVISED = re.compile(rb'PO-Revision-Date: *([^"\\\r\n]{1,60})')
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_OF_SCRIPT = re.compile(r"-[A-Za-z0-9_-]{1,100}\.json")


def package_pack(kind: str, slug: str, locale: str) -> str:
    """What the pack of a plugin or theme goes by."""
    return f"{kind}/{slug}-{locale}"


def told_apart(pack: str) -> tuple[str, str]:
    """The locale of a pack, and what it translates: `core`, or `plugins.akismet`."""
    folder, slash, name = pack.rpartition("/")
    slug, _, locale = name.rpartition("-")
    return (locale, f"{folder}.{slug}") if slash else (pack, "core")


def joined_name(locale: str, component: str) -> str:
    """The pack that `told_apart` takes apart."""
    kind, dot, slug = component.partition(".")
    return package_pack(kind, slug, locale) if dot else locale


def of_pack(pack: str) -> tuple[str, ...]:
    """Globs of all that a pack may replace below the languages folder."""
    folder, slash, stem = pack.rpartition("/")
    domains = ("",) if slash else _DOMAINS
    named = (f"{folder}{slash}{domain}{stem}{end}" for domain in domains for end in _CATALOGUES)
    return (*named, f"{pack}-*.json")


def files_of(paths: Paths, packs: Iterable[str]) -> tuple[str, ...]:
    """Globs of all that these packs may consist of on a site, and their folders, below the
    WordPress folder or absolute where content lies elsewhere."""
    names = tuple(packs)
    folder = f"{paths.content.removeprefix(paths.wp.rstrip('/') + '/')}/languages"
    folders = {f"{folder}/{pack}".rpartition("/")[0] for pack in names} | {folder}
    files = (f"{folder}/{name}" for pack in names for name in of_pack(pack))
    return (*sorted(folders), *files) if names else ()


def pack_problem(pack: str, names: Mapping[str, bytes]) -> Problem | None:
    """What is wrong with a pack of files of these names; None for a good one."""
    stem = pack.rpartition("/")[2]
    *catalogues, _ = (name.rpartition("/")[2] for name in of_pack(pack))
    strange = sorted(
        name
        for name in names
        if name not in catalogues
        and not (name.startswith(stem) and _OF_SCRIPT.fullmatch(name, len(stem)))
    )
    if strange:
        what = "the zip holds what no language pack of this locale has"
        return Problem("artifact.language_file", what, found=visible(strange[0], 120))
    if f"{stem}.mo" not in names:
        what = "the language pack lacks its main catalogue"
        return Problem("artifact.main_file", what, found=f"no {stem}.mo")
    return None


def revision(pack: str, heads: Mapping[str, bytes]) -> str | None:
    """When a pack was last translated, by the first bytes of its files: WordPress knows a newer
    translation by the same line (wp_get_pomo_file_data()). None where none of them tells."""
    found = _REVISED.search(heads.get(f"{pack.rpartition('/')[2]}.po", b""))
    return moment(found[1].decode("ascii", "replace")) if found else None


def moment(text: str) -> str | None:
    """A catalogue's own time in UTC, in one form that sorts: `2026-11-02T08:15:00Z`. None where it
    is none."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    day, minute, second, zone = found.groups()
    try:
        told = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{zone or 'Z'}")
        return f"{told.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return None
