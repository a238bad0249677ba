"""Accounts: who is an administrator and whose role is which, who leaves and who gets the content.

Reading what git asks is left to user_words, what the probe counted to accounts, the reasons not to
change an account to user_refusals.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from wpstate.model.adopted import Saying, Words
from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources.accounts import counted, in_answer, in_document
from wpstate.resources.catalog import Catalog
from wpstate.resources.file_words import quoted
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said
from wpstate.resources.user_refusals import account_refusals
from wpstate.resources.user_words import (
    ADMINISTRATOR,
    AT_MOST,
    HOW_MANY,
    LISTED,
    PASSWORDS,
    kept_email,
    read_users,
)

_LOGIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 _.@-]{0,59}\Z")
"""As schemas/kinds/users.schema.json has it."""
_UNLISTED = "an administrator whom git does not list: add it to admins, or say under users what"


class UsersKind(Kind):
    name = "users"
    tells_unnamed = True
    stays_with = "what an account wrote lies in tables where others have written since"
    reads_beside: Mapping[str, str | None] = {"admins": "only"}
    touches = ("users", "usermeta", "posts", "links")
    adopts = "admins: [nobody-yet]"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return read_users(said)

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed and not left_alone:
            return None
        addresses = (*(m.address for m in managed), *(left.address for left in left_alone))
        named = {name_of(address).partition("/")[0] for address in addresses}
        heirs = {dict(each.besides).get("reassign_to", "") for each in managed} - {""}
        limit = next((str(each.want.value) for each in managed if each.address == HOW_MANY), None)
        return {
            "logins": sorted((named | heirs) - {name_of(HOW_MANY)}),
            "leaving": sorted(name_of(each.address) for each in managed if not each.want.present),
            "at_most": int(limit.removeprefix(AT_MOST)) if limit else None,
        }

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """Administrators alone: who else has an account is the client's business. One whose login
        no file can name is left out; plans then tell that nobody lists it."""
        admins = tuple(
            address
            for address, state in observed.resources
            if address.startswith("users.")
            and state.value == ADMINISTRATOR
            and _LOGIN.match(name_of(address))
        )
        if admins:
            names = ", ".join(quoted(name_of(address)) for address in admins)
            yield Written((LISTED,), f"[{names}]", admins)

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        accounts = in_document(seen)
        if accounts is None:
            return
        for account in accounts.accounts:
            yield Address(f"users.{account.name}"), State(value=account.role)
            if account.asked:
                held = State(value=account.application_passwords)
                yield Address(f"users.{account.name}{PASSWORDS}"), held
        if accounts.at_most is not None:
            fits = accounts.administrators <= accounts.at_most
            many = f"{AT_MOST}{accounts.at_most}" if fits else str(accounts.administrators)
            yield HOW_MANY, State(value=many)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """An address that no file holds is filled in where the role is called, for an account that
        is made: another change needs no secret."""
        told = super().role_vars(changes, observed)
        for change, one in zip(changes, cast("list[Json]", told["changes"]), strict=True):
            besides = dict(change.besides)
            kept = kept_email(besides.get("email", ""))
            if kept is not None:
                others = {name: text for name, text in besides.items() if name != "email"}
                made = change.action is Action.CREATE
                one["besides"] = {**others, "email": kept} if made else others
        return told

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        accounts = in_answer(observed.answer(self.name))
        return account_refusals(desired, accounts, changes) if accounts else ()

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        accounts = in_answer(observed.answer(self.name))
        if accounts is None:
            return
        if any(each.label == LISTED for each in desired.managed):
            for account in accounts.accounts:
                if account.powerful and not account.asked:
                    address = Address(f"users.{account.name}")
                    yield Noted(address, State(value=account.role), _UNLISTED, "drift")
        if any(PASSWORDS in each.address for each in desired.managed):
            others = accounts.other_application_passwords
            if others:
                address = Address(f"users.(others){PASSWORDS}")
                yield Noted(address, State(value=others), "held by whom git does not name", "drift")
        for content in accounts.without_author:
            address = Address(f"users.(account {content.account})")
            text = f"no such account; without an author: {counted(content.counts)}"
            yield Noted(address, ABSENT, text, "drift")

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        login = name_of(address)
        asked = next((m for m in desired.managed if m.address == address), None)
        if address == HOW_MANY:
            return Words(("admins",), {"at_most": str(seen.value)}, "only")
        if address.endswith(PASSWORDS):
            return "revoke them on the site, allow them under `admins` for all, or exempt it"
        if not _LOGIN.match(login):
            return "no file can name it: see to it on the site, or exempt it"
        listed = sorted((m for m in desired.managed if m.label == LISTED), key=lambda m: m.span)
        others = tuple(name_of(m.address) for m in listed if m.address != address)
        if asked is None and seen.value == ADMINISTRATOR:
            return Words(("admins",), {"only": (*others, login)}, "only")
        if asked is not None and asked.label == LISTED:
            return Words(("admins",), {"only": others}, "only")
        parts: dict[str, Saying] = {"role": None, "state": None, "reassign_to": None}
        if not seen.present:  # `absent` would need an heir, and there is nothing left to give
            return Words(("users", login), parts | {"state": "unmanaged", "email": None}, "state")
        return Words(("users", login), parts | {"role": str(seen.value)}, "role")

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        return (address.partition("/")[0],)

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        if change.action is Action.CREATE:
            return ("its password is random and shown to nobody; no mail is sent",)
        accounts = in_answer(observed.answer(self.name))
        if change.action is not Action.DELETE or accounts is None:
            return ()
        heir = dict(change.besides).get("reassign_to")
        content = accounts.content.get(name_of(change.address))
        if content is None:
            return (f"what it has goes to {heir}",)
        comments = f"{content.comments} comments keep its name"
        return (
            f"goes to {heir}: {counted(content.moves) or 'nothing, it wrote nothing'}",
            *((comments,) if content.comments else ()),
        )
