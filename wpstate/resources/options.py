"""Options of WordPress and of its plugins: plain ones, and leaves of the arrays that many share.

What is asked is left to option_asked, names to option_names, lists to option_lists, secrets to
option_secrets, showing values to notation, setting them to WordPress's own update_option in the
run's one start of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import unescape
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources import notation, option_lists, option_problems, option_secrets
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.option_asked import ESCAPED, inside_each_other, option_asked
from wpstate.resources.option_lists import LIST
from wpstate.resources.option_names import OptionName, is_secret, option_name
from wpstate.resources.option_secrets import SECRET
from wpstate.resources.option_types import becomes, is_list, type_of, typed
from wpstate.resources.said import Parsed, Said, joined
from wpstate.resources.wording import TOO_LONG, value_words

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


class OptionsKind(Kind):
    name = "options"
    touches = ("options",)
    adopts = "options: {" + ", ".join(f"{name}: ''" for name in _ADOPTED) + "}"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        several = {name: (option_name(name), each) for name, each in sorted(said.items())}
        each = joined(option_asked(name, *pair) for name, pair in several.items())
        return joined((each, Parsed(problems=tuple(inside_each_other(each.managed)))))

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        label = next((m.label for m in desired.managed if m.address == address), "")
        if option_secrets.is_one(label):
            return "its value is a secret: put the one that holds where it is kept, or revert it"
        words = value_words(self.name, name_of(address), seen)
        if isinstance(words, Words) and is_list(label) and seen.present:
            items = option_lists.texts(str(seen.value))
            return replace(words, parts={**words.parts, "value": items}) if items else TOO_LONG
        return words

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        asked = [_asked(m.address, m.label, m.want) for m in managed]
        asked += [_asked(left.address) for left in left_alone if left.owner == "client"]
        return {"options": asked} if asked else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        for name, leaf in _leaves(seen).items():
            value = _value(option_name(name), leaf)
            if value is not None:
                yield Address(f"{self.name}.{name}"), State(value=value)

    def is_ours(self, managed: Managed, seen: State) -> bool:
        return option_secrets.is_one(managed.label) and seen.value == option_secrets.EARLIER

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        return "the secret is not to be had here" if _not_compared(managed, observed) else None

    def conflicts(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        asked = (m for m in desired.managed if option_secrets.is_one(m.label))
        return (option_secrets.missing(m) for m in asked if _not_compared(m, observed))

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
            elif becomes(name, change, leaf) is None:
                yield option_problems.of_another_type(change, found)

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        return (f"{self.name}.{option_name(name_of(address)).option}",)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        leaves = _leaves({"kinds": dict(observed.answers)})
        told: list[Json] = []
        for change in changes:
            name = option_name(name_of(change.address))
            leaf = leaves.get(name_of(change.address), {"type": "missing_option"})
            one: Json = {"option": name.option, "path": list(name.path), "was": leaf["type"]}
            if change.after.present:
                kind, value = becomes(name, change, leaf), str(change.after.value)
                assert kind is not None, "a refusal came before"
                if option_secrets.is_one(change.label):
                    one |= {"value": option_secrets.read(value), "secret": name_of(change.address)}
                elif is_list(change.label):
                    one |= option_lists.told(value, leaf, partial(typed, type_=kind))
                else:
                    one["value"] = typed(notation.read(value) if kind == "text" else value, kind)
                one["escaped"] = name.option in ESCAPED and not name.path
            told.append(one)
        return {"options": told}


def _asked(address: Address, label: str = "", want: State = ABSENT) -> Json:
    """`list`: a list of single values is told with what is in it, in place of its hash. `secret`:
    nothing is told but whether it is the same."""
    name, exact = name_of(address), type_of(label) is not None
    parsed = option_name(name)
    asked: Json = {"name": name, "option": parsed.option, "path": list(parsed.path), "exact": exact}
    if option_secrets.is_one(label):
        return {**asked, SECRET: option_secrets.read(str(want.value))}
    return {**asked, LIST: True} if is_list(label) else asked


def _not_compared(managed: Managed, observed: ObservedState) -> bool:
    if not option_secrets.is_one(managed.label):
        return False
    return observed.state(managed.address).value == option_secrets.UNKNOWN


def _leaves(seen: Json) -> Mapping[str, Json]:
    """What the probe found under each name that it was asked for."""
    kinds = seen.get("kinds")
    answer = kinds.get(OptionsKind.name) if isinstance(kinds, dict) else None
    return answer["options"] if isinstance(answer, dict) else {}


def _value(name: OptionName, leaf: Json) -> str | None:
    """A State's value, None where nothing is there."""
    if SECRET in leaf:
        return option_secrets.seen(leaf)
    match leaf["type"]:
        case "missing_option" | "missing_leaf" | "blocked" | "damaged":
            return None
        case "text" if "json" in leaf:
            text = str(json.loads(str(leaf["json"])))
            if is_secret(name, text):
                return "***"
            if name.option in ESCAPED and not name.path:
                text = unescape(text)
            is_quoted = leaf["exact"] or leaf.get(LIST)  # no text looks like a list
            return notation.bounded(notation.quoted(text) if is_quoted else notation.plain(text))
        case "list":
            return notation.bounded(option_lists.seen(leaf, exact=bool(leaf["exact"])))
        case "array" | "object" | "text":
            return f"{leaf['type']} of {leaf['size']}, sha256:{leaf['sha256']}"
        case _:
            return str(leaf["json"])
