"""Content that must not vanish or change: looked at and told, never changed, but for pages in the
trash that were declared to come back.

What is asked is left to content_asked, what a page's state is called to content_pages, forms to
content_forms, what the rendered pages show to content_seen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources import content_seen as seen_there
from wpstate.resources.catalog import Catalog
from wpstate.resources.content_asked import asked, clients_pages
from wpstate.resources.content_forms import FORMS, forms_of, observed_forms
from wpstate.resources.content_forms import question as form_question
from wpstate.resources.content_pages import (
    HOME,
    PAGES,
    TITLE,
    is_in_trash,
    observed_pages,
    records_of,
)
from wpstate.resources.file_words import quoted, writable
from wpstate.resources.kind import NOTHING_YET, Kind
from wpstate.resources.kind_looks import Files, Shown
from wpstate.resources.said import Parsed, Said
from wpstate.resources.theme_files import THEME_FILES, compared
from wpstate.resources.visits import page

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


class ContentKind(Kind):
    name = "content"
    touches = (
        "commentmeta", "comments", "options", "postmeta", "posts", "term_relationships",
        "term_taxonomy",
    )  # fmt: skip

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        theirs = clients_pages(said)
        addresses = {left.address for left in theirs}
        return Parsed(tuple(m for m in asked(said) if m.address not in addresses), theirs)

    adopts = f"content: {{home: {NOTHING_YET}, indexable: true}}"

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """The front page, where a page is one; what else must not vanish a person has to say."""
        seen = observed.state(HOME)
        if seen.present and isinstance(seen.value, str) and _SLUG.fullmatch(seen.value):
            yield Written((self.name, "home"), quoted(seen.value), (HOME,))
        if observed.state(seen_there.SEARCH) == seen_there.INDEXABLE:
            yield Written((self.name, "indexable"), "true", (seen_there.SEARCH,))

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        if address == HOME and seen.present and _SLUG.fullmatch(str(seen.value)):
            return Words((self.name, "home"), {"slug": str(seen.value)}, "slug")
        if address == TITLE and seen.present and writable(seen.value):
            return Words((self.name, "home"), {"title": str(seen.value)}, "slug")
        if address == seen_there.SEARCH and seen in (seen_there.INDEXABLE, seen_there.HIDDEN):
            word = "true" if seen == seen_there.INDEXABLE else "false"
            return Words((self.name,), {"indexable": word})
        if address == seen_there.HOSTS and (others := seen_there.named_hosts(seen)):
            want = next((m.want.value for m in desired.managed if m.address == address), "")
            known = tuple(host for host in str(want).split(", ") if host)
            return Words((self.name, "scripts"), {"hosts": (*known, *others)}, "hosts")
        if address == seen_there.INLINE and isinstance(seen.value, int):
            return Words((self.name, "scripts"), {"inline": str(seen.value)}, "hosts")
        if address.startswith(PAGES):
            asked = sorted((m for m in desired.managed), key=lambda m: m.span)
            pages = (str(m.address) for m in asked if m.address.startswith(PAGES))
            others = tuple(page[len(PAGES) :] for page in pages if page != address)
            return Words((self.name,), {"pages": others or None})
        if address == THEME_FILES:
            return f"wpstate lock --theme-files {observed.site} writes its files into the fleet"
        return f"write what it is by now under `{self.name}`, by hand; or exempt it"

    def is_weak_point(self, address: Address) -> bool:
        """A site that search engines are kept from is one that nobody finds."""
        return address == seen_there.SEARCH

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed and not left_alone:
            return None
        wants = {m.address: m.want for m in managed}
        home = wants.get(HOME)
        pages = [str(address)[len(PAGES) :] for address in wants if address.startswith(PAGES)]
        pages += [str(left.address)[len(PAGES) :] for left in left_alone]
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

    def looks(self, desired: DesiredState, observed: ObservedState) -> Iterable[LookRequest]:
        wants = {m.address: m.want for m in desired.managed}
        if wants.keys() & {seen_there.HOSTS, seen_there.INLINE, seen_there.SEARCH}:
            yield page(desired, "/")
        if seen_there.SEARCH in wants:
            yield page(desired, "/robots.txt")
        if seen_there.SITEMAP in wants:
            yield page(desired, seen_there.sitemap_path(wants[seen_there.SITEMAP]))

    def parse_looks(
        self, desired: DesiredState, observed: ObservedState, answers: Mapping[str, LookSeen]
    ) -> Iterable[tuple[Address, State]]:
        wants = {m.address: m.want for m in desired.managed}
        front = answers.get(page(desired, "/").name)
        if front is not None:
            own = desired.site.url
            if seen_there.HOSTS in wants:
                yield seen_there.HOSTS, seen_there.hosts(front, wants[seen_there.HOSTS], own)
            if seen_there.INLINE in wants:
                yield seen_there.INLINE, seen_there.inline(front, wants[seen_there.INLINE])
            if seen_there.SEARCH in wants:
                robots = answers[page(desired, "/robots.txt").name]
                setting, want = observed.state(seen_there.SEARCH), wants[seen_there.SEARCH]
                yield seen_there.SEARCH, seen_there.by_page(front, robots, setting, want)
        if seen_there.SITEMAP in wants:
            want = wants[seen_there.SITEMAP]
            map_seen = answers[page(desired, seen_there.sitemap_path(want)).name]
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
        if address == THEME_FILES:
            active = [
                a for a, state in observed.resources if a.startswith("themes.") and state.active
            ]
            return (str(address), *(f"theme_files.{name_of(each)}" for each in active))
        return (str(address), *setting, *found, *records_of(address, answer))

    def is_personal(self, address: Address) -> bool:
        return address.startswith(FORMS)

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        if change.address == HOME:
            return ("taken out of the trash and made the front page again",)
        return ("taken out of the trash, under its old address",)


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
