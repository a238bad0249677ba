"""Reasons not to change a site's accounts, judged by what the probe counted."""

from collections.abc import Iterable, Iterator, Sequence

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState
from wpstate.model.problem import Problem
from wpstate.model.state import name_of
from wpstate.resources.accounts import Accounts
from wpstate.resources.user_words import ADMINISTRATOR, PASSWORDS


def account_refusals(
    desired: DesiredState, accounts: Accounts, changes: Sequence[Change]
) -> Iterable[Problem]:
    people = tuple(c for c in changes if PASSWORDS not in c.address)
    for change in people:
        yield from _role(change, accounts)
        yield from _email(change)
        yield from _heir(change, accounts, people)
    yield from _last(desired, accounts, people)
    yield from _too_many(desired, accounts, people)
    if accounts.shared:
        yield Problem(
            "plan.users_shared",
            "the accounts of this site are other sites' too",
            key=desired.site.id,
            found="wp-config.php names tables of accounts outside the site's own prefix",
            why="no snapshot of this site holds them, so no rollback could put them back",
            mend="change them by hand, where all of these sites are looked after",
        )
    if desired.policy.freeze.off:
        yield Problem(
            "plan.users_unfrozen",
            "accounts are changed only while visitors wait",
            key=desired.site.id,
            found="freeze: off",
            why="visitors write to the tables of accounts, so no rollback could put them back",
            mend="give this site a freeze, or leave its accounts out",
        )


def _role(change: Change, accounts: Accounts) -> Iterator[Problem]:
    role = str(change.after.value)
    if change.after.present and role not in ("none", *accounts.roles):
        yield Problem(
            "plan.role",
            "the site has no such role",
            change.source,
            change.address,
            found=f'"{role}"; it has {", ".join(sorted(accounts.roles))}',
            why="roles come from WordPress and from plugins",
            mend="write one of its roles, or ask for the plugin that brings it",
        )


def _email(change: Change) -> Iterator[Problem]:
    if change.action is Action.CREATE and "email" not in dict(change.besides):
        yield Problem(
            "plan.no_email",
            "a new account has no address for mail",
            change.source,
            change.address,
            found=f"no account {name_of(change.address)}, and no email in git",
            why="wpstate shows its password to nobody: its owner must be able to ask for another",
            mend=f"write `{{role: {change.after.value}, email: ADDRESS}}`",
        )


def _heir(change: Change, accounts: Accounts, changes: Sequence[Change]) -> Iterator[Problem]:
    heir = dict(change.besides).get("reassign_to")
    if change.action is not Action.DELETE or heir is None:
        return
    comes = any(c.action is Action.CREATE and name_of(c.address) == heir for c in changes)
    if accounts.account(heir) is None and not comes:
        yield Problem(
            "plan.reassign_to",
            "who is to get the content is no account of this site",
            change.source,
            change.address,
            found=f'"{heir}"',
            why="content without an author is lost to whoever looks for it",
            mend="name an account of the site",
        )


def _last(
    desired: DesiredState, accounts: Accounts, changes: Sequence[Change]
) -> Iterator[Problem]:
    before = {account.name for account in accounts.accounts if _is_administrator(account.role)}
    if before and changes and not any(map(_is_administrator, _roles(accounts, changes).values())):
        yield Problem(
            "plan.last_administrator",
            "no administrator would be left",
            key=desired.site.id,
            found=", ".join(f"{name_of(c.address)}: {c.action.value}" for c in changes),
            why="nobody could sign in to mend the site",
            mend="keep one account as administrator, or make another one first",
        )


def _too_many(
    desired: DesiredState, accounts: Accounts, changes: Sequence[Change]
) -> Iterator[Problem]:
    roles = _roles(accounts, changes)
    moved = {name_of(change.address) for change in changes}
    strong = {a.name for a in accounts.accounts if a.powerful and a.name not in moved}
    after = strong | {name for name in moved if roles[name] in accounts.powerful_roles}
    grows = [c for c in changes if c.after.value == ADMINISTRATOR]
    if accounts.at_most is not None and grows and len(after) > accounts.at_most:
        yield Problem(
            "plan.too_many_administrators",
            "there would be more administrators than allowed",
            key=desired.site.id,
            found=f"{len(after)}, at most {accounts.at_most}: {', '.join(sorted(after))}",
            why="admins: {at_most: …} bounds how many doors there are",
            mend="give others another role under users first",
        )


def _roles(accounts: Accounts, changes: Iterable[Change]) -> dict[str, str]:
    """By login, after these changes; empty for who is not there any more."""
    roles = {account.name: account.role for account in accounts.accounts}
    for change in changes:
        roles[name_of(change.address)] = str(change.after.value) if change.after.present else ""
    return roles


def _is_administrator(role: str) -> bool:
    return ADMINISTRATOR in role.split("+")
