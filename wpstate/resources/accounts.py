"""What probe/kinds/users.php answered about a site's accounts, as values.

The answer has passed schemas/kinds/users.observed.schema.json; what it means for a plan is left to
users and user_refusals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wpstate.model.state import Json
from wpstate.resources.foreign_text import visible

Counts = tuple[tuple[str, int], ...]
"""How much of what: post types, links."""


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    """As git writes it where git names it, else as the site does."""
    asked: bool
    role: str
    """Several joined by `+`, `none` without any."""
    powerful: bool
    """Has an administrator's rights, by whatever role."""
    application_passwords: int


@dataclass(frozen=True, slots=True)
class Content:
    """What belongs to one account: of every post type, registered or not."""

    moves: Counts
    comments: int
    """They keep the name that they were written under."""


@dataclass(frozen=True, slots=True)
class Fatherless:
    """Content whose author is no account any more."""

    account: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Accounts:
    accounts: tuple[Account, ...]
    """Those that git names, and all with an administrator's rights."""
    administrators: int
    at_most: int | None
    shared: bool
    """They lie in tables that other installs use too (CUSTOM_USER_TABLE)."""
    roles: frozenset[str]
    powerful_roles: frozenset[str]
    other_application_passwords: int
    """Accounts that nobody named and that hold some."""
    content: Mapping[str, Content]
    """Of the accounts that are to leave."""
    without_author: tuple[Fatherless, ...]

    def account(self, name: str) -> Account | None:
        return next((each for each in self.accounts if each.name == name), None)


def in_document(seen: Json) -> Accounts | None:
    """Of the probe's whole answer about one site; None where it was not asked."""
    kinds = seen.get("kinds")
    answer = kinds.get("users") if isinstance(kinds, dict) else None
    return in_answer(answer) if isinstance(answer, dict) else None


def in_answer(answer: Json) -> Accounts | None:
    if not answer:
        return None
    told: dict[str, Any] = dict(answer)
    return Accounts(
        accounts=tuple(_account(each) for each in told["accounts"]),
        administrators=told["administrators"],
        at_most=told["at_most"],
        shared=told["shared"],
        roles=frozenset(told["roles"]),
        powerful_roles=frozenset(told["powerful_roles"]),
        other_application_passwords=told["other_application_passwords"],
        content={each["login"]: _content(each) for each in told["content"]},
        without_author=tuple(
            Fatherless(each["account"], _counts(each["counts"])) for each in told["without_author"]
        ),
    )


def counted(counts: Counts) -> str:
    """`12 post, 3 page, 1 lab_entry`: types as WordPress names them."""
    return ", ".join(f"{number} {what}" for what, number in counts)


def _account(told: dict[str, Any]) -> Account:
    return Account(
        name=visible(told["asked"] or told["login"], 100),
        asked=told["asked"] is not None,
        role="+".join(sorted(visible(role, 60) for role in told["roles"])) or "none",
        powerful=told["powerful"],
        application_passwords=told["application_passwords"],
    )


def _content(told: dict[str, Any]) -> Content:
    return Content(_counts(told["counts"]), told["comments"])


def _counts(told: list[dict[str, Any]]) -> Counts:
    return tuple((visible(each["what"], 60), each["number"]) for each in told)
