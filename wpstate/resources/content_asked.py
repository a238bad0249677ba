"""What a site asks of its content, out of merged keys: pages, forms, scripts, search engines.

The schema has checked every form. Comparing is left to planning.compare, seeing to content.
"""

from collections.abc import Mapping

from wpstate.model.desired import LeftAlone, Managed
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.state import Address, State
from wpstate.resources import content_seen as seen_there
from wpstate.resources.content_forms import FORMS, wanted
from wpstate.resources.content_pages import HOME, PAGES, PUBLISHED, TITLE
from wpstate.resources.said import Said
from wpstate.resources.theme_files import LOCKED, THEME_FILES


def asked(said: Mapping[str, Said]) -> tuple[Managed, ...]:
    restores = _is_true(said.get("restore_from_trash"))
    managed: list[Managed] = []
    for key, word in said.items():
        match key:
            case "home":
                managed += _home(word, restores)
            case "pages":
                managed += _pages(word, restores)
            case "forms":
                managed += _forms(word)
            case "scripts":
                managed += _scripts(word)
            case "indexable":
                want = seen_there.INDEXABLE if _is_true(word) else seen_there.HIDDEN
                managed.append(_looked_at(seen_there.SEARCH, want, word, visited=True))
            case "theme_files":
                managed.append(_looked_at(THEME_FILES, LOCKED, word, visited=True))
            case "sitemap":
                managed.append(_sitemap(word))
            case _:
                pass
    return tuple(managed)


def clients_pages(said: Mapping[str, Said]) -> tuple[LeftAlone, ...]:
    """Pages that are the client's own, whatever a profile says of them."""
    theirs = said.get("client")
    slugs = _texts(theirs.value) if theirs else ()
    return tuple(LeftAlone(Address(f"{PAGES}{s.text}"), "client", s.span) for s in slugs)


def _home(said: Said, restores: bool) -> list[Managed]:
    slug, title = said.part("slug"), said.part("title")
    if isinstance(said.value, Text):
        slug = said.value
    assert slug is not None
    home = [_page(HOME, State(value=slug.text), said, slug, restores)]
    if title is not None:
        home.append(_looked_at(TITLE, State(value=title.text), said, title))
    return home


def _pages(said: Said, restores: bool) -> list[Managed]:
    return [
        _page(Address(f"{PAGES}{slug.text}"), PUBLISHED, said, slug, restores)
        for slug in _texts(said.value)
    ]


def _page(address: Address, want: State, said: Said, at: Text, restores: bool) -> Managed:
    return Managed(
        address=address,
        want=want,
        span=at.span,
        asked_by=at.span,
        overrides=said.overrides,
        label="restore_from_trash" if restores else "content",
        applies=restores,
        heals=restores,
    )


def _forms(said: Said) -> list[Managed]:
    found: list[Managed] = []
    for name, form in said.value.entries if isinstance(said.value, Map) else ():
        targets: Node | None = form
        known = name.text
        if isinstance(form, Map):
            targets, plugin = form.get("delivers_to"), form.text("plugin")
            known = f"{plugin.text}/{known}" if plugin else known
        assert targets is not None
        want = wanted(target.text for target in _texts(targets))
        found.append(_looked_at(Address(f"{FORMS}{known}"), want, said, name))
    return found


def _scripts(said: Said) -> list[Managed]:
    hosts: Node | None = said.value
    found: list[Managed] = []
    if isinstance(said.value, Map):
        hosts, inline = said.value.get("hosts"), said.value.text("inline")
        if inline is not None:
            want = State(value=int(inline.text))
            found.append(_looked_at(seen_there.INLINE, want, said, inline, visited=True))
    if hosts is not None:
        allowed = (host.text for host in _texts(hosts))
        want = seen_there.allowed(allowed)
        found.append(_looked_at(seen_there.HOSTS, want, said, visited=True))
    return found


def _sitemap(said: Said) -> Managed:
    assert isinstance(said.value, Text)
    want = seen_there.wanted_sitemap(said.value.text)
    return _looked_at(seen_there.SITEMAP, want, said, visited=True)


def _looked_at(
    address: Address, want: State, said: Said, at: Text | None = None, *, visited: bool = False
) -> Managed:
    span = at.span if at else said.value.span
    return Managed(
        address=address,
        want=want,
        span=span,
        asked_by=span,
        overrides=said.overrides,
        label="content",
        applies=False,
        visited=visited,
    )


def _texts(node: Node) -> tuple[Text, ...]:
    items = node.items if isinstance(node, Items) else (node,)
    return tuple(item for item in items if isinstance(item, Text))


def _is_true(said: Said | None) -> bool:
    return said is not None and isinstance(said.value, Text) and said.value.text == "true"
