"""What a security point is: name, words, promise, how it is seen and how it is set.

The points themselves stand in security_files, security_web and security_server.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from wpstate.model.look import LookRequest, LookSeen
from wpstate.resources.security_sight import Place, Sight

SWITCH: Final = "^(on|off)$"
MODE: Final = "^0?(400|440|444|600|640|644)$"
ROLE: Final = "^[a-z][a-z0-9_-]{0,59}$"
DAYS: Final = "^[1-9][0-9]{0,3}d$"


@dataclass(frozen=True, slots=True)
class Constant:
    """A define in wp-config.php; `off` is this value, `on` the other one."""

    name: str
    off: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An option of WordPress, set through WordPress. A switch is "1" where it is on."""

    name: str


@dataclass(frozen=True, slots=True)
class FileMode:
    """The mode of wp-config.php."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that only its owner may read, so that a web server of another user cannot serve it:
    `off` is 600, `on` is 644."""

    path: str
    """Below the WordPress folder; `{content}` stands for the folder of content."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A switch of our mu-plugin, which closes what it names. Nothing of it opens anything."""

    closes: str = "off"
    """The word that it brings about."""


@dataclass(frozen=True, slots=True)
class OwnText:
    """Our mu-plugin's text, written anew."""


@dataclass(frozen=True, slots=True)
class Htaccess:
    """A block of ours in .htaccess, where the web server reads such files; else the host's work."""

    where: str
    """`root` or `uploads`."""
    lines: tuple[str, ...]
    nginx: str
    """What to ask the host for."""
    closes: str = "off"


@dataclass(frozen=True, slots=True)
class ByHand:
    """Nothing of ours changes it: what a person should do."""

    how: str


Means: TypeAlias = Constant | Option | FileMode | Unreadable | Flag | OwnText | Htaccess | ByHand


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    words: str
    """A pattern of what may be written."""
    good: str
    """The word that a careful agency writes, for documents and examples."""
    promises: str
    """What that word means, in a sentence that is documented."""
    judge: Callable[[Sight], str]
    """The word that fits what was seen."""
    means: Means
    asks: Callable[[Place], tuple[LookRequest, ...]] | None = None
    """Requests as a visitor, none of which writes. None: the probe's facts tell it."""


def switch(is_on: bool) -> str:
    return "on" if is_on else "off"


def is_ok(look: LookSeen) -> bool:
    return look.status == 200 and look.error is None
