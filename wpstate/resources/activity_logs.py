"""What three activity logs wrote, read as the addresses that it speaks of.

As the plugins write it: WP Activity Log 5 (classes/WPSensors: alerts and their data), Simple
History 5 (loggers: messages and their context), Stream 4 (connectors: contexts and their meta).
Collecting the rows is left to probe/events.php, when and by whom to resources.events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

Facts = Mapping[str, str]

# WP Activity Log: alerts of WP_System_Sensor that stand for one option.
_WSAL_OPTIONS: Final = {
    "6001": "users_can_register", "6002": "default_role", "6003": "admin_email",
    "6005": "permalink_structure", "6008": "blog_public", "6009": "default_comment_status",
    "6010": "require_name_email", "6011": "comment_registration",
    "6012": "close_comments_for_old_posts", "6013": "close_comments_days_old",
    "6014": "comment_moderation", "6015": "comment_previously_approved",
    "6016": "comment_max_links", "6017": "moderation_keys", "6018": "disallowed_keys",
    "6024": "siteurl", "6025": "home", "6035": "show_on_front", "6036": "page_on_front",
    "6037": "page_for_posts", "6040": "timezone_string", "6041": "date_format",
    "6042": "time_format", "6044": "auto_update_core_major", "6045": "WPLANG", "6059": "blogname",
    "6063": "site_icon", "6064": "site_icon", "6065": "site_icon",
}  # fmt: skip
_WSAL_CORE: Final = "6004"
_WSAL_AUTO_UPDATES: Final = "5028"
_WSAL_THEME_FILE, _WSAL_PLUGIN_FILE = "2046", "2051"
_CORE_MAJOR: Final = "core_major_auto_updates_setting_"


@dataclass(frozen=True, slots=True)
class Names:
    """What is installed, as its headers call it: logs often know no more than that."""

    plugins: Mapping[str, str]
    """Folder by name."""
    themes: Mapping[str, str]

    def plugin(self, told: str) -> Iterator[str]:
        """A path, a main file, a folder or a name as address."""
        slug = self._slug(told)
        if slug:
            yield f"plugins.{slug}"

    def auto_updates(self, told: str) -> Iterator[str]:
        slug = self._slug(told)
        if slug:
            yield f"auto_updates.plugins.{slug}"

    def theme(self, told: str) -> Iterator[str]:
        """Another version or another state of a theme: other files too."""
        folder = self._folder(told)
        if folder:
            yield f"themes.{folder}"
            yield f"theme_files.{folder}"

    def theme_file(self, told: str) -> Iterator[str]:
        folder = self._folder(told)
        if folder:
            yield f"theme_files.{folder}"

    def _slug(self, told: str) -> str:
        below = told.rsplit("/plugins/", 1)[-1]
        slug = below.partition("/")[0].removesuffix(".php")
        # Simple History takes the folder of a single file's path: `.`
        return "" if slug == "." else self.plugins.get(told, slug)

    def _folder(self, told: str) -> str:
        return self.themes.get(told, told.rsplit("/themes/", 1)[-1].strip("/"))


def wp_activity_log(facts: Facts, names: Names) -> Iterator[str]:
    alert = facts.get("alert", "")
    for key in ("TargetUsername", "TargetUserData", "NewUserData"):
        if facts.get(key):
            yield f"users.{facts[key]}"
    if facts.get("TargetUserID"):
        yield f"users.(account {facts['TargetUserID']})"
    if alert == _WSAL_AUTO_UPDATES:
        yield from names.auto_updates(facts.get("name", ""))
    elif alert[:1] == "5" or alert == _WSAL_PLUGIN_FILE:
        for key in ("PluginFile", "Plugin", "PluginData"):
            yield from names.plugin(facts.get(key, ""))
    if alert[:1] == "5":
        yield from names.theme(facts.get("Theme", ""))
    elif alert == _WSAL_THEME_FILE:
        yield from names.theme_file(facts.get("Theme", ""))
    if facts.get("post", facts.get("PostID", "")) not in ("", "0"):
        yield f"posts.{facts.get('post') or facts['PostID']}"
    if facts.get("task_name"):
        yield f"cron.hooks.{facts['task_name']}"
    if alert in _WSAL_OPTIONS:
        yield f"options.{_WSAL_OPTIONS[alert]}"
    if alert == _WSAL_CORE:
        yield "core.version"


def simple_history(facts: Facts, names: Names) -> Iterator[str]:
    message = facts.get("_message_key", "")
    if message.endswith(("_failed", "_available")) or message == "ran_event":
        return  # nothing changed
    for key in ("edited_user_login", "created_user_login", "deleted_user_login"):
        if facts.get(key):
            yield f"users.{facts[key]}"
    if facts.get("deleted_user_id"):
        yield f"users.(account {facts['deleted_user_id']})"
    is_of_updates = message.startswith("plugin_auto_updates_")
    for key in ("plugin_slug", "plugin", "plugin_name"):
        told = facts.get(key, "")
        yield from names.auto_updates(told) if is_of_updates else names.plugin(told)
    if facts.get("theme_stylesheet_path"):
        yield from names.theme_file(facts["theme_stylesheet_path"])
    else:
        for key in ("theme_slug", "theme_name", "prev_theme_name"):
            yield from names.theme(facts.get(key, ""))
    if facts.get("post_id"):
        yield f"posts.{facts['post_id']}"
    if facts.get("option"):
        yield f"options.{facts['option']}"
    if facts.get("event_hook"):
        yield f"cron.hooks.{facts['event_hook']}"
    if message.startswith(_CORE_MAJOR):
        yield "options.auto_update_core_major"
    elif facts.get("logger") == "SimpleCoreUpdatesLogger":
        yield "core.version"


def stream(facts: Facts, names: Names) -> Iterator[str]:
    # Stream 3 wrote `wordpress` where 4 writes `WordPress`.
    match facts.get("connector"), facts.get("context", "").lower():
        case "users", "users" | "profiles":
            if facts.get("login"):
                yield f"users.{facts['login']}"
            yield f"users.(account {facts.get('object')})"
        case "installer", "plugins":
            for key in ("slug", "plugin", "name"):
                yield from names.plugin(facts.get(key, ""))
        case "installer", "themes":
            for key in ("slug", "name"):
                yield from names.theme(facts.get(key, ""))
        case "installer", "wordpress":
            yield "core.version"
        case "editor", "plugins":
            yield from names.plugin(facts.get("plugin_slug", ""))
        case "editor", "themes":
            yield from names.theme_file(facts.get("theme_slug", ""))
        case "posts", _:
            yield f"posts.{facts.get('object')}"
        case "settings", _ if facts.get("option"):
            yield f"options.{facts['option']}"
        case _:
            pass
