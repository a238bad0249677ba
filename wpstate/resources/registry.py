"""All kinds of resource, in the order in which changes are applied. A new kind is one line here."""

from collections.abc import Mapping
from typing import Final

from wpstate.resources.auto_updates import AutoUpdatesKind
from wpstate.resources.caches import CachesKind
from wpstate.resources.constants import ConstantsKind
from wpstate.resources.content import ContentKind
from wpstate.resources.core import CoreKind
from wpstate.resources.cron import CronKind
from wpstate.resources.dropins import DropinsKind
from wpstate.resources.kind import Kind
from wpstate.resources.languages import LanguagesKind
from wpstate.resources.mail import MailKind
from wpstate.resources.migrations import MigrationsKind
from wpstate.resources.mu_plugins import MuPluginsKind
from wpstate.resources.network import NetworkKind
from wpstate.resources.options import OptionsKind
from wpstate.resources.plugins import PluginsKind
from wpstate.resources.rewrite import RewriteKind
from wpstate.resources.security import SecurityKind
from wpstate.resources.themes import ThemesKind
from wpstate.resources.users import UsersKind

KINDS: Final[tuple[Kind, ...]] = (
    CoreKind(),
    PluginsKind(),
    ThemesKind(),
    LanguagesKind(),
    MuPluginsKind(),
    DropinsKind(),
    NetworkKind(),
    MigrationsKind(),
    UsersKind(),
    AutoUpdatesKind(),
    MailKind(),
    ContentKind(),
    OptionsKind(),
    SecurityKind(),
    ConstantsKind(),
    RewriteKind(),
    CronKind(),
    CachesKind(),
)
KIND: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}
