"""Wordfence Intelligence, vulnerability data feed V3, `production` and `scanner`.

One document, an object of records by UUID:
`{id, title, software: [{type: core|plugin|theme, slug, affected_versions: {LABEL: {from_version,
from_inclusive, to_version, to_inclusive}}, patched, patched_versions}], informational, references,
cvss: {score, rating} | null, cve, cve_link, copyrights: {message, defiant: {notice, license,
license_url}, mitre?}}`; `*` is no end. The scanner's records lack some of it. Its licence asks for
the copyrights and a link wherever a record is shown.
"""

from collections.abc import Iterable, Iterator

from wpstate.model.facts import CORE, Part, VersionRange, Vulnerability
from wpstate.resources.feeds import feed as read
from wpstate.resources.feeds.feed import EVERY, Fact, Feed, NotUnderstood

_SORTS = ("core", "plugin", "theme")
_NOTICE_CHARACTERS = 2000


class WordfenceFeed(Feed):
    name = "wordfence"
    asked_again_after_s = 1800

    def covers(self, part: Part) -> bool:
        return part[0] != "core" or part == CORE

    def read(self, section: str, name: str, record: object) -> Iterable[Fact]:
        told = read.as_map(record)
        if told.get("informational") is True:
            return  # a remark; no version is known to be open to anybody
        cvss = read.as_map(told.get("cvss"))
        points = read.score(cvss.get("score"))
        for software in read.as_maps(told.get("software")):
            yield Fact(
                _part(software),
                Vulnerability(
                    feed=self.name,
                    id=read.text(told.get("id") or name, 100),
                    title=read.text(told.get("title")),
                    severity=read.severity(points, cvss.get("rating")),
                    score=points,
                    cves=read.cves((told.get("cve"),)),
                    ranges=tuple(_ranges(software.get("affected_versions"))),
                    fixed_in=read.versions(software.get("patched_versions")),
                    link=read.link(
                        *read.as_list(told.get("references")),
                        told.get("cve_link"),
                        f"https://www.wordfence.com/threat-intel/vulnerabilities/id/{name}",
                    ),
                    notices=tuple(_notices(told.get("copyrights"))),
                ),
            )


def _part(software: dict[str, object]) -> Part:
    sort = software.get("type")
    if sort not in _SORTS:
        raise NotUnderstood
    return str(sort), CORE[1] if sort == "core" else read.slug(software.get("slug"))


def _ranges(affected: object) -> Iterator[VersionRange]:
    """Where no version is named, every one may be meant."""
    ranges = read.as_map(affected)
    for each in ranges.values():
        ends = read.as_map(each)
        if not ends.keys() & {"from_version", "to_version"}:
            raise NotUnderstood
        yield VersionRange(
            read.version(ends.get("from_version")),
            ends.get("from_inclusive") is not False,
            read.version(ends.get("to_version")),
            ends.get("to_inclusive") is not False,
        )
    if not ranges:
        yield EVERY


def _notices(copyrights: object) -> Iterator[str]:
    for holder, told in read.as_map(copyrights).items():
        if holder == "message":
            continue
        parts = read.as_map(told)
        words = (parts.get(key) for key in ("notice", "license", "license_url"))
        shown = " ".join(read.text(word, _NOTICE_CHARACTERS) for word in words if word)
        if shown:
            yield shown
