"""Where a site's forms deliver what visitors write: adapters as data, and their answers as states.

Following an adapter is left to probe/kinds/content.php. Addresses are personal data: a plan shows
them to whoever may plan; what leaves as JSON or Markdown masks them (report.personal).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from wpstate.model.state import Address, Json, State
from wpstate.resources.foreign_text import visible

FORMS: Final = "content.forms."
_ADDRESS = re.compile(r"[^\s,;<>\"()\[\]{}]+@[^\s,;<>\"()\[\]{}]+|https?://[^\s,]+", re.IGNORECASE)
_HEADER = re.compile(r"\s*(?!b?cc:)[a-z-]+:\s", re.IGNORECASE)
"""A header of a mail that makes no copy."""
_ADMIN = re.compile(r"\{admin_email\}|\[_site_admin_email\]")
_MOST_CHARACTERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sort of message that a form sends."""

    at: str
    """Where it stands in the form's data, parts joined by dots; `*` is each of several."""
    to: tuple[str, ...]
    """What of it names receivers."""
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """It is not sent where this has one of these values; false and null are the empty text. After a
    slash the path begins at the form's data, otherwise at this message."""


@dataclass(frozen=True, slots=True)
class FormAdapter:
    """How one plugin keeps its forms."""

    plugin: str
    rows: str
    """SELECT of id, slug, title and data of its forms; `{p}` is the tables' prefix."""
    reads: str
    """How data is written: `json`, `serialized`, `text`."""
    deliveries: tuple[Delivery, ...]
    nodes: tuple[str, str] | None = None
    """Forms are parts of a larger document: those nodes where this key has this value."""
    titled: str | None = None
    """Where such a node has its title."""
    tables: tuple[str, ...] = ()
    """Without their prefix; where one is missing there are no forms."""


_OFF = ("", "0", "false")
_META = (
    "SELECT p.ID AS id, p.post_name AS slug, p.post_title AS title, m.meta_value AS data"
    " FROM `{p}posts` p JOIN `{p}postmeta` m ON m.post_id = p.ID AND m.meta_key = '%s'"
    " WHERE p.post_status = 'publish' AND %s"
)
_CF7 = "p.post_type = 'wpcf7_contact_form'"
_CF7_TO = ("recipient", "additional_headers")
_ACTIVE = ("isActive", _OFF)

ADAPTERS: Final[tuple[FormAdapter, ...]] = (
    # WPCF7_ContactForm::get_properties, Contact Form 7 5 and 6.
    FormAdapter("contact-form-7", _META % ("_mail", _CF7), "serialized", (Delivery("", _CF7_TO),)),
    FormAdapter(
        "contact-form-7",
        _META % ("_mail_2", _CF7),
        "serialized",
        (Delivery("", _CF7_TO, (("active", _OFF),)),),
    ),
    *(
        FormAdapter(
            plugin,
            "SELECT ID AS id, post_name AS slug, post_title AS title, post_content AS data"
            " FROM `{p}posts` WHERE post_type = 'wpforms' AND post_status = 'publish'",
            "json",
            (
                Delivery(
                    "settings.notifications.*",
                    ("email", "carboncopy"),
                    (("enable", _OFF), ("/settings.notification_enable", _OFF)),
                ),
                Delivery("settings.webhooks.*", ("url",), (("/settings.webhooks_enable", _OFF),)),
            ),
        )
        for plugin in ("wpforms", "wpforms-lite")
    ),
    FormAdapter(
        "gravityforms",
        "SELECT f.id AS id, '' AS slug, f.title AS title, m.notifications AS data"
        " FROM `{p}gf_form` f JOIN `{p}gf_form_meta` m ON m.form_id = f.id WHERE f.is_trash = 0",
        "json",
        (
            Delivery("*", ("to",), (_ACTIVE, ("toType", ("field", "routing", "hidden")))),
            Delivery("*", ("routing.*.email",), (_ACTIVE, ("toType", ("email", "field")))),
            Delivery("*", ("cc", "bcc"), (_ACTIVE,)),
        ),
        tables=("gf_form", "gf_form_meta"),
    ),
    FormAdapter(
        "gravityforms",
        "SELECT f.id AS id, '' AS slug, f.title AS title, a.meta AS data FROM `{p}gf_form` f"
        " JOIN `{p}gf_addon_feed` a ON a.form_id = f.id AND a.is_active = 1"
        " AND a.addon_slug = 'gravityformswebhooks' WHERE f.is_trash = 0",
        "json",
        (Delivery("", ("requestURL",)),),
        tables=("gf_form", "gf_addon_feed"),
    ),
    FormAdapter(
        "elementor-pro",
        _META % ("_elementor_data", 'm.meta_value LIKE \'%%"widgetType":"form"%%\''),
        "json",
        (
            Delivery(
                "settings",
                (
                    *("email_to", "email_to_cc", "email_to_bcc", "email_to_2"),
                    *("email_to_cc_2", "email_to_bcc_2", "webhooks"),
                ),
            ),
        ),
        nodes=("widgetType", "form"),
        titled="*.form_name",
    ),
    # The form of the project's own lab: it mails to the administrator of the site.
    FormAdapter(
        "lab-contact",
        "SELECT ID AS id, post_name AS slug, post_title AS title, '[_site_admin_email]' AS data"
        " FROM `{p}posts` WHERE post_status = 'publish' AND post_content LIKE '%[lab_contact]%'",
        "text",
        (Delivery("", ("",)),),
    ),
)


