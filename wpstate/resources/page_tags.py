"""The tags of a page as a browser takes it apart, from untrusted HTML, in one pass.

As far as the HTML standard's tokenizer decides which scripts run: comments, quoted attributes,
elements whose content is no markup. No tree: one of a page made to be slow takes minutes. Every
step goes forward, so time grows with the page alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

LIMIT = 2 << 20
"""Characters of a page that are looked at: all that a visitor keeps of one."""
_NAME = re.compile(r"/?[a-z][^\s/>]{0,100}", re.IGNORECASE)
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(>)|(=?[^\s/>=]*+)(?:\s*+=\s*+"
    r"(?:\"([^\"]*+)(?:\"|\Z)|'([^']*+)(?:'|\Z)|([^\s>]*+)))?)"
)
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "noscript", "iframe", "xmp", "noembed")
}
"""Elements that hold text up to their end, whatever it looks like."""


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    """Small letters, with a slash where it ends an element."""
    attributes: dict[str, str]
    """Of one name the first, as for browsers."""
    text: str = ""
    """Of an element that holds no markup, such as a script."""


def tags(page: str) -> Iterator[Tag]:
    """Every tag that a browser would see, in its order."""
    page = page[:LIMIT]
    at = page.find("<")
    while at != -1:
        named = _NAME.match(page, at + 1)
        if page.startswith("<!--", at):
            # `<!-->` is a whole comment: what follows it is seen.
            end = _COMMENT_END.search(page, at + 2)
            at = end.end() if end else len(page)
        elif named:
            name = named[0].lower()
            attributes, at = _attributes(page, named.end())
            text = ""
            if name in _RAW:
                end = _RAW[name].search(page, at)
                text = page[at : end.start() if end else len(page)]
                at = end.start() if end else len(page)
            yield Tag(name, attributes, text)
        else:
            at += 1
        at = page.find("<", at)


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    found: dict[str, str] = {}
    while at < len(page):
        part = _ATTRIBUTE.match(page, at)
        assert part is not None  # every part of it may be empty
        if part[1]:
            return found, part.end()
        if part.end() == at:
            return found, at + 1
        at = part.end()
        value = next((text for text in part.group(3, 4, 5) if text is not None), "")
        found.setdefault(part[2].lower(), unescape(value[:4000]))
    return found, at
