"""The files of WordPress's own language packs: what a pack may hold, what of it reaches a site.

A `.l10n.php` is never brought to a site: WordPress would run it, and no translation is worth
running code of translators. WordPress (6.5 and later prefer `.l10n.php`) reads the `.mo` beside it
just as well; what is lost is a little speed.

Sources: WordPress 7.1.1, Language_Pack_Upgrader::clear_destination() (which files belong to a
locale), load_textdomain() in wp-includes/l10n.php, WP_Translation_File (what is read).
"""

import re
from collections.abc import Mapping

from wpstate.model.problem import Problem
from wpstate.resources.foreign_text import visible

_DOMAINS = ("", "admin-", "admin-network-", "continents-cities-")
_CATALOGUES = (".mo", ".po", ".l10n.php")
_OF_SCRIPT = re.compile(r"-[A-Za-z0-9_-]{1,100}\.json")


def of_locale(locale: str) -> tuple[str, ...]:
    """Globs of all that a pack of this locale may replace below the languages folder."""
    named = (f"{domain}{locale}{end}" for domain in _DOMAINS for end in _CATALOGUES)
    return (*named, f"{locale}-*.json")


def pack_problem(locale: str, names: Mapping[str, bytes]) -> Problem | None:
    """What is wrong with a pack of files of these names; None for a good one."""
    *catalogues, _ = of_locale(locale)
    strange = sorted(
        name
        for name in names
        if name not in catalogues
        and not (name.startswith(locale) and _OF_SCRIPT.fullmatch(name, len(locale)))
    )
    if strange:
        what = "the zip holds what no language pack of this locale has"
        return Problem("artifact.language_file", what, found=visible(strange[0], 120))
    if f"{locale}.mo" not in names:
        what = "the language pack lacks its main catalogue"
        return Problem("artifact.main_file", what, found=f"no {locale}.mo")
    return None
