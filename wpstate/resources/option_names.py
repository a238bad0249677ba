"""Names of options: the path into a shared array, and the names that are not for options to set.

Values are left to resources.options.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

_PARTS = re.compile(r"((?:\\.|[^\\.])+)(?:\.|\Z)")

_OWNERS: Final[Mapping[str, str]] = {
    "siteurl": "the site's own `url`, and moving a site is no setting",
    "home": "the site's own `url`, and moving a site is no setting",
    "active_plugins": "plugins",
    "active_sitewide_plugins": "plugins",
    "recently_activated": "plugins",
    "uninstall_plugins": "plugins",
    "auto_update_plugins": "plugins",
    "template": "themes",
    "stylesheet": "themes",
    "current_theme": "themes",
    "theme_switched": "themes",
    "auto_update_themes": "themes",
    "db_version": "core",
    "initial_db_version": "core",
    "db_upgraded": "core",
    "auto_update_core_*": "core",
    "auto_core_update_*": "core",
    "WPLANG": "core (`core: {locale: fr_FR}`, or `language`)",
    "user_roles": "users",
    "*_user_roles": "users",
    "cron": "cron",
    "users_can_register": "security (`security: {registration: off}`)",
    "default_role": "security (`security: {default_role: subscriber}`)",
    "permalink_structure": "rewrite",
    "rewrite_rules": "rewrite",
    "category_base": "rewrite",
    "tag_base": "rewrite",
    "upload_path": "the host: media would no longer be found",
    "upload_url_path": "the host: media would no longer be found",
    "_transient_*": "whatever keeps it for a while: a transient is no setting",
    "_site_transient_*": "whatever keeps it for a while: a transient is no setting",
}
"""Options, as patterns, and what owns them: WordPress 7.1.1's own schema and its updaters."""

_SECRET: Final = re.compile(
    r"(?i)(\A|[_\- ])(pass|passwd|password|secret|secret_key|api_?key|private_?key"
    r"|auth_?key|license_?key|access_?token|auth_?token|salt)\Z"
    r"|\A(auth|secure_auth|logged_in|nonce|secret)_(key|salt)\Z"
)
_NO_SECRETS: Final = ("", "0", "1", "yes", "no", "on", "off", "true", "false")


@dataclass(frozen=True, slots=True)
class OptionName:
    """`woocommerce_settings.currency`: an option, and the keys that lead to a leaf in it."""

    option: str
    path: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """The option as its table knows it: in whatever case it is written."""
        return self.option.lower()


def option_name(written: str) -> OptionName:
    """Dots part keys; `\\.` is a dot of a key's own."""
    parts = tuple(re.sub(r"\\(.)", r"\1", part) for part in _PARTS.findall(written))
    return OptionName(parts[0], parts[1:])


def owner(name: OptionName) -> str | None:
    """Which kind, or who else, sets this option; None where it is free to set."""
    found = name.row
    owned = ((pattern.lower(), whose) for pattern, whose in _OWNERS.items())
    return next((whose for pattern, whose in owned if fnmatchcase(found, pattern)), None)


def is_secret(name: OptionName, value: str) -> bool:
    """Whether it is called like a password or a key, and holds more than a yes or no."""
    named = any(_SECRET.search(part) for part in (name.option, *name.path))
    return named and value not in _NO_SECRETS
