"""WPScan's API, versions 3 and 4.

`plugins/SLUG`, `themes/SLUG` and `wordpresses/494` (a version without its dots) each answer
`{NAME: {last_updated, vulnerabilities: [{id, title, references: {cve, url}, cvss: {score},
fixed_in, introduced_in}]}}`. Version 4 has `affected_versions: [{introduced_in, fixed_in}]` in the
place of the last two; an empty list affects every version, no `fixed_in` is no fix. Some answers
lack the outer NAME. Its terms allow a copy for two days.
"""

from collections.abc import Iterable, Iterator

from wpstate.model.facts import CORE, Listing, Part, VersionRange, Vulnerability
from wpstate.resources.feeds import feed as read
from wpstate.resources.feeds.feed import EVERY, Fact, Feed

_SECTIONS = {"plugin": "plugins", "theme": "themes", "core": "wordpresses"}
_SORTS = {section: sort for sort, section in _SECTIONS.items()}


class WpscanFeed(Feed):
    name = "wpscan"
    sections = tuple(_SORTS)
    key_words = "Token token="
    fresh_s = 2 * 86_400

    def path(self, part: Part) -> str | None:
        placed = self.section(part)
        return "/".join(placed) if placed else None

    def section(self, part: Part) -> tuple[str, str] | None:
        return None if part == CORE else (_SECTIONS[part[0]], part[1])

    def read(self, section: str, name: str, record: object) -> Iterable[Fact]:
        told = read.as_map(record)
        if "vulnerabilities" not in told:
            told = read.as_map(told.get(name) or next(iter(told.values()), None))
        if "vulnerabilities" not in told:
            return  # not known there
        sort = _SORTS[section]
        part = sort, read.core_version_slug(name) if sort == "core" else read.slug(name)
        yield Fact(part)
        updated_on = read.day(told.get("last_updated"))
        if updated_on:
            yield Fact(part, listing=Listing(self.name, updated_on=updated_on))
        for each in read.as_maps(told["vulnerabilities"]):
            yield Fact(part, self._vulnerability(each))

    def _vulnerability(self, told: dict[str, object]) -> Vulnerability:
        references = read.as_map(told.get("references"))
        points = read.score(read.as_map(told.get("cvss")).get("score"))
        ranges = tuple(_ranges(told))
        fixed_in = tuple(r.newest for r in ranges if r.newest)
        known_as = read.text(told.get("id"), 100)
        return Vulnerability(
            feed=self.name,
            id=known_as,
            title=read.text(told.get("title")),
            severity=read.severity(points),
            score=points,
            cves=read.cves(read.as_list(references.get("cve"))),
            ranges=ranges,
            fixed_in=fixed_in,
            link=read.link(f"https://wpscan.com/vulnerability/{known_as}/"),
        )


def _ranges(told: dict[str, object]) -> Iterator[VersionRange]:
    affected = told.get("affected_versions")
    several = [told] if affected is None else list(read.as_maps(affected))
    for each in several:
        oldest, fixed = read.version(each.get("introduced_in")), read.version(each.get("fixed_in"))
        yield VersionRange(oldest, True, fixed, False)
    if not several:
        yield EVERY
