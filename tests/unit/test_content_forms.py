"""Where forms deliver: what the adapters read becomes one value a form, and leaves masked."""

import pytest

from tests.builders import NOW, observed
from tests.builders import desired as asking
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import Managed
from wpstate.model.state import Address, Json, State
from wpstate.planning.build import build
from wpstate.report.contract import observed as contract
from wpstate.report.lines import plain
from wpstate.report.markdown import plan_markdown
from wpstate.report.personal import masked, masked_plan
from wpstate.report.plan_text import plan_lines
from wpstate.report.record import to_json
from wpstate.resources.content import ContentKind
from wpstate.resources.content_forms import forms_of

_ACTIVE = {"file": "contact-form-7/wp-contact-form-7.php", "active": True}


def _asked(forms: str) -> tuple[Managed, ...]:
    text = f"url: https://b.example\ncontent: {{forms: {{{forms}}}}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0].managed


def _form(to: list[str], form_id: str = "5", **other: object) -> Json:
    named = {"slug": "contact-1", "title": "Contact", "unread": False}
    return {"plugin": "contact-form-7", "id": form_id, "to": to, **named, **other}


def _told(*forms: Json, name: str = "contact", active: bool = True) -> object:
    answer: Json = {
        "home": None, "front": None, "front_is": "posts", "pages": {}, "public": "1",
        "forms": {"names": [name], "found": list(forms), "admin_email": "boss@b.example"},
    }  # fmt: skip
    seen: Json = {"kinds": {"content": answer}, "plugins": [{**_ACTIVE, "active": active}]}
    states = {str(a): s for a, s in ContentKind().parse_observed(seen)}
    state = states.get(f"content.forms.{name}")
    return state.value if state else None


@pytest.mark.parametrize(
    ("to", "told"),
    [
        (["CRM@Example.org"], "crm@example.org"),
        (["Agency <a@x.example>; b@x.example"], "a@x.example, b@x.example"),
        (["[_site_admin_email]"], "boss@b.example"),
        (["{admin_email}, {field_id=\"3\"}"], "boss@b.example"),
        (["[your-email]"], "nobody"),
        (["crm@x.example", "Reply-To: v@x.example", "Bcc: spy@evil.example"],
         "crm@x.example, spy@evil.example"),
        (["https://hooks.example/aB"], "https://hooks.example/aB"),
        (["a@x.example\u202e"], "a@x.example\\u202e"),
    ],
)  # fmt: skip
def test_receivers_of_a_form(to: list[str], told: str) -> None:
    assert _told(_form(to)) == told


def test_a_form_by_its_title_its_slug_its_number_and_its_plugin() -> None:
    for name in ("contact", "contact-1", "5", "contact-form-7/contact"):
        assert _told(_form(["a@x.example"]), name=name) == "a@x.example"
    assert _told(_form(["a@x.example"]), name="devis") is None
    assert _told(_form(["a@x.example"]), active=False) is None


def test_logs_name_a_form_as_the_post_that_it_is() -> None:
    answer: Json = {"forms": {"names": [], "found": [_form([])], "admin_email": ""}}
    for name in ("contact", "contact-form-7/contact"):
        traces = forms_of(Address(f"content.forms.{name}"), answer)
        assert traces == ("posts.5", "options.admin_email")
    assert forms_of(Address("content.forms.devis"), answer) == ()


def test_two_parts_of_one_form_are_one_and_two_forms_are_two() -> None:
    one = (_form(["a@x.example"]), _form(["b@x.example"]))
    assert _told(*one) == "a@x.example, b@x.example"
    assert _told(one[0], _form([], form_id="6")) == "2 forms have this name"
    assert _told(one[0], _form([], unread=True)) == "too large or broken, not read"


def test_several_receivers_are_asked_for_in_any_order() -> None:
    (managed,) = _asked("contact: [B@x.example, a@x.example]")
    assert managed.want == State(value="a@x.example, b@x.example")
    assert not managed.applies
    (of_plugin,) = _asked("contact: {delivers_to: a@x.example, plugin: wpforms}")
    assert of_plugin.address == "content.forms.wpforms/contact"


def test_an_address_is_shown_to_whoever_plans_and_masked_elsewhere() -> None:
    (managed,) = _asked("contact: crm@example.org")
    seen = observed({"content.forms.contact": State(value="thief@evil.example")})
    plan = build("p", "f", [(asking(managed), seen)], revision=None, dirty=False, now=NOW)
    assert "crm@example.org → thief@evil.example" in plain(plan_lines(plan))
    elsewhere = (
        to_json(masked_plan(plan)),
        plan_markdown(masked_plan(plan)),
        to_json(contract(seen)),
    )
    for text in elsewhere:
        assert "thief@" not in text
        assert "@evil.example" in text


def test_two_masked_addresses_stay_two() -> None:
    assert masked("crm@example.org") == masked("CRM@example.org").replace("C…", "c…")
    assert masked("crm@example.org") != masked("crl@example.org")
    hook = masked("https://hooks.example/s3cret@b")
    assert hook.startswith("https://hooks.example/…")
    assert "s3cret" not in hook
