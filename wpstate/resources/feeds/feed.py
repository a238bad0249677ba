"""What every format of facts brings, and what they share. A feed is a stranger: what does not fit
is not understood and left out, texts are made harmless and cut."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from wpstate.model.facts import Listing, Part, Severity, VersionRange, Vulnerability
from wpstate.resources.foreign_text import visible

_DAY_S = 86_400
_CVE = re.compile(r"(?:CVE-)?([0-9]{4}-[0-9]{4,10})\Z", re.ASCII | re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}\Z", re.ASCII)
_LINK = re.compile(
    r"https?://[A-Za-z0-9.-]{3,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~%/?=&+:-]{0,400})?\Z", re.ASCII
)
_VERSION_CHARACTERS = 100
_LARGEST = 10**18
# CVSS 3.1, section 5: qualitative severity rating scale.
_LEAST = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))


class NotUnderstood(ValueError):
    """A record has not the shape that its format documents."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a record says of one part; with neither, that it was asked about."""

    part: Part
    vulnerability: Vulnerability | None = None
    listing: Listing | None = None


class Feed:
    """One format. The defaults are those of a feed that is asked part by part."""

    name: str
    """The key below `facts` in fleet.yml."""
    sections: tuple[str, ...] = ()
    """The keys of a file of answers, as the addresses of the feed begin: `plugins/akismet`. None
    where one document holds the records of all parts."""
    key_words: str = "Bearer "
    """What stands before the key in the Authorization header."""
    asked_again_after_s: int = 0
    """The feed's own limit on being asked."""
    fresh_s: int = 7 * _DAY_S
    """An older copy's silence means nothing."""
    tells_vulnerabilities: bool = True

    def covers(self, part: Part) -> bool:
        """Whether it would tell of this part without having been asked about it."""
        return False

    def path(self, part: Part) -> str | None:
        """Below the feed's address; None where it knows nothing of such parts."""
        return None

    def section(self, part: Part) -> tuple[str, str] | None:
        """Where its answer stands in a file of answers."""
        return None

    def read(self, section: str, name: str, record: object) -> Iterable[Fact]:
        """The facts of one record, or of one part's whole answer. Raises NotUnderstood."""
        raise NotImplementedError


def as_map(value: object) -> dict[str, object]:
    """PHP writes an empty map as a list."""
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    raise NotUnderstood


def as_maps(value: object) -> Iterator[dict[str, object]]:
    for each in as_list(value):
        if not isinstance(each, dict):
            raise NotUnderstood
        yield each


def as_list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotUnderstood
    return value


def text(value: object, limit: int = 300) -> str:
    """A text of a feed, harmless and short; a number is one too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NotUnderstood
    if isinstance(value, int) and not -_LARGEST < value < _LARGEST:
        raise NotUnderstood  # Python itself refuses to write out thousands of digits
    return visible(" ".join(str(value)[: 4 * limit].split()), limit)


def version(value: object) -> str | None:
    """A version; None for what stands for no end: nothing, `*`."""
    if value in (None, "", "*"):
        return None
    if not isinstance(value, str) or len(value) > _VERSION_CHARACTERS:
        raise NotUnderstood
    return visible(value.strip()) or None


def versions(values: object) -> tuple[str, ...]:
    found = (version(each) for each in as_list(values))
    return tuple(dict.fromkeys(each for each in found if each))[:50]


def slug(value: object) -> str:
    name = value.lower() if isinstance(value, str) else ""
    if not _SLUG.match(name):
        raise NotUnderstood
    return name


def core_version_slug(value: str) -> str:
    """`6.8.7` → `687`: how WPScan's addresses name a version of WordPress."""
    return slug(value.replace(".", ""))


def severity(score: float | None, rating: object = None) -> Severity:
    """By its score, else by the feed's own word."""
    if score is not None:
        return next((each for least, each in _LEAST if score >= least), Severity.LOW)
    word = rating.lower() if isinstance(rating, str) else ""
    return next(
        (each for each in Severity if word in (each.value, each.value[0])), Severity.UNRATED
    )


def score(value: object) -> float | None:
    """Numbers come exact, as Decimal."""
    try:
        found = float(value) if isinstance(value, str | int | Decimal) else 0.0
    except (ValueError, OverflowError):
        return None
    return found if 0.0 < found <= 10.0 else None


def cves(values: Iterable[object]) -> tuple[str, ...]:
    found = (_CVE.match(each) for each in values if isinstance(each, str))
    return tuple(dict.fromkeys(f"CVE-{each[1]}" for each in found if each))[:50]


def link(*values: object) -> str | None:
    """The first that is a plain address of the web: nothing in it can end a link in a document."""
    return next((each for each in values if isinstance(each, str) and _LINK.match(each)), None)


def day(value: object) -> date | None:
    """The day with which a time begins: `2018-10-02T10:00:00Z`, `2026-09-12 3:14pm GMT`."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


EVERY = VersionRange()
"""All versions."""