def question(names: Iterable[str]) -> Json:
    """What the probe is asked where a file names forms: all adapters, because what is active is
    known only there."""
    adapters = [
        {
            "plugin": each.plugin,
            "rows": each.rows,
            "reads": each.reads,
            "nodes": list(each.nodes) if each.nodes else None,
            "titled": each.titled,
            "tables": list(each.tables),
            "deliveries": [
                {"at": d.at, "to": list(d.to), "unless": {key: list(v) for key, v in d.unless}}
                for d in each.deliveries
            ],
        }
        for each in ADAPTERS
    ]
    return {"names": sorted(names), "adapters": adapters}


def wanted(targets: Iterable[str]) -> State:
    return State(value=", ".join(sorted({_same(target) for target in targets})))


def observed_forms(answer: Json, active: frozenset[str]) -> Iterable[tuple[Address, State]]:
    """Each form that was asked for, as `NAME` or `PLUGIN/NAME`. Forms of a plugin that is not
    active deliver nothing and are not there."""
    told = answer.get("forms")
    if not isinstance(told, dict):
        return
    by_name: dict[str, dict[tuple[str, str], set[str] | None]] = {}
    for form in told["found"]:
        key, found = (form["plugin"], form["id"]), _receivers(form["to"], told["admin_email"])
        for name in {form["slug"], name_of(form["title"]), form["id"]} - {""}:
            for each in (name, f"{form['plugin']}/{name}"):
                forms = by_name.setdefault(each, {})
                known = forms.get(key, set())
                unread = form["unread"] or known is None
                forms[key] = None if unread else found | (known or set())
    for name in told["names"]:
        forms = {k: to for k, to in by_name.get(name, {}).items() if k[0] in active}
        if forms:
            yield Address(f"{FORMS}{name}"), _state(tuple(forms.values()))


def forms_of(address: Address, answer: Json) -> tuple[str, ...]:
    """How logs and revisions name the forms behind an address: as the posts that most are, and the
    setting that receives what names nobody else."""
    told = answer.get("forms")
    plugin, _, name = address.removeprefix(FORMS).rpartition("/")
    found = told["found"] if isinstance(told, dict) else []
    ids = {
        form["id"].partition(".")[0]
        for form in found
        if name in (form["slug"], name_of(form["title"]), form["id"])
        and plugin in ("", form["plugin"])
    }
    return (*(f"posts.{each}" for each in sorted(ids)), *(("options.admin_email",) if ids else ()))


def name_of(title: str) -> str:
    """A form's title in small letters and hyphens: `Contact form 1` is `contact-form-1`."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()[:200]).strip("-")


def _receivers(told: Iterable[Any], admin_email: str) -> set[str]:
    """Addresses in what the forms say; what stands for the visitor's own is left out."""
    found: set[str] = set()
    for each in told:
        line = _ADMIN.sub(lambda _: f" {admin_email} ", str(each))
        if not _HEADER.match(line):
            found |= {_same(address) for address in _ADDRESS.findall(line)}
    return found


def _same(address: str) -> str:
    """Written so that the same address is the same text."""
    return address if "://" in address else address.lower().rstrip(".")


def _state(forms: tuple[set[str] | None, ...]) -> State:
    if len(forms) > 1:
        return State(value=f"{len(forms)} forms have this name")
    if forms[0] is None:
        return State(value="too large or broken, not read")
    told = ", ".join(visible(address, 200) for address in sorted(forms[0]))
    return State(value=told[:_MOST_CHARACTERS] or "nobody")
