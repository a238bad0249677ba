"""Names of constants that are not for `constants` to set. Values are left to constants."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

_OWNERS: Final[Mapping[str, str]] = {
    "ABSPATH": "the host: where files lie is no setting",
    "WP_CONTENT_*": "the host: where files lie is no setting",
    "WP_PLUGIN_*": "the host: where files lie is no setting",
    "WPMU_PLUGIN_*": "the host: where files lie is no setting",
    "UPLOADS": "the host: where files lie is no setting",
    "WP_HOME": "the site's own `url`, and moving a site is no setting",
    "WP_SITEURL": "the site's own `url`, and moving a site is no setting",
    "RELOCATE": "the site's own `url`, and moving a site is no setting",
    "MULTISITE": "the network that the site is part of",
    "WP_ALLOW_MULTISITE": "the network that the site is part of",
    "SUBDOMAIN_INSTALL": "the network that the site is part of",
    "*_CURRENT_SITE": "the network that the site is part of",
    "CUSTOM_USER_*": "the host: where tables lie is no setting",
    "DISABLE_WP_CRON": "cron (`cron: {wp_cron: off}`)",
    "ALTERNATE_WP_CRON": "cron",
    "DISALLOW_FILE_EDIT": "security (`security: {file_editor: off}`)",
    "DISALLOW_FILE_MODS": "security (`security: {file_mods: off}`)",
    "WP_DEBUG_DISPLAY": "security (`security: {debug_display: off}`)",
    "WP_DEBUG_LOG": "security (`security: {debug_log: off}`)",
    "FORCE_SSL_ADMIN": "security (`security: {ssl_admin: on}`)",
    "WPLANG": "core (`core: {locale: fr_FR}`, or `language`)",
    "WP_INSTALLING": "WordPress itself",
    "WP_ADMIN": "WordPress itself",
    "DOING_*": "WordPress itself",
}
"""Constants, as patterns, and what owns them."""

_SECRET: Final = re.compile(
    r"\A(DB_.*|MYSQL_.*|.*_(KEY|SALT|PASS|PASSWD|PASSWORD|SECRET|TOKEN|USER|DSN)|.*_KEY_.*)\Z"
)


def owner(name: str) -> str | None:
    """Which kind, or who else, sets this constant; None where it is free to set."""
    found = name.upper()
    return next((whose for pattern, whose in _OWNERS.items() if fnmatchcase(found, pattern)), None)


def is_secret(name: str) -> bool:
    """Whether it is called like what a database or a service is opened with."""
    return bool(_SECRET.match(name.upper()))
