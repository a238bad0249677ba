"""Looks: requests as a visitor, a crawler or an administrator, and what came back.

Sending them is left to adapters.http, judging them to planning.verdict.
"""

from dataclasses import dataclass
from enum import Enum


class Eyes(Enum):
    VISITOR = "visitor"
    CRAWLER = "crawler"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class LookRequest:
    name: str
    """Stable id that pairs a look before with the one after: `/ as visitor`."""
    url: str
    method: str = "GET"
    eyes: Eyes = Eyes.VISITOR
    body: bytes = b""
    with_token: bool = False
    """Carries the run's token and asks for a proof (only ever to the site's own host)."""
    takes_kept: bool = False
    """Asks as a browser does, and does nothing to get past caches."""


@dataclass(frozen=True, slots=True)
class LookSeen:
    """What one request got. Never raises: a network failure is `error`."""

    request: LookRequest
    status: int | None
    final_url: str
    headers: tuple[tuple[str, str], ...]
    """Lower-case names, in order."""
    body: str
    """Decoded, cut at 2 MiB."""
    took_s: float
    redirects: int = 0
    error: str | None = None
    """`timeout`, `refused`, `redirect_loop`, `tls`, `truncated`, `protocol`, `not_sent` (others
    had hung before it, or the site holds visitors back), `no_secret` (what it must carry)."""
    proven: bool = False
    """The web server's own PHP answered this nonce from these files (design, section 4)."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    name: str
    passed: bool
    sign: str | None = None
    """What was wrong: `fatal_error_text`, `empty_body`, `status`, `cloaked`, `not_proven`, ..."""
    detail: str = ""
    blocked: bool = False
    """A challenge or login wall kept us from looking; not an illness of the site."""

    def __str__(self) -> str:
        """A failed check in a line: `/ as visitor: empty_body status 200`."""
        sign = self.sign or ("blocked" if self.blocked else "failed")
        return f"{self.name}: {sign} {self.detail}".rstrip()
