"""Constants of wp-config.php: observed as its code defines them, edited where its text is plain.

Reading and editing the file is left to playbooks/files/wp_config_text.php, showing to notation.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Map, Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources import constant_problems, notation
from wpstate.resources.catalog import Catalog
from wpstate.resources.constant_names import is_secret, owner
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said, joined
from wpstate.resources.value_problems import both, protected, too_long
from wpstate.resources.wording import value_words

_ADOPTED: Final = (
    "AUTOSAVE_INTERVAL", "EMPTY_TRASH_DAYS", "MEDIA_TRASH", "WP_MAX_MEMORY_LIMIT",
    "WP_MEMORY_LIMIT", "WP_POST_REVISIONS",
)  # fmt: skip
"""Constants that an import writes down, where wp-config.php has them."""
_ONE: Final = "a constant"
_STATES: Final = ("absent", "client", "unmanaged")
_WORDS: Final = ("on", "off", "yes", "no", "null", "true", "false")
"""As PHP spells no value, small `true` and `false` aside: kept as text, each would be true."""
_UNTOLD: Final[Json] = {"form": "untold"}
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_TYPED: Final = re.compile(r"(true|false|null|-?(0|[1-9][0-9]{0,17}))\Z")


class ConstantsKind(Kind):
    name = "constants"
    stays_with = "wp-config.php holds it among all others"
    each_apart = True
    probe_needs = ("wp_config_text.php",)

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return joined(_constant(name, each) for name, each in sorted(said.items()))

    adopts = "constants: {" + ", ".join(f"{name}: 1" for name in _ADOPTED) + "}"

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        shown = str(seen.value)
        is_text = shown.startswith('"') or _is_word(shown)
        return value_words(self.name, name_of(address), seen, type="text" if is_text else None)

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        names = [name_of(m.address) for m in managed]
        names += [name_of(left.address) for left in left_alone if left.owner == "client"]
        return {"constants": names} if names else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        for name, found in answer["constants"].items() if isinstance(answer, dict) else ():
            if "type" in found:
                yield Address(f"{self.name}.{name}"), State(value=_seen(found))

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        answer = observed.answer(self.name)
        obstacle = answer["obstacle"]
        for change in changes:
            form = _found(answer, change)["form"]
            if obstacle is not None:
                yield constant_problems.file(change, str(obstacle))
            elif form not in ("missing", "plain"):
                yield constant_problems.defined_otherwise(change, str(form))
            elif form == "missing" and not answer["has_place"]:
                yield constant_problems.file(change, "no_place")

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        return (str(address), self.name)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        assert observed.paths is not None
        asked = [{"name": name_of(c.address), "value": _php(c.after)} for c in changes]
        return {"config": observed.paths.config, "constants": asked}

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        assert observed.paths is not None
        return (observed.paths.config.removeprefix(observed.paths.wp.rstrip("/") + "/"),)


def _constant(name: str, said: Said) -> Parsed:
    address = Address(f"constants.{name}")
    if is_secret(name) or owner(name):
        slug = "desired.constant_protected"
        return Parsed(problems=(protected(slug, _ONE, address, said, owner(name)),))
    value, state = _words(said)
    if value is not None and state is not None:
        return Parsed(problems=(both(_ONE, address, value, state),))
    if state is not None and state.text in ("client", "unmanaged"):
        return Parsed(left_alone=(LeftAlone(address, state.text, said.value.span),))
    type_ = said.part("type")
    if value is not None and type_ is None and _is_word(value.text):
        return Parsed(problems=(constant_problems.word(address, value),))
    want = State(value=_asked(value.text, type_)) if value else ABSENT
    if len(str(want.value)) > notation.LONGEST:
        assert value is not None
        return Parsed(problems=(too_long("desired.constant", _ONE, address, value),))
    span = value.span if value else said.value.span
    return Parsed((said.asks(address, want, span, "set" if value else "absent"),))


def _words(said: Said) -> tuple[Text | None, Text | None]:
    """Value and state, whichever way they are written."""
    if isinstance(said.value, Map):
        return said.part("value"), said.part("state")
    assert isinstance(said.value, Text)
    return (None, said.value) if said.value.text in _STATES else (said.value, None)


def _is_word(text: str) -> bool:
    return text.lower() in _WORDS and text not in ("true", "false")


def _asked(text: str, type_: Text | None) -> str:
    """`10` and `true` as PHP has them; everything else, or where the type says so, a text."""
    if type_ is None and (_INTEGER.match(text) or text in ("true", "false")):
        return text
    return _text(text)


def _text(text: str) -> str:
    """A text that looks like another type stands in quotation marks."""
    return notation.quoted(text) if _TYPED.match(text) else notation.plain(text)


def _seen(found: Json) -> str:
    if "json" not in found:
        return f"{found['type']} of {found['size']} bytes, sha256:{found['sha256']}"
    text = str(found["json"])
    return notation.bounded(_text(json.loads(text)) if found["type"] == "text" else text)


def _php(state: State) -> str | int | bool | None:
    if not state.present:
        return None
    text = str(state.value)
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _INTEGER.match(text) else notation.read(text)


def _found(answer: Json, change: Change) -> Json:
    constants = answer["constants"]
    assert isinstance(constants, dict)
    found = constants.get(name_of(change.address), _UNTOLD)
    assert isinstance(found, dict)
    return found
