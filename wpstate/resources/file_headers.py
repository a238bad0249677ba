"""What the first bytes of a file of code say of it: headers as WordPress reads them, and who the
package says it is.

Which file is asked is left to packages. Source: WordPress 7.1.1, get_file_data() in
wp-includes/functions.php.
"""

import re
from functools import lru_cache

from wpstate.model.identity import Identity
from wpstate.resources.foreign_text import visible

_LONGEST_HEADER = 200
HEAD_BYTES = 8192
"""WordPress looks for headers no further."""

_HEADER = rb"^(?:[ \t]*<\?(?:php)?)?[ \t/*#@]*%s:(.*)$"
_AFTER_COMMENT = re.compile(rb"\s*(?:\*/|\?>).*")


def identity(head: bytes, slug: str) -> Identity:
    """Who a plugin or a theme says it is. Without a text domain WordPress takes the folder's name
    (get_plugin_data(), WP_Theme, 7.1.1)."""
    author, domain, update_uri = (
        header(head, name) for name in ("Author", "Text Domain", "Update URI")
    )
    return said_identity(author, domain or slug, update_uri)


@lru_cache(maxsize=1024)
def said_identity(author: str, text_domain: str, update_uri: str) -> Identity:
    """Three headers, each cut and harmless to look at. Many sites have the same components."""
    return Identity(*(visible(said, _LONGEST_HEADER) for said in (author, text_domain, update_uri)))


def header(head: bytes, name: str) -> str:
    """A header as WordPress reads it from a file's first bytes; empty where there is none."""
    pattern = re.compile(_HEADER % re.escape(name.encode()), re.MULTILINE | re.IGNORECASE)
    found = pattern.search(head[:HEAD_BYTES].replace(b"\r", b"\n"))
    value = _AFTER_COMMENT.sub(b"", found[1]) if found else b""
    return value.strip(b" \t\n\r\0\x0b").decode("utf-8", "replace")


def assigned(head: bytes, name: str) -> str:
    """The text or number that a line of PHP gives to a variable; empty where none does."""
    pattern = rb"^\$%s\s*=\s*'?([\w.+-]{1,60})'?\s*;" % name.encode()
    found = re.search(pattern, head, re.MULTILINE)
    return found[1].decode("ascii", "replace") if found else ""
