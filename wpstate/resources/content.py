"""Content that must not vanish or change: looked at and told, never changed, but for pages in the
trash that were declared to come back.

What a page's state is called is left to content_pages, forms to content_forms, what the rendered
pages show to content_seen.
"""

from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json, State
from wpstate.resources import content_seen as seen_there
from wpstate.resources.catalog import Catalog
from wpstate.resources.content_forms import FORMS, forms_of, observed_forms, wanted
from wpstate.resources.content_forms import question as form_question
from wpstate.resources.content_pages import (
    HOME,
    PAGES,
    PUBLISHED,
    TITLE,
    is_in_trash,
    observed_pages,
    records_of,
)
from wpstate.resources.kind import Files, Kind, Parsed, Said, Shown, page
from wpstate.resources.theme_files import LOCKED, THEME_FILES, compared


class ContentKind(Kind):
    name = "content"
    touches = (
        "commentmeta", "comments", "options", "postmeta", "posts", "term_relationships",
        "term_taxonomy",
    )  # fmt: skip

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
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
        return Parsed(tuple(managed))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed:
            return None
        wants = {m.address: m.want for m in managed}
        home = wants.get(HOME)
        pages = [str(address)[len(PAGES) :] for address in wants if address.startswith(PAGES)]
        slug = str(home.value) if home else None
        forms = [str(address)[len(FORMS) :] for address in wants if address.startswith(FORMS)]
        return {
            "home": slug,
            "pages": sorted({*pages, *([slug] if slug else [])}),
            "forms": form_question(forms) if forms else None,
            "themes": False,  # as large as all the rest: asked for one site at a time
            "texts": None,
        }

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        answer = _answer(seen)
        if answer is not None:
            yield from observed_pages(answer)
            yield from observed_forms(answer, _active(seen))
            yield seen_there.SEARCH, seen_there.by_setting(str(answer["public"]))

    def pages(self, desired: DesiredState) -> Iterable[LookRequest]:
        wants = {m.address: m.want for m in desired.managed}
        if wants.keys() & {seen_there.HOSTS, seen_there.INLINE, seen_there.SEARCH}:
            yield page(desired, "/")
        if seen_there.SITEMAP in wants:
            yield page(desired, seen_there.sitemap_path(wants[seen_there.SITEMAP]))

    def parse_pages(
        self, desired: DesiredState, observed: ObservedState, seen: Sequence[LookSeen]
    ) -> Iterable[tuple[Address, State]]:
        wants = {m.address: m.want for m in desired.managed}
        by_url = {each.request.url: each for each in seen}
        front = by_url.get(page(desired, "/").url)
        if front is not None:
            own = desired.site.url
            if seen_there.HOSTS in wants:
                yield seen_there.HOSTS, seen_there.hosts(front, wants[seen_there.HOSTS], own)
            if seen_there.INLINE in wants:
                yield seen_there.INLINE, seen_there.inline(front, wants[seen_there.INLINE])
            if seen_there.SEARCH in wants:
                setting = observed.state(seen_there.SEARCH)
                yield seen_there.SEARCH, seen_there.by_page(front, setting)
        if seen_there.SITEMAP in wants:
            want = wants[seen_there.SITEMAP]
            map_seen = by_url[page(desired, seen_there.sitemap_path(want)).url]
            yield seen_there.SITEMAP, seen_there.sitemap(map_seen, want)

    def compare_files(
        self, desired: DesiredState, observed: ObservedState, files: Files
    ) -> Iterable[Shown]:
        if THEME_FILES in {m.address for m in desired.managed}:
            yield compared(files)

    def can_change(self, managed: Managed, seen: State) -> bool:
        return managed.applies and is_in_trash(seen)

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        answer = observed.answer(self.name)
        found = forms_of(address, answer) if address.startswith(FORMS) else ()
        setting = ("options.blog_public",) if address == seen_there.SEARCH else ()
        return (str(address), *setting, *found, *records_of(address, answer))

    def is_personal(self, address: Address) -> bool:
        return address.startswith(FORMS)

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        if change.address == HOME:
            return ("taken out of the trash and made the front page again",)
        return ("taken out of the trash, under its old address",)


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


def _active(seen: Json) -> frozenset[str]:
    """Folders of the plugins that are active."""
    plugins = seen.get("plugins")
    return frozenset(
        str(plugin["file"]).partition("/")[0]
        for plugin in (plugins if isinstance(plugins, list) else ())
        if plugin["active"]
    )


def _answer(seen: Json) -> Json | None:
    kinds = seen.get("kinds")
    answer = kinds.get("content") if isinstance(kinds, dict) else None
    return answer if isinstance(answer, dict) else None


def _texts(node: Node) -> tuple[Text, ...]:
    items = node.items if isinstance(node, Items) else (node,)
    return tuple(item for item in items if isinstance(item, Text))


def _is_true(said: Said | None) -> bool:
    return said is not None and isinstance(said.value, Text) and said.value.text == "true"
