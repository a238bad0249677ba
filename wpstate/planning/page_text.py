"""The words and link targets of a page, from untrusted HTML. What they mean is left to verdict.

No parser: a tree of a page made to be slow (a hundred thousand open tags) takes minutes, and
visitors wait meanwhile. Each pattern here passes over a page once.
"""

import re
from html import unescape
from urllib.parse import urlsplit

_LIMIT = 512 << 10
"""Characters of a page that are looked at."""
_WORD = re.compile(r"\w{3,40}")
_MARK = re.compile(r"<!--.*?(?:-->|\Z)|<([^<>]*)>", re.DOTALL)
_TAG = re.compile(r"/?[a-z]{1,20}(?![a-z0-9-])", re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head"})
# Wherever it stands: what a browser takes for an attribute is more than any pattern knows.
_TARGET = re.compile(r"(?:href|action)\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,2000})", re.IGNORECASE)


def words(page: str) -> frozenset[str]:
    """The different words that a reader sees, lower case, of three letters or more."""
    return frozenset(_WORD.findall(_seen(page[:_LIMIT]).lower()))


def link_hosts(page: str) -> frozenset[str]:
    """Hosts (with port) that the page's links and forms lead to."""
    targets = _TARGET.findall(page[:_LIMIT])
    return frozenset(host for target in targets if (host := _host(unescape(target))))


def _seen(page: str) -> str:
    """The page's text without tags, comments, and elements that no reader sees."""
    parts: list[str] = []
    at, unseen = 0, ""
    for mark in _MARK.finditer(page):
        if not unseen:
            parts.append(page[at : mark.start()])
        at = mark.end()
        tag = _TAG.match(mark[1]) if mark[1] else None
        name = tag[0].lower() if tag else ""
        if unseen:
            unseen = "" if name == f"/{unseen}" else unseen
        elif name in _UNSEEN:
            unseen = name
    if not unseen:
        parts.append(page[at:])
    return " ".join(parts)


def _host(target: str) -> str:
    try:
        return urlsplit(target.strip()).netloc.lower()
    except ValueError:
        return ""
