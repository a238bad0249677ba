"""Accounts: what the words mean, what is drift, and which changes are refused."""

from typing import Any

import pytest

from tests.builders import NOW, observed
from tests.unit.desired.folders import sound_fleet
from tests.unit.test_observation import entry, text_of
from wpstate.desired.compose import compose
from wpstate.model.change import Action
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.secret import SecretReference
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site
from wpstate.planning.simulate import simulate, undo
from wpstate.report.personal import masked_pass, masked_plan
from wpstate.report.record import to_json
from wpstate.resources.catalog import Catalog
from wpstate.resources.observation import observed_states
from wpstate.resources.registry import KIND
from wpstate.resources.users import UsersKind

_ROLES = ["administrator", "editor", "author", "subscriber", "shop_boss"]


def _asked(text: str) -> DesiredState:
    return compose(sound_fleet(sites__boutique=f"url: https://b.example\n{text}")).sites[0]


def _account(login: str, role: str, **said: Any) -> dict[str, Any]:
    strong = role in ("administrator", "shop_boss")
    own = {"asked": login, "roles": [role], "powerful": strong, "application_passwords": 0}
    return {"login": login, **own, **said}


def _seen(*accounts: dict[str, Any], **said: Any) -> ObservedState:
    answer = {
        "accounts": list(accounts),
        "administrators": sum(account["powerful"] for account in accounts),
        "at_most": None,
        "shared": False,
        "roles": _ROLES,
        "powerful_roles": ["administrator", "shop_boss"],
        "other_application_passwords": 0,
        "content": [],
        "without_author": [],
        **said,
    }
    options = {"home": "https://b.example", "db_version": "60421"}
    site = entry(id="boutique", kinds={"users": answer}, options=options)
    seen = observed_states(text_of(site), [SiteId("boutique")], NOW)[SiteId("boutique")]
    assert seen.faults == ()
    return seen


def _plan(text: str, seen: ObservedState) -> SitePlan:
    return build_site(_asked(text), seen)


def _slugs(plan: SitePlan) -> set[str]:
    return {problem.slug for problem in plan.refusals} - {"plan.host_owner"}


def _drift(plan: SitePlan) -> dict[str, str]:
    noted = plan.noted
    return {str(n.address).removeprefix("users."): n.text for n in noted if n.sort == "drift"}


def test_words_for_an_account() -> None:
    asked = _asked(
        "admins: [agency]\n"
        "users: {anna: editor, bo: {role: author, email: bo@x.example, why: new},"
        " cy: {state: absent, reassign_to: agency}, di: client, ed: {role: client}}\n"
    )
    wants = {str(m.address): (m.want, m.creates, dict(m.besides)) for m in asked.managed}
    assert wants == {
        "users.agency": (State(value="administrator"), False, {}),
        "users.anna": (State(value="editor"), True, {}),
        "users.bo": (State(value="author"), True, {"email": "bo@x.example"}),
        "users.cy": (ABSENT, True, {"reassign_to": "agency"}),
        "users.ed": (State(value="client"), True, {}),
    }
    assert [str(left.address) for left in asked.left_alone] == ["users.di"]
    assert asked.questions["users"] == {
        "logins": ["agency", "anna", "bo", "cy", "di", "ed"],
        "leaving": ["cy"],
        "at_most": None,
    }


def test_an_address_that_no_file_holds_is_filled_in_by_whoever_calls_the_role() -> None:
    plan = _plan(
        "users: {new: {role: editor, email: {secret: {env: WPSTATE_SECRET_NEW}}},"
        " old: {role: author, email: o@x.example}}\n",
        _seen(),
    )
    assert [dict(change.besides)["email"] for change in plan.changes] == [
        "secret env WPSTATE_SECRET_NEW",
        "o@x.example",
    ]
    told: Any = UsersKind().role_vars(plan.changes, observed({}))
    assert [one["besides"]["email"] for one in told["changes"]] == [
        SecretReference("env", "WPSTATE_SECRET_NEW"),
        "o@x.example",
    ]
    # What is shown to programs and in comments has no address either.
    shown = to_json(masked_plan(Plan("p", "f", None, False, NOW, NOW, (), (plan,))))
    assert "o@x.example" not in shown
    assert "o…" in shown
    run = Run("r", SiteId("b"), None, Outcome.APPLIED, NOW, 9, 1, (), tuple(plan.changes), (), ())
    made = Pass((Reconciled(SiteId("b"), Standing.RUN, "", None, run),), None)
    assert "o@x.example" in to_json(made)
    assert "o@x.example" not in to_json(masked_pass(made))


def test_an_account_is_listed_or_left_alone_never_both() -> None:
    asked = _asked("admins: [agency]\nusers: {agency: unmanaged}\n")
    assert [(str(m.address), m.label) for m in asked.managed] == [("users.agency", "admins")]
    assert asked.left_alone == ()


def test_nothing_is_asked_of_a_site_whose_accounts_nobody_names() -> None:
    assert "users" not in _asked("notes: none\n").questions


def test_an_administrator_whom_nobody_listed_is_drift() -> None:
    seen = _seen(_account("agency", "administrator"), _account("evil", "shop_boss", asked=None))
    plan = _plan("admins: [agency]\n", seen)
    assert plan.changes == ()
    assert list(_drift(plan)) == ["evil"]
    named = _plan("admins: [agency]\nusers: {evil: subscriber}\n", _seen(*_two("evil")))
    assert [(c.action, c.after.value) for c in named.changes] == [(Action.UPDATE, "subscriber")]
    assert _drift(_plan("users: {agency: administrator}\n", seen)) == {}


