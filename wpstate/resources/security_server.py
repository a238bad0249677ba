"""Security points that the web server decides: files that it hands out or runs by itself.

Judged by what a visitor got, like those of security_web. Where the server reads no .htaccess, most
of them are the host's to set.
"""

import re
from typing import Final

from wpstate.model.look import LookRequest
from wpstate.resources.security_points import (
    SWITCH,
    Htaccess,
    Point,
    Unreadable,
    is_ok,
    switch,
)
from wpstate.resources.security_sight import Place, Sight

_NOT_THERE = "wpstate-asks-for-no-file.php"
_RUN_BY_PHP = r"\.(php[0-9]?|phtml|pht|phps|phar)"
_STATIC = "/wp-includes/images/blank.gif"


def _readme_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/readme.html"),)


def _readme(seen: Sight) -> str:
    look = seen.answers["GET /readme.html"]
    return switch(is_ok(look) and "WordPress" in look.body)


def _log_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get(f"{place.content}/debug.log"),)


def _log(seen: Sight) -> str:
    """A site that answers everything with a page hands out no log."""
    (look,) = seen.answers.values()
    return switch(is_ok(look) and "<html" not in look.body[:4096].lower())


def _listing_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get("/wp-includes/"), place.get(f"{place.uploads}/"))


def _listing(seen: Sight) -> str:
    listed = re.compile(r"<(title|h1)>\s*(Index of|Directory listing)", re.IGNORECASE)
    looks = seen.answers.values()
    return switch(any(is_ok(look) and listed.search(look.body) for look in looks))


def _uploads_asks(place: Place) -> tuple[LookRequest, ...]:
    return (place.get(f"{place.uploads}/{place.facts.silent_php or _NOT_THERE}"),)


def _php_in_uploads(seen: Sight) -> str:
    """Nothing is planted. A PHP file that is there and prints nothing answers empty where it was
    run. Where there is none, only a refusal of its very name proves anything: "not found" may come
    from a PHP that looked for it."""
    (look,) = seen.answers.values()
    if seen.facts.silent_php is None:
        return switch(look.status not in (401, 403))
    return switch(is_ok(look) and not look.body.strip())


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
