"""What a site's rendered pages show: hosts of scripts, inline scripts, whether search engines may
list it, its sitemap.

Fetching is left to adapters.visiting, taking a page apart to page_tags. What is not allowed is told
by name, cut and made visible.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from wpstate.model.look import LookSeen
from wpstate.model.state import Address, State
from wpstate.resources.foreign_text import visible
from wpstate.resources.page_tags import tags

HOSTS: Final = Address("content.scripts")
INLINE: Final = Address("content.scripts.inline")
SEARCH: Final = Address("content.indexable")
SITEMAP: Final = Address("content.sitemap")
INDEXABLE: Final = State(value="indexable")
HIDDEN: Final = State(value="not indexable")
_NO_SITEMAP: Final = State(value="none")
_CORE_SITEMAP: Final = "/wp-sitemap.xml"

_ROBOTS_CHARACTERS: Final = 500 << 10
"""As much as crawlers must read of one (RFC 9309)."""
_MOST_NAMED: Final = 8
_NOT_CODE = re.compile(r"json|importmap|speculationrules|template|text/plain", re.IGNORECASE)
_HEAD: Final = frozenset(
    {"html", "head", "title", "meta", "link", "style", "script", "base", "noscript", "template"}
)


@dataclass(frozen=True, slots=True)
class _Script:
    source: str | None
    text: str
    in_head: bool


def allowed(hosts: Iterable[str]) -> State:
    return State(value=", ".join(sorted(set(hosts))) or "own alone")


def hosts(front: LookSeen, want: State, own_url: str) -> State:
    """`want` where every script comes from the site itself or from an allowed host; otherwise the
    others, by name."""
    missing = _not_seen(front)
    if missing is not None:
        return missing
    known = {"", *str(want.value).split(", "), _host(own_url), _host(front.final_url)}
    others = sorted(
        {
            visible(_host(script.source, _scheme(own_url)), 100)
            for script in _scripts(front.body)
            if script.source is not None
        }
        - known
    )
    return State(value="also " + _named(others)) if others else want


def named_hosts(state: State) -> tuple[str, ...]:
    """What `hosts` told; none where it was not seen, or are too many to be named."""
    _, also, names = str(state.value).partition("also ")
    return tuple(names.split(", ")) if also and " and " not in names else ()


def inline(front: LookSeen, want: State) -> State:
    """How many different scripts stand in the head; as many as are allowed where it is no more."""
    missing = _not_seen(front)
    if missing is not None:
        return missing
    texts = {
        hashlib.sha256(script.text.encode("utf-8", "replace")).hexdigest()
        for script in _scripts(front.body)
        if script.source is None and script.in_head and script.text.strip()
    }
    most = want.value if isinstance(want.value, int) else 0
    return State(value=max(most, len(texts)))


def by_setting(blog_public: str) -> State:
    """As the option says that WordPress turns into its robots meta."""
    return INDEXABLE if blog_public != "0" else HIDDEN


def by_page(front: LookSeen, robots: LookSeen, setting: State, want: State) -> State:
    """What search engines are told, by whatever tells it: all of it must allow them, or the front
    page itself must keep them off."""
    missing = _not_seen(front)
    if missing is not None:
        return missing
    header = any(n == "x-robots-tag" and _says_noindex(v) for n, v in front.headers)
    page = header or _meta_says_noindex(front.body)
    if want == HIDDEN:
        return HIDDEN if page else State(value="indexable: the front page says nothing else")
    told = (
        ("its setting", setting == HIDDEN),
        ("the front page", page),
        ("robots.txt", robots.status == 200 and _shuts_out(robots.body)),
    )
    names = ", ".join(name for name, says in told if says)
    return State(value=f"{HIDDEN.value}: {names}") if names else INDEXABLE


def wanted_sitemap(word: str) -> State:
    match word:
        case "false":
            return _NO_SITEMAP
        case "true":
            return State(value=_CORE_SITEMAP)
        case path:
            return State(value=path)


def sitemap_path(want: State) -> str:
    return _CORE_SITEMAP if want == _NO_SITEMAP else str(want.value)


def sitemap(seen: LookSeen, want: State) -> State:
    """`want` where the address answers with a sitemap, or leads to one."""
    if seen.error is not None:
        return State(value=f"not seen: {seen.error}")
    is_map = seen.status == 200 and re.search(r"<(?:urlset|sitemapindex)[\s>]", seen.body[:4096])
    if want == _NO_SITEMAP:
        return State(value=_CORE_SITEMAP) if is_map else _NO_SITEMAP
    said = "no sitemap there" if seen.status == 200 else f"status {seen.status}"
    return want if is_map else State(value=said)


def _not_seen(front: LookSeen) -> State | None:
    if front.error is not None:
        return State(value=f"not seen: {front.error}")
    if front.status != 200:
        return State(value=f"not seen: the front page answers {front.status}")
    return None


def _scripts(page: str) -> Iterator[_Script]:
    """Every script that a browser would run, in its order. The head ends with the first element
    that has no place in it."""
    in_head = True
    for tag in tags(page):
        in_head = in_head and tag.name.lstrip("/") in _HEAD
        if tag.name != "script":
            continue
        if "src" in tag.attributes:
            yield _Script(tag.attributes["src"].strip(), "", in_head)
        elif not _NOT_CODE.search(tag.attributes.get("type", "")):
            yield _Script(None, tag.text, in_head)


def _meta_says_noindex(page: str) -> bool:
    return any(
        tag.name == "meta"
        and tag.attributes.get("name", "").lower() in ("robots", "googlebot")
        and _says_noindex(tag.attributes.get("content", ""))
        for tag in tags(page)
    )


def _says_noindex(directives: str) -> bool:
    return re.search(r"\b(?:noindex|none)\b", directives, re.IGNORECASE) is not None


def _shuts_out(robots: str) -> bool:
    """Whether a robots.txt keeps all crawlers off all pages (RFC 9309): `Disallow: /` for `*`, and
    no `Allow: /` beside it."""
    rules: set[tuple[str, str]] = set()
    agents: set[str] = set()
    in_rules = False
    for line in robots[:_ROBOTS_CHARACTERS].splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            agents = {value} if in_rules else agents | {value}
            in_rules = False
        elif name in ("allow", "disallow"):
            in_rules = True
            if "*" in agents:
                rules.add((name, value))
    return ("disallow", "/") in rules and ("allow", "/") not in rules


def _host(url: str, scheme: str = "https") -> str:
    """Host with port, such as `127.0.0.1:8101`; of what has none its scheme: `data:`. Empty for an
    address below the site."""
    text = re.sub(r"[\t\r\n]", "", url).replace("\\", "/")
    try:
        parts = urlsplit(f"{scheme}:{text}" if text.startswith("//") else text)
    except ValueError:
        return "an address that is none"
    if parts.netloc:
        return parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}:" if parts.scheme else ""


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
