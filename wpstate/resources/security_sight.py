"""What is known of a site when its security points are judged: probe's facts, visitors' answers.

What each point makes of it stands with it, in security_files, security_web and security_server.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.state import Json

MU_PLUGIN = "wpstate-security.php"


@dataclass(frozen=True, slots=True)
class Facts:
    """The answer of probe/kinds/security.php, whose shape its schema has passed."""

    constants: Mapping[str, bool] = field(default_factory=dict)
    """Those that wp-config.php defines, as PHP takes them for true or false."""
    editable: tuple[str, ...] = ()
    """Those that wp-config.php defines by a plain line of its own, or has a place for."""
    https: bool = False
    """The option siteurl says so."""
    registration: bool = False
    default_role: str = ""
    config_mode: str = ""
    config_age_days: int = 0
    salts_at_most_days: int = 0
    """The limit that the probe was asked about; zero where none was."""
    salts_weak: bool = False
    admins: tuple[str, ...] = ()
    """Administrators whose name anybody would try first."""
    backups: tuple[str, ...] = ()
    """Files of the web root that look like copies of the site or its database."""
    author: int = 0
    """A user who has published something; zero where there is none."""
    silent_php: str | None = None
    """A PHP file below uploads that prints nothing, relative to that folder."""
    mu_folder: str = ""
    mu_text: str | None = None
    """sha256 of our mu-plugin but for the line that names what it closes; None where it is not
    there."""
    flags: tuple[str, ...] = ()
    """What our mu-plugin closes as it lies there."""
    htaccess: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What our blocks in .htaccess ask, by `root` and `uploads`."""


def facts(answer: Json) -> Facts:
    if not answer:
        return Facts()
    tuples = ("editable", "admins", "backups", "flags")
    plain = {
        name: tuple(value) if name in tuples and isinstance(value, list) else value
        for name, value in answer.items()
    }
    blocks = answer["htaccess"]
    assert isinstance(blocks, dict)
    plain["htaccess"] = {place: tuple(names) for place, names in blocks.items()}
    return Facts(**plain)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sight:
    facts: Facts
    core_version: str = ""
    answers: Mapping[str, LookSeen] = field(default_factory=dict)
    """By the requests' names."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site's pages are, for the requests of its points."""

    url: str
    content: str
    """Its paths below the web root, begun by a slash: `/wp-content`."""
    uploads: str
    facts: Facts

    def get(self, path: str) -> LookRequest:
        return LookRequest(f"GET {path}", f"{self.url}{path}")

    def post(self, path: str, body: bytes) -> LookRequest:
        return LookRequest(f"POST {path}", f"{self.url}{path}", method="POST", body=body)


def place_of(url: str, observed: ObservedState) -> Place:
    paths = observed.paths
    assert paths is not None
    return Place(
        url=url,
        content=_web_path(paths.wp, paths.content, "/wp-content"),
        uploads=_web_path(paths.wp, paths.uploads, "/wp-content/uploads"),
        facts=facts(observed.answer("security")),
    )


def _web_path(root: str, folder: str, otherwise: str) -> str:
    """A folder outside WordPress's own has an address that only the site knows: the usual one."""
    inside = re.match(re.escape(root.rstrip("/")) + "(/.+)", folder)
    return quote(inside[1]) if inside else otherwise
