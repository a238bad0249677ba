"""What the probe finds of content in real tables, as plugins that keep forms there write them."""

import json
from collections.abc import Iterator

import pytest

from tests.integration import lab_accounts
from tests.integration.lab_site import LabSite, borrowed
from tests.unit.desired.folders import sound_fleet
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import ABSENT, Address
from wpstate.resources.content_forms import ADAPTERS

_PLUGINS = sorted({adapter.plugin for adapter in ADAPTERS})


@pytest.fixture(scope="module")
def site() -> Iterator[LabSite]:
    with borrowed("getenv", reset=True) as lab:
        for plugin in _PLUGINS:
            folder = lab.plugins / plugin
            folder.mkdir()
            (folder / f"{plugin}.php").write_text(f"<?php\n/* Plugin Name: {plugin} */\n")
        files = [f"{plugin}/{plugin}.php" for plugin in _PLUGINS]
        packed = "".join(f'i:{n};s:{len(f)}:"{f}";' for n, f in enumerate(files))
        _option(lab, "active_plugins", f"a:{len(files)}:{{{packed}}}")
        _option(lab, "admin_email", "boss@b.example")
        yield lab


def _option(lab: LabSite, name: str, value: str) -> None:
    table = f"{lab.prefix}options"
    lab.rows(f"UPDATE {table} SET option_value = {_quoted(value)} WHERE option_name = '{name}'")


def _quoted(text: str) -> str:
    return "x'" + text.encode().hex() + "'"


def _post(lab: LabSite, sort: str, title: str, content: str = "", **meta: str) -> None:
    columns = (
        "post_author, post_date, post_date_gmt, post_modified, post_modified_gmt, post_content,"
        " post_title, post_excerpt, post_status, post_name, to_ping, pinged,"
        " post_content_filtered, post_type"
    )
    values = (
        f"1, NOW(), NOW(), NOW(), NOW(), {_quoted(content)}, {_quoted(title)}, '', 'publish',"
        f" '{title.lower()}-1', '', '', '', '{sort}'"
    )
    lab.rows(f"INSERT INTO {lab.prefix}posts ({columns}) VALUES ({values})")
    for key, value in meta.items():
        lab.rows(
            f"INSERT INTO {lab.prefix}postmeta (post_id, meta_key, meta_value)"
            f" SELECT MAX(ID), '{key}', {_quoted(value)} FROM {lab.prefix}posts"
        )


def _observed(content: str) -> ObservedState:
    text = f"url: http://127.0.0.1:18109\ncontent: {content}\n"
    desired = compose(sound_fleet(sites__boutique=text)).sites[0]
    asking = DesiredState(
        site=lab_accounts.site("getenv"),
        profiles=(), managed=desired.managed, left_alone=(), looks=(), policy=desired.policy,
        settings=(), questions=desired.questions,
    )  # fmt: skip
    with lab_accounts.shells() as shells:
        seen = ProbeObserver(shells, SystemClock()).observe([asking])[asking.site.id]
    assert seen.faults == ()
    return seen


def _delivers(name: str) -> object:
    state = _observed(f"{{forms: {{{name}: x@x.example}}}}").state(Address(f"content.forms.{name}"))
    return None if state == ABSENT else state.value


def _serialized(**values: object) -> str:
    """As PHP's serialize() writes an array of texts and truth values."""
    parts = ""
    for key, value in values.items():
        text = str(value)
        told = f"b:{int(value)};" if isinstance(value, bool) else f's:{len(text)}:"{text}";'
        parts += f's:{len(key)}:"{key}";{told}'
    return f"a:{len(values)}:{{{parts}}}"


def test_contact_form_7(site: LabSite) -> None:
    headers = "Reply-To: [e]\nBcc: spy@x.example"
    mail = _serialized(active=True, recipient="CRM@x.example", additional_headers=headers)
    off = _serialized(active=False, recipient="off@x.example", additional_headers="")
    _post(site, "wpcf7_contact_form", "Seven", _mail=mail, _mail_2=off)
    assert _delivers("seven") == "crm@x.example, spy@x.example"
    both = _serialized(active=True, recipient="[e], too@x.example", additional_headers="")
    _post(site, "wpcf7_contact_form", "Both", _mail=mail, _mail_2=both)
    assert _delivers("both") == "crm@x.example, spy@x.example, too@x.example"
    _post(site, "wpcf7_contact_form", "Broken", _mail='a:1:{s:9:"recip')
    assert _delivers("broken") == "too large or broken, not read"


