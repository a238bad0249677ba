"""What wordpress.org's directory answers about a component, as Listed. Asking is left to
adapters.directory; whatever does not fit is a reason to know nothing.

Shapes: `plugins/info/1.2/?action=plugin_information`, `themes/info/1.2/?action=theme_information`
(a closed plugin is `{error: "closed", closed_date, reason_text}`), `core/version-check/1.7/` and
`core/stable-check/1.0/` (version to `latest`, `outdated` or `insecure`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlencode

from wpstate.model.bump import Asked, Listed, Release
from wpstate.resources.changelog import changelog_lines
from wpstate.resources.feeds import feed as read
from wpstate.resources.versions import sort_key

_VERSION = re.compile(r"[0-9][0-9A-Za-z]{0,20}([.+_-][0-9A-Za-z]{1,20}){0,6}")
_MOST_VERSIONS = 2000
_TAG = re.compile(r"<[^>]{0,1000}>")
_FIELDS = ("sections", "versions", "requires", "requires_php", "tested", "last_updated")
_NOUNS = {"plugins": "plugin", "themes": "theme"}
INSECURE = "insecure"


def addresses(asked: Asked) -> tuple[str, ...]:
    """What to ask about it, below the API's address, in the order in which `listed` takes the
    answers."""
    if asked.name.kind not in _NOUNS:
        version = urlencode({"version": asked.approved, "locale": "en_US"})
        return (f"core/version-check/1.7/?{version}", "core/stable-check/1.0/")
    words = {
        "action": f"{_NOUNS[asked.name.kind]}_information",
        "request[slug]": asked.called,
        **{f"request[fields][{field}]": "1" for field in _FIELDS},
    }
    return (f"{asked.name.kind}/info/1.2/?{urlencode(words)}",)


def listed(asked: Asked, answers: tuple[object, ...]) -> Listed:
    try:
        if asked.name.kind not in _NOUNS:
            return _core(*answers)
        return _package(read.as_map(answers[0]))
    except (read.NotUnderstood, TypeError):
        return Listed(unknown="the directory's answer is none that is understood")


def _package(told: dict[str, object]) -> Listed:
    if told.get("closed") is True or told.get("error") == "closed":
        reason = told.get("reason_text") or told.get("reason") or "nobody says why"
        day = read.day(told.get("closed_date"))
        since = f"{day}: " if day else ""
        return Listed(closed=since + read.text(reason))
    if "error" in told:
        return Listed(unknown=f"the directory: {read.text(told['error'], 100)}")
    newest = _version(told.get("version"))
    if newest is None:
        raise read.NotUnderstood
    sections = told.get("sections")
    changelog = sections.get("changelog") if isinstance(sections, dict) else None
    first = Release(
        newest,
        _moment(told.get("last_updated")),
        _version(told.get("requires")),
        _version(told.get("requires_php")),
        _version(told.get("tested")),
    )
    versions = told.get("versions")
    others = _versions(versions) if isinstance(versions, dict) else ()
    return Listed(
        releases=(first, *map(Release, dict.fromkeys(each for each in others if each != newest))),
        author=_author(told.get("author")),
        changelog=changelog_lines(changelog) if isinstance(changelog, str) else (),
    )


def _core(check: object, stable: object) -> Listed:
    offers = list(read.as_maps(read.as_map(check).get("offers")))
    judged = read.as_map(stable)
    needs = {
        version: _version(offer.get("php_version"))
        for offer in offers
        if (version := _version(offer.get("version")))
    }
    if not needs:
        raise read.NotUnderstood
    known = dict.fromkeys((*needs, *_versions(judged)))
    newest_first = sorted(known, key=sort_key, reverse=True)
    return Listed(
        releases=tuple(Release(each, requires_php=needs.get(each)) for each in newest_first),
        insecure=frozenset(
            each for each, said in judged.items() if said == INSECURE and _version(each)
        ),
    )


def _versions(said: dict[str, object]) -> Iterator[str]:
    for _, each in zip(range(_MOST_VERSIONS), said, strict=False):
        version = _version(each)
        if version:
            yield version


def _version(value: object) -> str | None:
    """A requirement that is none is told as false."""
    return value if isinstance(value, str) and _VERSION.fullmatch(value) else None


def _author(value: object) -> str | None:
    """`<a href="…">Automattic</a>`, or of themes a map."""
    if isinstance(value, dict):
        value = value.get("author")
    if not isinstance(value, str):
        return None
    return read.text(unescape(_TAG.sub("", value[:2000])), 200) or None


def _moment(value: object) -> datetime | None:
    """`2026-09-12 3:14pm GMT`, `2026-09-12`."""
    day = read.day(value)
    if day is None or not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value.strip(), "%Y-%m-%d %I:%M%p GMT").replace(tzinfo=UTC)
    except ValueError:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
