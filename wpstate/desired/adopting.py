"""A site's file with words that ask for what the site has, or with drift that may stay.

Which words those are is left to the kinds, changing a text and nothing else of it to editing.
"""

from collections.abc import Mapping
from itertools import zip_longest

from wpstate.desired.document import read_document
from wpstate.desired.editing import Edit, edited
from wpstate.desired.emitting import Said
from wpstate.desired.layering import Layering
from wpstate.desired.parts import take_apart
from wpstate.model.adopted import Saying, Words
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.rules import Exemption
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.resources.foreign_text import visible


def site_path(site: SiteId) -> str:
    return f"sites/{site}.yml"


def kin(texts: Mapping[str, str], site: SiteId) -> frozenset[str]:
    """The site, and the one that it is the staging of: enough to compose it."""
    root, _ = read_document(site_path(site), texts[site_path(site)])
    named = root.text("staging_of") if isinstance(root, Map) else None
    live = named.text if named else site
    return frozenset({site, live}) if f"sites/{live}.yml" in texts else frozenset({site})


def with_words(texts: Mapping[str, str], site: SiteId, words: Words, why: str | None) -> str:
    """The site's file, asking so. An entry of a profile is taken over whole: a site's own entry
    takes its place. Why stands beside it: as a comment, where its language has no part for that.
    Raises InvalidDesiredState (`fleet.not_editable`)."""
    before, parts = texts[site_path(site)], dict(words.parts)
    if why and words.why:
        parts[words.why] = why
    after = _with_parts(texts, site, words, parts)
    return _commented(before, after, why) if why and not words.why else after


def _with_parts(
    texts: Mapping[str, str], site: SiteId, words: Words, parts: Mapping[str, Saying]
) -> str:
    own, merged = _entries(texts, site, words.keys)
    if isinstance(own, Map):
        # What is taken out comes last: an entry that is left empty would go as a whole.
        several = sorted(parts.items(), key=lambda part: part[1] is None)
        edits = [Edit((*words.keys, name), _said(saying)) for name, saying in several]
        return edited(site_path(site), texts[site_path(site)], edits)
    entry = _long(own or merged, words.short_for)
    for name, saying in parts.items():
        said = _said(saying)
        if said is None:
            entry.pop(name, None)
        else:
            entry[name] = said
    whole: Said = entry[words.short_for] if entry.keys() == {words.short_for} else entry
    return edited(site_path(site), texts[site_path(site)], [Edit(words.keys, whole)])


def with_exemption(text: str, site: SiteId, exemption: Exemption) -> str:
    """Raises InvalidDesiredState (`fleet.not_editable`)."""
    said = {"owner": exemption.owner, "until": exemption.until}
    if exemption.why:
        said["why"] = exemption.why
    return edited(site_path(site), text, [Edit(("exempt", exemption.address), said)])


def without_exemption(text: str, site: SiteId, address: Address) -> str:
    """Raises InvalidDesiredState (`fleet.not_editable`)."""
    return edited(site_path(site), text, [Edit(("exempt", address), None)])


def _commented(before: str, after: str, why: str) -> str:
    """With a comment at the end of the first line that is another one, if that holds none and says
    the same with it."""
    lines = after.splitlines(keepends=True)
    pairs = enumerate(zip_longest(lines, before.splitlines(keepends=True)))
    at = next((place for place, (new, old) in pairs if new != old), len(lines))
    if at >= len(lines) or "#" in lines[at]:
        return after
    lines[at] = f"{lines[at].rstrip()}  # {visible(why, 200)}\n"
    told = "".join(lines)
    return told if _data(told) == _data(after) else after


def _data(text: str) -> Said | None:
    root, problems = read_document("", text)
    return _plain(root) if root is not None and not problems else None


def _entries(
    texts: Mapping[str, str], site: SiteId, keys: tuple[str, ...]
) -> tuple[Node | None, Node | None]:
    """What the site's own file says there; and what all layers come to, for a key below another:
    maps merge no deeper."""
    parts = take_apart(texts, kin(texts, site))
    root = parts.sites[site]
    own = root.get(keys[0])
    if len(keys) == 1:
        return own, None
    layering = Layering(parts)
    merged = layering.site(root, layering.order(root)).below(keys[0]).get(keys[1])
    below = own.get(keys[1]) if isinstance(own, Map) else None
    return below, merged.value if merged else None


def _long(node: Node | None, short_for: str) -> dict[str, Said]:
    if node is None:
        return {}
    plain = _plain(node)
    return dict(plain) if isinstance(plain, Mapping) else {short_for: plain}


def _plain(node: Node) -> Said:
    match node:
        case Text():
            return node.text
        case Items():
            return [_plain(item) for item in node.items]
        case Map():
            return {key.text: _plain(value) for key, value in node.entries}


def _said(saying: Saying) -> Said | None:
    return list(saying) if isinstance(saying, tuple) else saying