def test_wpforms(site: LabSite) -> None:
    settings = {
        "notification_enable": "1",
        "notifications": {
            "1": {"email": "{admin_email}", "carboncopy": "b@x.example"},
            "2": {"enable": "0", "email": "off@x.example"},
        },
        "webhooks": {"1": {"url": "https://hooks.example/aB"}},
    }
    _post(site, "wpforms", "Wp", json.dumps({"settings": settings}))
    # Of the two plugins that share the forms only one is ever active; here both are.
    told = _observed("{forms: {wp: {delivers_to: x@x.example, plugin: wpforms}}}")
    value = told.state(Address("content.forms.wpforms/wp")).value
    assert value == "b@x.example, boss@b.example, https://hooks.example/aB"
    off = {**settings, "notification_enable": "0", "webhooks_enable": "0"}
    _post(site, "wpforms", "Off", json.dumps({"settings": off}))
    none = _observed("{forms: {off: {delivers_to: x@x.example, plugin: wpforms}}}")
    assert none.state(Address("content.forms.wpforms/off")).value == "nobody"


def test_gravity_forms(site: LabSite) -> None:
    p = site.prefix
    assert _delivers("gravity") is None  # its tables are not there yet
    site.rows(
        f"CREATE TABLE {p}gf_form (id INT, title VARCHAR(150), is_active INT, is_trash INT);"
        f"CREATE TABLE {p}gf_form_meta (form_id INT, notifications LONGTEXT);"
        f"CREATE TABLE {p}gf_addon_feed"
        " (id INT, form_id INT, is_active INT, meta LONGTEXT, addon_slug VARCHAR(50))"
    )
    notifications = {
        "a": {"isActive": True, "toType": "email", "to": "crm@x.example", "bcc": "spy@x.example"},
        "b": {"isActive": False, "toType": "email", "to": "off@x.example"},
        "c": {"toType": "routing", "to": "stale@x.example", "routing": [{"email": "r@x.example"}]},
    }
    feed = _quoted(json.dumps({"requestURL": "https://hooks.example/g"}))
    site.rows(
        f"INSERT INTO {p}gf_form VALUES (3, 'Gravity', 1, 0);"
        f"INSERT INTO {p}gf_form_meta VALUES (3, {_quoted(json.dumps(notifications))});"
        f"INSERT INTO {p}gf_addon_feed VALUES (1, 3, 1, {feed}, 'gravityformswebhooks')"
    )
    receivers = "crm@x.example, https://hooks.example/g, r@x.example, spy@x.example"
    assert _delivers("gravity") == receivers


def test_elementor(site: LabSite) -> None:
    form = {
        "elType": "widget",
        "widgetType": "form",
        "settings": {"form_name": "Devis", "email_to": "crm@x.example", "webhooks": ""},
    }
    other = {**form, "settings": {"form_name": "Rappel", "email_to": "tel@x.example"}}
    document = [{"elements": [{"elements": [form]}, other]}]
    _post(site, "page", "Elements", _elementor_data=json.dumps(document, separators=(",", ":")))
    assert _delivers("devis") == "crm@x.example"
    assert _delivers("rappel") == "tel@x.example"


def test_a_form_too_large_to_be_read_is_not_one_without_receivers(site: LabSite) -> None:
    large = {"settings": {"notifications": {"1": {"email": "a@x.example"}}, "x": "x" * 1_100_000}}
    _post(site, "wpforms", "Large", json.dumps(large))
    told = _observed("{forms: {large: {delivers_to: x@x.example, plugin: wpforms}}}")
    value = told.state(Address("content.forms.wpforms/large")).value
    assert value == "too large or broken, not read"


def test_pages_where_they_are_and_where_they_went(site: LabSite) -> None:
    p = site.prefix
    site.rows(f"UPDATE {p}posts SET post_name = 'nous-ecrire' WHERE post_name = 'contact'")
    site.rows(f"UPDATE {p}posts SET post_status = 'draft' WHERE post_name = 'a-propos'")
    pages = "{pages: [contact, mentions-legales, a-propos, cgv, nous-ecrire/cgv]}"
    found = {str(a): s.value for a, s in _observed(pages).resources if a.startswith("content.p")}
    assert found == {
        "content.pages.contact": "now at nous-ecrire",
        "content.pages.mentions-legales": "published",
        "content.pages.a-propos": "draft",
    }