def test_a_listed_administrator_who_is_gone_is_told_and_never_made() -> None:
    gone = [{"account": 7, "counts": [{"what": "page in the trash", "number": 3}]}]
    seen = _seen(_account("agency", "administrator"), without_author=gone)
    plan = _plan("admins: [agency, shop-owner]\n", seen)
    assert plan.changes == ()
    told = _drift(plan)
    assert told.keys() == {"shop-owner", "(account 7)"}
    assert "3 page in the trash" in told["(account 7)"]


def test_more_administrators_than_allowed_are_told() -> None:
    text = "admins: {at_most: 1}\n"
    many = _seen(_account("a", "administrator"), _account("b", "administrator"), at_most=1)
    assert list(_drift(_plan(text, many))) == ["(administrators)"]
    assert _drift(_plan(text, _seen(_account("a", "administrator"), at_most=1))) == {}


def test_application_passwords_are_revoked_of_whom_git_names_and_told_of_others() -> None:
    text = "admins: {only: [agency], application_passwords: off}\n"
    agency = _account("agency", "administrator", application_passwords=2)
    plan = _plan(text, _seen(agency, other_application_passwords=1))
    (change,) = plan.changes
    assert (change.address, change.before.value, change.after.value) == (
        "users.agency/application_passwords",
        2,
        0,
    )
    assert list(_drift(plan)) == ["(others)/application_passwords"]


def test_a_removal_shows_first_what_moves_to_whom() -> None:
    counts = [{"what": "page", "number": 3}, {"what": "lab_entry", "number": 1}]
    content = [{"login": "evil", "counts": counts, "comments": 4}]
    text = "users: {evil: {state: absent, reassign_to: agency}}\n"
    (change,) = _plan(text, _seen(*_two("evil"), content=content)).changes
    assert change.action is Action.DELETE
    assert change.notes == ("goes to agency: 3 page, 1 lab_entry", "4 comments keep its name")
    assert dict(change.besides) == {"reassign_to": "agency"}


def _two(login: str) -> tuple[dict[str, Any], ...]:
    return _account("agency", "administrator"), _account(login, "administrator")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("users: {agency: editor, evil: subscriber}\n", "plan.last_administrator"),
        (
            "users: {agency: {state: absent, reassign_to: evil}, evil: editor}\n",
            "plan.last_administrator",
        ),
        ("users: {evil: {state: absent, reassign_to: nobody}}\n", "plan.reassign_to"),
        ("users: {new: editor}\n", "plan.no_email"),
        ("users: {evil: captain}\n", "plan.role"),
        ("freeze: off\nusers: {evil: editor}\n", "plan.users_unfrozen"),
        (
            "admins: {at_most: 2}\nusers: {new: {role: administrator, email: n@x.example}}\n",
            "plan.too_many_administrators",
        ),
    ],
)
def test_what_is_refused(text: str, slug: str) -> None:
    limit = 2 if "at_most" in text else None
    plan = _plan(text, _seen(*_two("evil"), at_most=limit))
    assert _slugs(plan) == {slug}


def test_accounts_that_other_installs_share_are_only_looked_at() -> None:
    seen = _seen(*_two("evil"), shared=True)
    assert _slugs(_plan("users: {evil: editor}\n", seen)) == {"plan.users_shared"}
    assert list(_drift(_plan("admins: [agency]\nusers: {evil: client}\n", seen))) == []


def test_an_heir_may_come_in_the_same_plan() -> None:
    text = (
        "users: {evil: {state: absent, reassign_to: new}, new: {role: editor, email: n@x.example}}"
    )
    plan = _plan(f"{text}\n", _seen(*_two("evil")))
    assert _slugs(plan) == set()
    assert [c.action for c in plan.changes] == [Action.CREATE, Action.DELETE]


def test_a_hostile_login_is_only_text() -> None:
    evil = _account("evil\u202e\x1b[2J", "administrator", asked=None)
    plan = _plan("admins: [agency]\n", _seen(_account("agency", "administrator"), evil))
    (address,) = _drift(plan)
    assert address.isprintable()


def test_a_plan_of_accounts_is_whole() -> None:
    """Nothing is left to do after it, and undoing it gives back what was seen."""
    text = (
        "admins: {only: [agency], application_passwords: off}\n"
        "users: {evil: {state: absent, reassign_to: agency}, anna: subscriber,"
        " new: {role: editor, email: n@x.example}}\n"
    )
    agency = _account("agency", "administrator", application_passwords=1)
    seen = _seen(agency, _account("evil", "administrator"), _account("anna", "author"))
    changes = _plan(text, seen).changes
    assert {c.action for c in changes} == {Action.CREATE, Action.UPDATE, Action.DELETE}
    assert build_site(_asked(text), simulate(seen, changes)).changes == ()
    assert undo(simulate(seen, changes), changes).resources == seen.resources


def test_an_import_leaves_out_a_login_that_no_file_can_name() -> None:
    """Plugins let in what WordPress itself would not: such an account must not keep a site out."""
    odd = ("jürgen", "e{{7*7}}\nx: 'y", "-dash", "l" * 61)
    own = _account("agency", "administrator")
    seen = _seen(own, *(_account(name, "administrator", asked=None) for name in odd))

    (written,) = KIND["users"].adopted(seen, Catalog(), follow=False)

    assert [str(address) for address in written.about] == ["users.agency"]
    assert set(_drift(_plan(f"admins: {written.value}\n", seen))) >= {"jürgen", "-dash"}
