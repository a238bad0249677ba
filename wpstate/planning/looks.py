"""Which looks a run takes, and when: pure lists of requests.

A look's name pairs what was seen before with what is seen after. Sending is left to adapters.http,
judging to planning.verdict.
"""

from collections.abc import Iterable
from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, Look
from wpstate.model.look import Eyes, LookRequest
from wpstate.model.observed import ObservedState
from wpstate.resources.registry import KINDS

_FRONT = Look(path="/")
_HARMLESS_BODY = b"wpstate=look"
_ADMIN_PATHS = ("", "plugins.php")


def declared(desired: DesiredState) -> tuple[Look, ...]:
    """The looks that desired state names; the front page where it names none."""
    return desired.looks or (_FRONT,)


def name_of(path: str, eyes: Eyes, method: str = "GET") -> str:
    """`/shop/ as visitor`, `POST / as visitor`."""
    shown = path if method == "GET" else f"{method} {path}"
    return f"{shown} as {eyes.value}"


def before_anonymous(desired: DesiredState, admin_url: str) -> tuple[LookRequest, ...]:
    """Before the freeze, as anybody: what the site answers while it is well.

    `admin_url` is the address of wp-admin, with a trailing slash.
    """
    return _as_anybody(desired, admin_url, with_token=False)


def before_frozen(desired: DesiredState, admin_url: str) -> tuple[LookRequest, ...]:
    """Right after the freeze is proved and before anything is changed: what needs the token."""
    return _as_admin(desired, admin_url)


def after(desired: DesiredState, admin_url: str) -> tuple[LookRequest, ...]:
    """Under the freeze, after the changes: everything, then everything again, because some faults
    spare the first request. Front page first."""
    once = _as_anybody(desired, admin_url, with_token=True) + _as_admin(desired, admin_url)
    return once + once


def after_thaw(desired: DesiredState) -> tuple[LookRequest, ...]:
    """Visitors have the site again: one look without the token."""
    return (_visitor(desired.site.url, declared(desired)[0].path, with_token=False),)


def freeze_proof(desired: DesiredState) -> tuple[LookRequest, LookRequest]:
    """One look that must get 503, and one with the token that must be proven
    (`verdict.judge_freeze`)."""
    url = _url(desired.site.url, "/")
    return (
        LookRequest(name="freeze without token", url=url),
        LookRequest(name="freeze with token", url=url, with_token=True),
    )


def asked_in_run(
    desired: DesiredState, observed: ObservedState, changes: Iterable[Change]
) -> tuple[LookRequest, ...]:
    """What kinds ask under the freeze, once, to see what was changed; of the whole site where there
    are no changes, which is how a rollback by hand looks."""
    changed = {change.address for change in changes}
    managed = tuple(m for m in desired.managed if not changed or m.address in changed)
    narrow = replace(desired, managed=managed)
    looking = (kind for kind in KINDS if kind.looks_in_runs)
    asked = (look for kind in looking for look in kind.looks(narrow, observed))
    return tuple(dict.fromkeys(asked))


def _as_anybody(
    desired: DesiredState, admin_url: str, *, with_token: bool
) -> tuple[LookRequest, ...]:
    site = desired.site.url
    paths = dict.fromkeys(("/", *(look.path for look in declared(desired)), "/wp-json/"))
    login = admin_url.removesuffix("wp-admin/") + "wp-login.php"
    return (
        *(_visitor(site, path, with_token=with_token) for path in paths),
        LookRequest(
            name=name_of("/", Eyes.CRAWLER),
            url=_url(site, "/"),
            eyes=Eyes.CRAWLER,
            with_token=with_token,
        ),
        LookRequest(
            name=name_of("/", Eyes.VISITOR, "POST"),
            url=_url(site, "/"),
            method="POST",
            body=_HARMLESS_BODY,
            with_token=with_token,
        ),
        LookRequest(name=name_of("/wp-login.php", Eyes.VISITOR), url=login, with_token=with_token),
    )


def _as_admin(desired: DesiredState, admin_url: str) -> tuple[LookRequest, ...]:
    pages = tuple(
        LookRequest(
            name=name_of(f"/wp-admin/{path}", Eyes.ADMIN),
            url=admin_url + path,
            eyes=Eyes.ADMIN,
            with_token=True,
        )
        for path in _ADMIN_PATHS
    )
    ajax = LookRequest(
        name=name_of("/wp-admin/admin-ajax.php", Eyes.ADMIN, "POST"),
        url=f"{admin_url}admin-ajax.php",
        method="POST",
        eyes=Eyes.ADMIN,
        body=b"action=wpstate_look",
        with_token=True,
    )
    return (*pages, ajax)


def _visitor(site_url: str, path: str, *, with_token: bool) -> LookRequest:
    return LookRequest(
        name=name_of(path, Eyes.VISITOR), url=_url(site_url, path), with_token=with_token
    )


def _url(site_url: str, path: str) -> str:
    return f"{site_url.rstrip('/')}/{path.lstrip('/')}"
