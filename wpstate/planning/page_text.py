"""The words and link targets of a page, from untrusted HTML. What they mean is left to verdict."""

import re
from urllib.parse import urlsplit

_LIMIT = 512 << 10
"""Characters of a page that are parsed."""
_WORD = re.compile(r"\w{3,40}")


def make_ready() -> None:
    """Load the parser ahead of need: 0.1 s, which need not pass while visitors wait."""
    from selectolax.lexbor import LexborHTMLParser

    LexborHTMLParser("")


def words(page: str) -> frozenset[str]:
    """The different words that a reader sees, lower case, of three letters or more."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page[:_LIMIT])
    tree.strip_tags(["script", "style", "noscript", "template"])
    text = tree.body.text(separator=" ") if tree.body is not None else ""
    return frozenset(_WORD.findall(text.lower()))


def link_hosts(page: str) -> frozenset[str]:
    """Hosts (with port) that the page's links and forms lead to."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page[:_LIMIT])
    targets = [node.attributes.get("href") for node in tree.css("a[href], area[href]")]
    targets += [node.attributes.get("action") for node in tree.css("form[action]")]
    return frozenset(host for target in targets if target and (host := _host(target)))


def _host(target: str) -> str:
    try:
        return urlsplit(target.strip()).netloc.lower()
    except ValueError:
        return ""
