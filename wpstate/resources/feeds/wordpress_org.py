"""wordpress.org's directory: what was closed, and what is no longer kept up.

`plugins/info/1.2/?action=plugin_information&slug=SLUG` and the same of themes answer
`{name, last_updated: "2026-09-12 3:14pm GMT"}`, for what was closed `{error: "closed",
closed: true, closed_date, reason_text}`, and for what was never there another `error`. It tells
no vulnerabilities.
"""

from collections.abc import Iterable
from urllib.parse import urlencode

from wpstate.model.facts import Listing, Part
from wpstate.resources.feeds import feed as read
from wpstate.resources.feeds.feed import Fact, Feed

_SECTIONS = {"plugin": "plugins", "theme": "themes"}
_SORTS = {section: sort for sort, section in _SECTIONS.items()}


class WordpressOrgFeed(Feed):
    name = "wordpress_org"
    sections = tuple(_SORTS)
    tells_vulnerabilities = False

    def path(self, part: Part) -> str | None:
        sort, name = part
        if sort not in _SECTIONS:
            return None
        asked = {"action": f"{sort}_information", "slug": name, "fields[last_updated]": "1"}
        return f"{_SECTIONS[sort]}/info/1.2/?{urlencode(asked)}"

    def section(self, part: Part) -> tuple[str, str] | None:
        return (_SECTIONS[part[0]], part[1]) if part[0] in _SECTIONS else None

    def read(self, section: str, name: str, record: object) -> Iterable[Fact]:
        told, part = read.as_map(record), (_SORTS[section], read.slug(name))
        if told.get("closed") is True or told.get("error") == "closed":
            reason = told.get("reason_text") or told.get("reason")
            yield Fact(
                part,
                listing=Listing(
                    self.name,
                    closed=True,
                    closed_on=read.day(told.get("closed_date")),
                    reason=read.text(reason) if reason else None,
                ),
            )
        elif "error" not in told:
            yield Fact(
                part, listing=Listing(self.name, updated_on=read.day(told.get("last_updated")))
            )
