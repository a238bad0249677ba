"""Security points that only the site's own address tells: what a visitor is handed out.

Each is judged by what came, whatever closed it: our mu-plugin, another plugin, the web server or a
firewall before it. No request writes; none of them runs code that it brought.

Sources: WordPress 7.1.1, wp-login.php, xmlrpc.php, class-wp-rest-users-controller.php,
class-wp-sitemaps-users.php, canonical.php.
"""

import json
import re
from typing import Final
from urllib.parse import urlsplit

from wpstate.model.look import LookRequest, LookSeen
from wpstate.resources.security_points import SWITCH, Flag, Htaccess, Point, Unreadable, switch
from wpstate.resources.security_sight import Place, Sight

FRONT: Final = "GET /"
_LIST_METHODS = (
    b'<?xml version="1.0"?><methodCall><methodName>system.listMethods</methodName></methodCall>'
)
_NOT_THERE = "wpstate-asks-for-no-file.php"
_RUN_BY_PHP = r"\.(php[0-9]?|phtml|pht|phps|phar)"
_STATIC = "/wp-includes/images/blank.gif"
_LOGIN_ERROR = 'id="login_error"'


def _ok(look: LookSeen) -> bool:
    return look.status == 200 and look.error is None


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
            _ok(look)
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
    told = {_login_error(look.body) if _ok(look) else "" for look in seen.answers.values()}
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
        offered = json.loads(look.body)["authentication"] if _ok(look) else None
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


def _readme_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/readme.html"),)


def _readme(seen: Sight) -> str:
    look = seen.answers["GET /readme.html"]
    return switch(_ok(look) and "WordPress" in look.body)


def _log_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get(f"{place.content}/debug.log"),)


def _log(seen: Sight) -> str:
    """A site that answers everything with a page hands out no log."""
    (look,) = seen.answers.values()
    return switch(_ok(look) and "<html" not in look.body[:4096].lower())


def _listing_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/wp-includes/"), place.get(f"{place.uploads}/"))


def _listing(seen: Sight) -> str:
    listed = re.compile(r"<(title|h1)>\s*(Index of|Directory listing)", re.IGNORECASE)
    looks = seen.answers.values()
    return switch(any(_ok(look) and listed.search(look.body) for look in looks))


def _uploads_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get(f"{place.uploads}/{place.facts.silent_php or _NOT_THERE}"),)


def _php_in_uploads(seen: Sight) -> str:
    """Nothing is planted. A PHP file that is there and prints nothing answers empty where it was
    run. Where there is none, only a refusal of its very name proves anything: "not found" may come
    from a PHP that looked for it."""
    (look,) = seen.answers.values()
    if seen.facts.silent_php is None:
        return switch(look.status not in (401, 403))
    return switch(_ok(look) and not look.body.strip())


def _static_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get(_STATIC),)


def _static_headers(seen: Sight) -> str:
    headers = dict(seen.answers[f"GET {_STATIC}"].headers)
    return switch(headers.get("x-content-type-options", "").lower() == "nosniff")


_DENIED = (
    "\t<IfModule mod_authz_core.c>",
    "\t\tRequire all denied",
    "\t</IfModule>",
    "\t<IfModule !mod_authz_core.c>",
    "\t\tOrder allow,deny",
    "\t\tDeny from all",
    "\t</IfModule>",
)

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
    Point(
        "readme", SWITCH, "off",
        "readme.html is not served",
        _readme, Unreadable("readme.html"), _readme_asks,
    ),
    Point(
        "debug_log_public", SWITCH, "off",
        "debug.log is not served, should there be one",
        _log, Unreadable("{content}/debug.log"), _log_asks,
    ),
    Point(
        "directory_listing", SWITCH, "off",
        "folders without an index are not listed",
        _listing,
        Htaccess("root", ("Options -Indexes",), "autoindex off;"),
        _listing_asks,
    ),
    Point(
        "php_in_uploads", SWITCH, "off",
        "the web server runs no PHP below uploads",
        _php_in_uploads,
        Htaccess(
            "uploads",
            (f'<FilesMatch "(?i){_RUN_BY_PHP}(\\.|$)">', *_DENIED, "</FilesMatch>"),
            "location ~* ^{uploads}/.*" + _RUN_BY_PHP + "$ { return 403; }",
        ),
        _uploads_asks,
    ),
    Point(
        "static_headers", SWITCH, "on",
        "files that no PHP serves carry X-Content-Type-Options too",
        _static_headers,
        Htaccess(
            "root",
            (
                "<IfModule mod_headers.c>",
                '\tHeader always set X-Content-Type-Options "nosniff"',
                "</IfModule>",
            ),
            'add_header X-Content-Type-Options "nosniff" always;',
            closes="on",
        ),
        _static_asks,
    ),
)  # fmt: skip
