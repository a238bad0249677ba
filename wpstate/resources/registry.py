"""All kinds of resource, in the order of fleet files. A new kind is one line here."""

from wpstate.resources.core import CoreKind
from wpstate.resources.kind import ResourceKind
from wpstate.resources.plugins import PluginsKind

KINDS: tuple[ResourceKind, ...] = (CoreKind(), PluginsKind())
