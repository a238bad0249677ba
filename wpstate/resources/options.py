"""Options of WordPress and of its plugins: plain ones, and leaves of the arrays that many share.

Names are left to option_names, showing values to notation, setting them to WordPress's own
update_option in the run's one start of it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Final

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Map, Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources import notation, option_problems
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.option_names import OptionName, is_secret, option_name, owner
from wpstate.resources.said import Parsed, Said, joined
from wpstate.resources.value_problems import both, protected, too_long

_ADOPTED: Final = (
    "blogname", "timezone_string", "date_format", "time_format", "start_of_week",
    "posts_per_page", "posts_per_rss", "rss_use_excerpt", "show_on_front", "default_comment_status",
    "default_ping_status", "default_pingback_flag", "comment_moderation", "comment_registration",
    "comments_notify", "moderation_notify", "close_comments_for_old_posts", "thread_comments",
    "page_comments", "comments_per_page", "show_avatars", "thumbnail_size_w", "thumbnail_size_h",
    "medium_size_w", "large_size_w", "uploads_use_yearmonth_folders",
)  # fmt: skip
"""Settings that an import writes down: those on the pages of Settings in wp-admin that clients
change by accident (WordPress 7.1.1, wp-admin/options-*.php)."""
_ONE: Final = "an option"
_STATES: Final = ("absent", "client", "unmanaged")
_TYPES: Final = ("text", "integer", "number", "boolean")
_ESCAPED: Final = ("blogname", "blogdescription")
"""sanitize_option (WordPress 7.1.1) keeps these as HTML: `Design &amp; Build`."""
_FORMS: Final = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,17})\Z"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,8})\.([0-9]|[0-9]{1,5}[1-9])\Z"),
    "boolean": re.compile(r"(true|false)\Z"),
    "null": re.compile(r"null\Z"),
    "text": re.compile(r"(?s).*\Z"),
}


class OptionsKind(Kind):
    name = "options"
    touches = ("options",)
    adopts = "options: {" + ", ".join(f"{name}: ''" for name in _ADOPTED) + "}"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        several = {name: (option_name(name), each) for name, each in sorted(said.items())}
        each = joined(_option(name, *pair) for name, pair in several.items())
        return joined((each, Parsed(problems=tuple(_inside_each_other(each.managed)))))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        exact = {m.address: _type(m.label) is not None for m in managed}
        exact |= {left.address: False for left in left_alone if left.owner == "client"}
        asked = [_asked(name_of(address), exact=is_exact) for address, is_exact in exact.items()]
        return {"options": asked} if asked else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        for name, leaf in _leaves(seen).items():
            value = _value(option_name(name), leaf)
            if value is not None:
                yield Address(f"{self.name}.{name}"), State(value=value)

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        leaves = _leaves({"kinds": dict(observed.answers)})
        for change in changes:
            leaf = leaves.get(name_of(change.address), {"type": "missing_option"})
            found = str(leaf["type"])
            name = option_name(name_of(change.address))
            if found in ("blocked", "damaged", "object"):
                yield option_problems.blocked(change, found)
            elif not change.after.present:
                continue
            elif found == "missing_option" and name.path and "created" not in change.label:
                yield option_problems.missing(change, name.option)
            elif found == "array":
                yield option_problems.shared(change)
            elif _becomes(name, change, found) is None:
                yield option_problems.of_another_type(change, found)

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        return (f"{self.name}.{option_name(name_of(address)).option}",)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        leaves = _leaves({"kinds": dict(observed.answers)})
        told: list[Json] = []
        for change in changes:
            name = option_name(name_of(change.address))
            found = str(leaves.get(name_of(change.address), {}).get("type", "missing_option"))
            one: Json = {"option": name.option, "path": list(name.path), "was": found}
            if change.after.present:
                kind = _becomes(name, change, found)
                assert kind is not None, "a refusal came before"
                one["value"] = _typed(str(change.after.value), kind)
                one["escaped"] = name.option in _ESCAPED and not name.path
            told.append(one)
        return {"options": told}


def _option(written: str, name: OptionName, said: Said) -> Parsed:
    address = Address(f"options.{written}")
    value, state = _words(said)
    if owner(name) or is_secret(name, value.text if value else "client"):
        slug = "desired.option_protected"
        return Parsed(problems=(protected(slug, _ONE, address, said, owner(name)),))
    if value is not None and state is not None:
        return Parsed(problems=(both(_ONE, address, value, state),))
    why = said.part("why")
    if state is not None and state.text in ("client", "unmanaged"):
        return Parsed(left_alone=(LeftAlone(address, state.text, said.value.span),))
    type_, create = said.part("type"), said.part("create")
    asked = type_.text if type_ else None
    want = ABSENT
    if value is not None:
        problem = _unfit(address, name, value, asked)
        if problem:
            return Parsed(problems=(problem,))
        text = unescape(value.text) if name.option in _ESCAPED and not name.path else value.text
        want = State(value=notation.quoted(text) if asked == "text" else notation.plain(text))
        if len(str(want.value)) > notation.LONGEST:
            return Parsed(problems=(too_long("desired.option", _ONE, address, value),))
    words = (asked, "created" if create and create.text == "true" else None)
    label = " ".join(word for word in words if word) or ("absent" if want is ABSENT else "set")
    return Parsed(
        (
            Managed(
                address=address,
                want=want,
                span=value.span if value else said.value.span,
                asked_by=said.value.span,
                overrides=said.overrides,
                label=label,
                why=why.text if why else None,
            ),
        )
    )


def _words(said: Said) -> tuple[Text | None, Text | None]:
    """Value and state, whichever way they are written."""
    if isinstance(said.value, Map):
        return said.part("value"), said.part("state")
    assert isinstance(said.value, Text)
    return (None, said.value) if said.value.text in _STATES else (said.value, None)


def _unfit(address: Address, name: OptionName, value: Text, asked: str | None) -> Problem | None:
    if asked is not None and not name.path and asked != "text":
        return option_problems.typed_plain(address, value, asked)
    if asked is not None and not _FORMS[asked].match(value.text):
        return option_problems.wrong_form(address, value, asked)
    if asked is None and not name.path and value.text in ("true", "false"):
        return option_problems.word_for_boolean(address, value)
    return None


def _inside_each_other(managed: Sequence[Managed]) -> Iterable[Problem]:
    """`a.b` beside `a.b.c`: one would overwrite the other."""
    names = [(option_name(name_of(m.address)), m) for m in managed]
    first = {(name.row, name.path): one for name, one in reversed(names)}
    for name, one in names:
        for depth in range(len(name.path) + 1):
            outer = first.get((name.row, name.path[:depth]))
            if outer is not None and outer is not one:
                yield option_problems.inside(one, outer)


def _asked(name: str, *, exact: bool) -> Json:
    parsed = option_name(name)
    return {"name": name, "option": parsed.option, "path": list(parsed.path), "exact": exact}


def _leaves(seen: Json) -> Mapping[str, Json]:
    """What the probe found under each name that it was asked for."""
    kinds = seen.get("kinds")
    answer = kinds.get(OptionsKind.name) if isinstance(kinds, dict) else None
    return answer["options"] if isinstance(answer, dict) else {}


def _value(name: OptionName, leaf: Json) -> str | None:
    """A State's value, None where nothing is there."""
    match leaf["type"]:
        case "missing_option" | "missing_leaf" | "blocked" | "damaged":
            return None
        case "text" if "json" in leaf:
            text = str(json.loads(str(leaf["json"])))
            if is_secret(name, text):
                return "***"
            if name.option in _ESCAPED and not name.path:
                text = unescape(text)
            return notation.bounded(
                notation.quoted(text) if leaf["exact"] else notation.plain(text)
            )
        case "array" | "object" | "text":
            return f"{leaf['type']} of {leaf['size']}, sha256:{leaf['sha256']}"
        case _:
            return str(leaf["json"])


def _becomes(name: OptionName, change: Change, found: str) -> str | None:
    """The type that a leaf gets: the asked one, else the one it has. None where the value asked for
    is not of that type, or where nothing says which it should have."""
    value = str(change.after.value)
    asked = _type(change.label)
    if asked is not None or not name.path:
        return asked or "text"
    if found == "text":
        before = str(change.before.value)
        like_before = value in ("true", "false") and before not in ("true", "false")
        return None if like_before else "text"
    if found in ("missing_leaf", "missing_option", "null"):
        unclear = any(
            _FORMS[form].match(value) for form in ("integer", "number", "boolean", "null")
        )
        return None if unclear else "text"
    fits = found in _FORMS and _FORMS[found].match(value)
    return found if fits else None


def _type(label: str) -> str | None:
    return next((word for word in label.split() if word in _TYPES), None)


def _typed(value: str, type_: str) -> str | int | float | bool:
    match type_:
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case "boolean":
            return value == "true"
        case _:
            return notation.read(value)
