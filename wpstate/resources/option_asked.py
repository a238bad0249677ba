"""What a fleet file says of one option. Changing it is left to resources.options, what becomes of a
secret to option_secrets."""

from collections.abc import Iterable, Sequence
from html import unescape
from typing import Final

from wpstate.model.desired import LeftAlone, Managed
from wpstate.model.node import Items, Map, Text
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, State, name_of
from wpstate.resources import notation, option_lists, option_problems, option_secrets
from wpstate.resources.option_lists import LIST
from wpstate.resources.option_names import OptionName, is_secret, option_name, owner
from wpstate.resources.option_secrets import SECRET
from wpstate.resources.option_types import FORMS, typed
from wpstate.resources.said import Parsed, Said
from wpstate.resources.value_problems import both, protected, too_long

_ONE: Final = "an option"
_STATES: Final = ("absent", "client", "unmanaged")
ESCAPED: Final = ("blogname", "blogdescription")
"""sanitize_option (WordPress 7.1.1) keeps these as HTML: `Design &amp; Build`."""


def option_asked(written: str, name: OptionName, said: Said) -> Parsed:
    address = Address(f"options.{written}")
    value, state = _words(said)
    kept = option_secrets.reference(said)
    literal = value.text if isinstance(value, Text) else "" if kept else "client"
    if owner(name) or is_secret(name, literal):
        slug, mend = "desired.option_protected", option_secrets.MEND
        return Parsed(problems=(protected(slug, _ONE, address, said, owner(name), mend=mend),))
    if value is not None and state is not None:
        return Parsed(problems=(both(_ONE, address, value, state),))
    if kept is not None and (value or state or said.part("type")):
        return Parsed(problems=(option_secrets.beside(address, said),))
    if state is not None and state.text in ("client", "unmanaged"):
        return Parsed(left_alone=(LeftAlone(address, state.text, said.value.span),))
    type_, create = said.part("type"), said.part("create")
    asked = type_.text if type_ else None
    want = State(value=option_secrets.shown(kept)) if kept else ABSENT
    if value is not None:
        problem = _unfit(address, name, value, asked)
        if problem:
            return Parsed(problems=(problem,))
        want = State(value=_wanted(name, value, asked))
        if len(str(want.value)) > notation.LONGEST:
            return Parsed(problems=(too_long("desired.option", _ONE, address, value),))
    created = create is not None and create.text == "true"
    sort = LIST if isinstance(value, Items) else SECRET if kept else ""
    words = (sort, asked, "created" if created else "")
    label = " ".join(word for word in words if word) or ("absent" if want is ABSENT else "set")
    span = value.span if value else said.value.span
    return Parsed((said.asks(address, want, span, label),))


def _words(said: Said) -> tuple[Text | Items | None, Text | None]:
    """Value and state, whichever way they are written."""
    whole = said.value
    if isinstance(whole, Map):
        value = whole.get("value")
        return value if isinstance(value, Text | Items) else None, said.part("state")
    if isinstance(whole, Text) and whole.text in _STATES:
        return None, whole
    return whole, None


def _wanted(name: OptionName, value: Text | Items, asked: str | None) -> str:
    if isinstance(value, Items):
        items = [item.text for item in value.items if isinstance(item, Text)]
        if asked is None:
            return option_lists.plainly(items)
        return option_lists.exactly([typed(item, asked) for item in items])
    text = unescape(value.text) if name.option in ESCAPED and not name.path else value.text
    return notation.quoted(text) if asked == "text" else notation.plain(text)


def _unfit(
    address: Address, name: OptionName, value: Text | Items, asked: str | None
) -> Problem | None:
    if isinstance(value, Items):
        items = (item for item in value.items if isinstance(item, Text))
        off = [item for item in items if asked is not None and not FORMS[asked].match(item.text)]
        return option_problems.wrong_form(address, off[0], asked) if off and asked else None
    if asked is not None and not name.path and asked != "text":
        return option_problems.typed_plain(address, value, asked)
    if asked is not None and not FORMS[asked].match(value.text):
        return option_problems.wrong_form(address, value, asked)
    if asked is None and not name.path and value.text in ("true", "false"):
        return option_problems.word_for_boolean(address, value)
    return None


def inside_each_other(managed: Sequence[Managed]) -> Iterable[Problem]:
    """`a.b` beside `a.b.c`: one would overwrite the other."""
    names = [(option_name(name_of(m.address)), m) for m in managed]
    first = {(name.row, name.path): one for name, one in reversed(names)}
    for name, one in names:
        for depth in range(len(name.path) + 1):
            outer = first.get((name.row, name.path[:depth]))
            if outer is not None and outer is not one:
                yield option_problems.inside(one, outer)
