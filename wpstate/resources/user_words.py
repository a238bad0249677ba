"""What the layers say of accounts, read: `admins`, and `users` by login."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from wpstate.model.desired import LeftAlone, Managed
from wpstate.model.node import Items, Map, Text
from wpstate.model.problem import Problem
from wpstate.model.secret import SecretReference
from wpstate.model.state import ABSENT, Address, State
from wpstate.resources.said import Parsed, Said, joined

ADMINISTRATOR: Final = "administrator"
_STATES: Final = ("absent", "client", "unmanaged")
LISTED: Final = "admins"
"""The label of those whom `admins` lists."""
HOW_MANY: Final = Address("users.(administrators)")
"""How many there are. No login holds a bracket or a slash (sanitize_user, WordPress 7.1.1)."""
AT_MOST: Final = "at most "
KEPT: Final = "secret "
"""Before the place of an address that no file holds."""
PASSWORDS: Final = "/application_passwords"
"""After an account's address: how many it holds."""


def read_users(said: Mapping[str, Said]) -> Parsed:
    own = {login: words for login, words in said.items() if "/" not in login}
    only, at_most = said.get("admins/only"), said.get("admins/at_most")
    listed = _texts(only)
    parsed = joined(_user(login, words) for login, words in sorted(own.items()))
    managed = list(parsed.managed)
    managed += [
        _managed(login.text, only, login, State(value=ADMINISTRATOR), LISTED, creates=False)
        for login in listed
        if only and _leaves_open(own.get(login.text))
    ]
    limit = _text(at_most)
    passwords = said.get("admins/application_passwords")
    off = _text(passwords)
    if off and off.text == "off" and passwords:
        managed += [_no_passwords(each, passwords, off) for each in managed if each.want.present]
    if limit and at_most:
        want = State(value=f"{AT_MOST}{limit.text}")
        many = _managed("(administrators)", at_most, limit, want, "at_most", creates=False)
        managed.append(replace(many, applies=False))
    problems = (*parsed.problems, *_contradictions(own, listed, limit))
    named = {each.address for each in managed}
    left_alone = tuple(left for left in parsed.left_alone if left.address not in named)
    return Parsed(tuple(managed), left_alone, problems)


def _user(login: str, said: Said) -> Parsed:
    state, word = _words(said)
    match state:
        case "client" | "unmanaged":
            left = LeftAlone(Address(f"users.{login}"), state, said.value.span)
            return Parsed(left_alone=(left,))
        case "absent":
            heir = said.part("reassign_to")
            if heir is None:
                return Parsed(problems=(_no_heir(login, said, word),))
            managed = _managed(login, said, word, ABSENT, "absent")
            return Parsed((replace(managed, besides=(("reassign_to", heir.text),)),))
        case _:
            managed = _managed(login, said, word, State(value=word.text), "role")
            email = _email(said)
            besides = (("email", email),) if email else ()
            return Parsed((replace(managed, besides=besides),))


def _email(said: Said) -> str | None:
    """An address, or where it is kept: `secret env WPSTATE_SECRET_ANNA`."""
    written = said.value.get("email") if isinstance(said.value, Map) else None
    if isinstance(written, Text):
        return written.text
    kept = written.get("secret") if isinstance(written, Map) else None
    if not isinstance(kept, Map):
        return None
    ((source, name),) = kept.entries
    assert isinstance(name, Text)
    return f"{KEPT}{SecretReference(source.text, name.text)}"


def kept_email(email: str) -> SecretReference | None:
    """None of an address that is written out: no address holds a space."""
    if not email.startswith(KEPT):
        return None
    source, _, name = email.removeprefix(KEPT).partition(" ")
    return SecretReference(source, name)


def _words(said: Said) -> tuple[str | None, Text]:
    """The state, where one is asked, and the word that decides. A role may be called `client`:
    in the long form it says which of the two it is."""
    if isinstance(said.value, Text):
        return (said.value.text if said.value.text in _STATES else None), said.value
    state, role = said.part("state"), said.part("role")
    if state is not None:
        return state.text, state
    assert role is not None
    return None, role


def _managed(
    login: str, said: Said, word: Text, want: State, label: str, *, creates: bool = True
) -> Managed:
    asked = said.asks(Address(f"users.{login}"), want, word.span, label)
    return replace(asked, creates=creates)


def _no_passwords(account: Managed, said: Said, word: Text) -> Managed:
    login = f"{_login(account)}{PASSWORDS}"
    held = _managed(login, said, word, State(value=0), "off", creates=False)
    return replace(held, part_of=account.address)


def _contradictions(
    own: Mapping[str, Said], listed: Iterable[Text], limit: Text | None
) -> Iterator[Problem]:
    listed = tuple(listed)
    names = {login.text: login for login in listed}
    leaving = {login for login, said in own.items() if _words(said)[0] == "absent"}
    for login, said in sorted(own.items()):
        state, word = _words(said)
        if login in names and state is None and word.text == ADMINISTRATOR:
            pass
        elif login in names and state not in ("client", "unmanaged"):
            yield Problem(
                "desired.contradiction",
                "account is listed as an administrator and asked to be something else",
                said.value.span,
                f"users.{login}",
                overrides=names[login].span,
                found=f'"{word.text}" beside admins: {login}',
                why="an account has one role",
                mend=f"delete {login} from admins, or here",
            )
        heir = said.part("reassign_to")
        if heir is not None and (heir.text in leaving or state != "absent"):
            gone = heir.text in leaving and state == "absent"
            yield Problem(
                "desired.contradiction",
                "content would go to an account that leaves too"
                if gone
                else "reassign_to stands beside an account that stays",
                heir.span,
                f"users.{login}.reassign_to",
                found=f'"{heir.text}"',
                why="what somebody wrote goes to an account that stays"
                if gone
                else "only the content of who leaves goes to another",
                mend="name an account that stays" if gone else "delete reassign_to",
            )
    if limit is not None and len(listed) > int(limit.text):
        yield Problem(
            "desired.contradiction",
            "admins lists more administrators than it allows",
            limit.span,
            "admins: at_most",
            found=f"{len(listed)} listed, at most {limit.text}",
            why="the list itself would break the limit",
            mend=f"write at_most: {len(listed)}, or list fewer",
        )


def _no_heir(login: str, said: Said, word: Text) -> Problem:
    return Problem(
        "desired.reassign_to",
        "nothing says who gets the content of an account that leaves",
        word.span,
        f"users.{login}",
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{word.text}"',
        why="without an heir WordPress deletes all that the account wrote, pages and media too",
        mend=f"write `{login}: {{state: absent, reassign_to: LOGIN}}`",
    )


def _leaves_open(said: Said | None) -> bool:
    """Nothing beside the list speaks of this account."""
    return said is None or _words(said)[0] == "unmanaged"


def _login(managed: Managed) -> str:
    return managed.address.partition(".")[2]


def _text(said: Said | None) -> Text | None:
    return said.value if said and isinstance(said.value, Text) else None


def _texts(said: Said | None) -> tuple[Text, ...]:
    items = said.value.items if said and isinstance(said.value, Items) else ()
    return tuple(item for item in items if isinstance(item, Text))
