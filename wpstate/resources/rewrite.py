"""How WordPress builds addresses: permalink structure and the bases of categories and tags.

Rules follow from them: WordPress makes them anew at the next request, and .htaccess itself where it
already keeps a block of its own in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources import notation
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said
from wpstate.resources.wording import TOO_LONG, text_of

PLAIN: Final = "plain"
"""Addresses such as /?p=123: WordPress then keeps an empty structure."""
NONE: Final = "default"
"""WordPress's own word: /category/news/."""
_KEYS: Final = ("structure", "category_base", "tag_base")


class RewriteKind(Kind):
    name = "rewrite"
    short_form = "structure"
    adopts = "rewrite: plain"
    touches = ("options",)

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        text = text_of(seen.value)
        return Words((self.name,), {name_of(address): text}, "structure") if text else TOO_LONG

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed: list[Managed] = []
        left_alone: list[LeftAlone] = []
        for key, each in sorted(said.items()):
            address, value = Address(f"{self.name}.{key}"), each.value
            assert isinstance(value, Text)
            if value.text in ("client", "unmanaged"):
                left_alone.append(LeftAlone(address, value.text, value.span))
                continue
            want = State(value=_shown(key, value.text))
            managed.append(
                Managed(address, want, value.span, value.span, each.overrides, label="set")
            )
        return Parsed(tuple(managed), tuple(left_alone))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        return {} if managed or left_alone else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        if isinstance(answer, dict):
            for key in _KEYS:
                yield Address(f"{self.name}.{key}"), State(value=_seen(key, answer[key]))

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        if observed.answer(self.name)["block"] and not observed.answer(self.name)["writable"]:
            yield Problem(
                "plan.htaccess",
                "WordPress may not write its own rules",
                changes[0].source,
                changes[0].address,
                found=".htaccess, or what it is a link to, is not writable",
                why="addresses that WordPress builds would not be found by the web server",
                mend="make .htaccess writable for its owner",
            )

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        name = name_of(address)
        return (f"options.{'permalink_structure' if name == 'structure' else name}",)

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        told = ["every address of this sort changes; redirects from the old ones are yours to add"]
        if not observed.answer(self.name)["block"] and change.before.value == PLAIN:
            told.append("no .htaccess of WordPress's: the web server must hand it unknown paths")
        return tuple(told)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        asked = {name_of(c.address): _kept(str(c.after.value)) for c in changes}
        return {"asked": asked, "htaccess": observed.answer(self.name)["block"]}

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        return (".htaccess",) if observed.answer(self.name)["block"] else ()


def _seen(key: str, text: str) -> str:
    """As WordPress keeps it. What is written like a word of ours stands in quotation marks."""
    shown, word = _shown(key, text), PLAIN if key == "structure" else NONE
    if not shown:
        return word
    return notation.quoted(shown) if shown == word else notation.bounded(shown)


def _shown(key: str, text: str) -> str:
    """As people write it; slashes round a base make no difference to WordPress."""
    return notation.plain(text if key == "structure" else text.strip("/"))


def _kept(value: str) -> str:
    """As WordPress keeps it (wp-admin/options-permalink.php, WordPress 7.1.1)."""
    if value in (PLAIN, NONE):
        return ""
    text = notation.read(value)
    return text if text.startswith("/") else f"/{text}"
