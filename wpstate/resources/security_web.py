"""Security points that WordPress answers at the site's own address: what a visitor is handed out.

Each is judged by what came, whatever closed it: our mu-plugin, another plugin, the web server or a
firewall before it. No request writes; none of them runs code that it brought. What the web server
alone decides is left to security_server.

Sources: WordPress 7.1.1, wp-login.php, xmlrpc.php, class-wp-rest-users-controller.php,
class-wp-sitemaps-users.php, canonical.php.
"""

import json
import re
from typing import Final
from urllib.parse import urlsplit

from wpstate.model.look import LookRequest, LookSeen
from wpstate.resources.security_points import SWITCH, Flag, Point, is_ok, switch
from wpstate.resources.security_sight import Place, Sight

FRONT: Final = "GET /"
_LIST_METHODS = (
    b'<?xml version="1.0"?><methodCall><methodName>system.listMethods</methodName></methodCall>'
)
_LOGIN_ERROR = 'id="login_error"'


def _xmlrpc_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.post("/xmlrpc.php", _LIST_METHODS),)


def _xmlrpc(seen: Sight) -> str:
    return switch("wp.getUsersBlogs" in seen.answers["POST /xmlrpc.php"].body)


def _users_asks(place: Place) -> tuple[LookRequest, ...]:
    lists = ("/?rest_route=/wp/v2/users", "/wp-json/wp/v2/users", "/wp-sitemap-users-1.xml")
    author = (f"/?author={place.facts.author}",) if place.facts.author else ()
    return tuple(place.get(path) for path in (*lists, *author))


def _users(seen: Sight) -> str:
    return switch(
        any(
            is_ok(look)
            and (
                (look.body.lstrip()[:1] == "[" and '"slug"' in look.body)
                or (name == "GET /wp-sitemap-users-1.xml" and "<loc>" in look.body)
                or (name.startswith("GET /?author=") and _names_author(look, seen.facts.author))
            )
            for name, look in seen.answers.items()
        )
    )


def _names_author(look: LookSeen, author: int) -> bool:
    """Led to `/author/NAME/`, or a page whose class says `author-NAME`."""
    path = urlsplit(look.final_url).path.rstrip("/")
    moved = path != urlsplit(look.request.url).path.rstrip("/")
    return moved or bool(re.search(rf"\bauthor-(?!{author}\b)[\w-]+", look.body))


def _login_asks(place: Place) -> tuple[LookRequest, ...]:
    asked = "/wp-login.php?action=lostpassword&error="
    return (place.get(f"{asked}invalidkey"), place.get(f"{asked}expiredkey"))


def _login_errors(seen: Sight) -> str:
    """Two different mistakes, told by two links that anybody may follow; nobody logs in."""
    told = {_login_error(look.body) if is_ok(look) else "" for look in seen.answers.values()}
    return switch(len(told) > 1)


def _login_error(body: str) -> str:
    """By plain search: a hostile page could keep a pattern busy for hours."""
    _, _, after = body.partition(_LOGIN_ERROR)
    return after.partition("</div>")[0]


def _applications_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/?rest_route=/&_fields=authentication"),)


def _applications(seen: Sight) -> str:
    """WordPress tells where they may be asked for; where it tells nothing, nothing is proven."""
    look = seen.answers["GET /?rest_route=/&_fields=authentication"]
    try:
        offered = json.loads(look.body)["authentication"] if is_ok(look) else None
    except (ValueError, RecursionError, KeyError, TypeError):
        offered = None
    closed = isinstance(offered, dict | list) and "application-passwords" not in offered
    return switch(not closed)


def _front(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/"),)


def _headers(seen: Sight) -> str:
    headers = dict(seen.answers[FRONT].headers)
    framed = "frame-ancestors" in headers.get("content-security-policy", "")
    return switch(
        (framed or bool(headers.get("x-frame-options")))
        and headers.get("x-content-type-options", "").lower() == "nosniff"
        and bool(headers.get("referrer-policy"))
    )


def _version_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/"), place.get("/?feed=rss2"))


def _version(seen: Sight) -> str:
    version = re.escape(seen.core_version)
    told = re.compile(
        rf"content=[\"']WordPress {version}|wordpress\.org/\?v={version}"
        rf"|[?&;]ver={version}(?![\w.])"
    )
    pages = (seen.answers[FRONT], seen.answers["GET /?feed=rss2"])
    return switch(any(told.search(look.body) for look in pages))


POINTS: Final = (
    Point(
        "xmlrpc", SWITCH, "off",
        "xmlrpc.php lists no methods and takes none (Jetpack and old apps need it `on`)",
        _xmlrpc, Flag(), _xmlrpc_asks,
    ),
    Point(
        "user_enumeration", SWITCH, "off",
        "visitors get no user names from REST, `?author=` or the sitemap",
        _users, Flag(), _users_asks,
    ),
    Point(
        "login_errors", SWITCH, "off",
        "the login page says the same whatever was wrong",
        _login_errors, Flag(), _login_asks,
    ),
    Point(
        "application_passwords", SWITCH, "off",
        "WordPress offers no application passwords",
        _applications, Flag(), _applications_asks,
    ),
    Point(
        "security_headers", SWITCH, "on",
        "pages carry X-Content-Type-Options, Referrer-Policy and X-Frame-Options",
        _headers, Flag(closes="on"), _front,
    ),
    Point(
        "version", SWITCH, "off",
        "pages and feeds do not tell the version of WordPress",
        _version, Flag(), _version_asks,
    ),
)  # fmt: skip
