"""Where wordpress.org tells of a language pack, and where the pack itself is.

Asking is left to adapters.translations, what a pack may hold to language_packs.
"""

import re
from urllib.parse import urlencode

from wpstate.resources.language_packs import told_apart

_PACK = re.compile(
    r"/translation/(?:core|(?:plugin|theme)/[\w.-]{1,128})/[\w.+-]{1,64}/\w{2,40}\.zip\Z", re.ASCII
)


def translations_url(api_url: str, pack: str, version: str) -> str:
    """Where wordpress.org tells which language packs it has for a version of what this one
    translates."""
    kind, _, slug = told_apart(pack)[1].partition(".")
    query = {"slug": slug, "version": version} if slug else {"version": version}
    return f"{api_url}/translations/{kind}/1.0/?{urlencode(query)}"


def pack_path(answer: object, pack: str) -> str | None:
    """Path of a pack's zip in such an answer, below the download address; None where it names
    none. The answer's own host counts for nothing.

    translations/core/1.0: `{"translations": [{"language": "fr_FR", "package": url, …}, …]}`
    (WordPress 7.1.1, translations_api() in wp-admin/includes/translation-install.php).
    """
    locale, component = told_apart(pack)
    below = component.replace("s.", "/", 1) + "/"
    packs = answer.get("translations") if isinstance(answer, dict) else None
    for each in packs if isinstance(packs, list) else ():
        if isinstance(each, dict) and each.get("language") == locale:
            found = _PACK.search(str(each.get("package")))
            # Of what was asked for: the answer may not lead to another component's pack.
            is_its = found and found[0].startswith(f"/translation/{below}")
            return found[0] if found and is_its else None
    return None
