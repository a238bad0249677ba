"""Security points that the probe's facts tell: constants, options, modes, names, files."""

from typing import Final

from wpstate.resources.security_points import (
    DAYS,
    MODE,
    ROLE,
    SWITCH,
    ByHand,
    Constant,
    FileMode,
    Option,
    Point,
    switch,
)
from wpstate.resources.security_sight import Sight

GUESSED: Final = (
    "admin",
    "administrator",
    "demo",
    "root",
    "test",
    "user",
    "webmaster",
    "wordpress",
)
"""Names that are tried first, beside the one of the site's own address."""

CONSTANTS: Final = (
    "DISALLOW_FILE_EDIT", "DISALLOW_FILE_MODS", "WP_DEBUG", "WP_DEBUG_DISPLAY", "WP_DEBUG_LOG",
    "FORCE_SSL_ADMIN",
)  # fmt: skip
SALTS: Final = tuple(
    f"{name}_{sort}"
    for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")
    for sort in ("KEY", "SALT")
)
"""Constants whose values never leave the host: the probe tells how old and how weak they are."""


def _file_editor(seen: Sight) -> str:
    closed = seen.facts.constants
    return switch(not (closed.get("DISALLOW_FILE_EDIT") or closed.get("DISALLOW_FILE_MODS")))


def _file_mods(seen: Sight) -> str:
    return switch(not seen.facts.constants.get("DISALLOW_FILE_MODS"))


def _debug_display(seen: Sight) -> str:
    """wp_debug_mode() (WordPress 7.1.1): shown where WP_DEBUG is on, unless told otherwise."""
    constants = seen.facts.constants
    return switch(constants.get("WP_DEBUG", False) and constants.get("WP_DEBUG_DISPLAY", True))


def _debug_log(seen: Sight) -> str:
    constants = seen.facts.constants
    return switch(constants.get("WP_DEBUG", False) and constants.get("WP_DEBUG_LOG", False))


def _ssl_admin(seen: Sight) -> str:
    """wp_ssl_constants() (WordPress 7.1.1): where nothing is said, as the site's own address is."""
    return switch(seen.facts.constants.get("FORCE_SSL_ADMIN", seen.facts.https))


def _salts(seen: Sight) -> str:
    """wp-config.php cannot be older than the salts in it: what is told is the least age."""
    limit = seen.facts.salts_at_most_days
    if seen.facts.salts_weak:
        return "weak"
    return f"over {limit}d" if seen.facts.config_age_days > limit else f"{limit}d"


POINTS: Final = (
    Point(
        "file_editor", SWITCH, "off",
        "nobody edits plugins' and themes' files in wp-admin",
        _file_editor, Constant("DISALLOW_FILE_EDIT", off=True),
    ),
    Point(
        "file_mods", SWITCH, "off",
        "nobody installs, updates or deletes code in wp-admin; wpstate still does",
        _file_mods, Constant("DISALLOW_FILE_MODS", off=True),
    ),
    Point(
        "debug_display", SWITCH, "off",
        "pages show no errors of PHP to visitors",
        _debug_display, Constant("WP_DEBUG_DISPLAY", off=False),
    ),
    Point(
        "debug_log", SWITCH, "off",
        "WordPress writes no debug.log",
        _debug_log, Constant("WP_DEBUG_LOG", off=False),
    ),
    Point(
        "ssl_admin", SWITCH, "on",
        "login and wp-admin are served over https alone",
        _ssl_admin, Constant("FORCE_SSL_ADMIN", off=False),
    ),
    Point(
        "registration", SWITCH, "off",
        "visitors cannot register by themselves",
        lambda seen: switch(seen.facts.registration), Option("users_can_register"),
    ),
    Point(
        "default_role", ROLE, "subscriber",
        "new accounts have this role",
        lambda seen: seen.facts.default_role, Option("default_role"),
    ),
    Point(
        "config_mode", MODE, "640",
        "wp-config.php has exactly this mode",
        lambda seen: seen.facts.config_mode, FileMode(),
    ),
    Point(
        "salts", DAYS, "365d",
        "the eight keys and salts are there, differ, and wp-config.php is no older than this",
        _salts,
        ByHand("new ones end every session: `wp config shuffle-salts` at a time that suits"),
    ),
    Point(
        "admin_names", SWITCH, "off",
        "no administrator has a name that is tried first: " + ", ".join(GUESSED)
        + ", or the site's own",
        lambda seen: switch(bool(seen.facts.admins)),
        ByHand("make another administrator, then delete this one and give away its content"),
    ),
    Point(
        "backup_files", SWITCH, "off",
        "no copy of the site, its database or wp-config.php lies in the web root",
        lambda seen: switch(bool(seen.facts.backups)),
        ByHand("somebody may need them: move them out of the web root by hand"),
    ),
)  # fmt: skip
