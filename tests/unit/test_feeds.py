"""Each documented format of facts gives the same facts; what does not fit is left out, and any
document at all is either read or a problem of ours."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.adapters.fact_reading import Tally, read_facts
from wpstate.model.facts import Part, Severity, VersionRange, Vulnerability
from wpstate.model.problem import Failed
from wpstate.resources.feeds.feed import Fact
from wpstate.resources.feeds.registry import FEEDS

_CASES = Path(__file__).parents[1] / "cases" / "feeds"
_SHOP: Part = ("plugin", "shop-tools")


def facts(feed: str, content: bytes | None = None) -> tuple[list[Fact], Tally]:
    tally = Tally()
    content = (_CASES / f"{feed}.json").read_bytes() if content is None else content
    return list(read_facts(io.BytesIO(content), FEEDS[feed], tally)), tally


def vulnerabilities(feed: str, part: Part) -> list[Vulnerability]:
    found, tally = facts(feed)
    assert tally.left_out == 0
    return [fact.vulnerability for fact in found if fact.part == part and fact.vulnerability]


def test_wordfence() -> None:
    (one,) = vulnerabilities("wordfence", _SHOP)
    assert (one.id, one.title, one.severity, one.score, one.cves) == (
        "0a1b2c3d-0000-4000-8000-000000000001",
        "Shop Tools <= 2.3.1 - Unauthenticated SQL Injection",
        Severity.CRITICAL,
        9.8,
        ("CVE-2026-21001",),
    )
    assert one.ranges == (
        VersionRange(None, True, "1.9.4", True),
        VersionRange("2.0", True, "2.3.1", True),
    )
    assert one.fixed_in == ("2.3.2", "1.9.5")
    assert one.link is not None
    assert one.link.startswith("https://www.wordfence.com/threat-intel/vulnerabilities/id/0a1b2c3d")
    assert [text.split(" The ")[0] for text in one.notices] == [
        "Copyright 2012-2026 Defiant Inc. Defiant hereby grants you a licence."
        " https://www.wordfence.com/wordfence-intelligence-terms-and-conditions/",
        "Copyright 1999-2026",
    ]
    (theme,) = vulnerabilities("wordfence", ("theme", "shop"))
    assert (theme.ranges, theme.fixed_in) == ((VersionRange(),), ())


def test_the_scanner_feed_of_wordfence_says_less() -> None:
    (core,) = vulnerabilities("wordfence", ("core", "wordpress"))
    assert (core.severity, core.score, core.cves, core.notices) == (Severity.UNRATED, None, (), ())
    assert core.ranges == (VersionRange("6.8", True, "6.8.2", False),)
    assert core.link == (
        "https://www.wordfence.com/threat-intel/vulnerabilities/id/"
        "0a1b2c3d-0000-4000-8000-000000000003"
    )


def test_wpscan_3_and_4() -> None:
    (one,) = vulnerabilities("wpscan", _SHOP)
    assert (one.severity, one.cves, one.fixed_in) == (
        Severity.CRITICAL,
        ("CVE-2026-21001",),
        ("2.3.2",),
    )
    assert one.ranges == (VersionRange("2.1", True, "2.3.2", False),)
    several, every = vulnerabilities("wpscan", ("plugin", "backports"))
    assert several.ranges == (
        VersionRange("10.5.0", True, "10.5.3", False),
        VersionRange("10.4.0", True, "10.4.4", False),
        VersionRange("11.0", True, None, False),
    )
    assert (several.severity, several.fixed_in) == (Severity.UNRATED, ("10.5.3", "10.4.4"))
    assert (every.ranges, every.severity, every.fixed_in) == (
        (VersionRange(),),
        Severity.MEDIUM,
        (),
    )
    (core,) = vulnerabilities("wpscan", ("core", "681"))
    assert (core.id, core.fixed_in) == ("12345", ("6.8.2",))
    asked = {fact.part for fact in facts("wpscan")[0]}
    assert ("theme", "shop") in asked
    assert ("plugin", "never-heard-of") not in asked, "what it does not know is not known"


def test_wpvulnerability() -> None:
    one, unfixed = vulnerabilities("wpvulnerability", _SHOP)
    assert (one.severity, one.cves, one.fixed_in) == (
        Severity.CRITICAL,
        ("CVE-2026-21001",),
        ("2.3.2",),
    )
    assert one.ranges == (VersionRange(None, True, "2.3.2", False),)
    assert (unfixed.ranges, unfixed.fixed_in) == ((VersionRange("2.0", True, "3.0", True),), ())
    (core,) = vulnerabilities("wpvulnerability", ("core", "681"))
    assert core.severity is Severity.MEDIUM
    found, _ = facts("wpvulnerability")
    assert [fact.part for fact in found if fact.listing and fact.listing.closed] == [_SHOP]
    assert ("plugin", "never-heard-of") not in {fact.part for fact in found}


def test_wordpress_org() -> None:
    found, tally = facts("wordpress_org")
    listed = {fact.part: fact.listing for fact in found}
    closed = listed["plugin", "closed-one"]
    assert closed is not None
    assert (closed.closed, closed.closed_on, closed.reason) == (
        True,
        date(2018, 10, 2),
        "Guideline Violation",
    )
    old = listed["theme", "old-theme"]
    assert old is not None
    assert (old.closed, old.updated_on) == (False, date(2018, 1, 1))
    assert ("plugin", "never-there") not in listed
    assert (tally.records, tally.left_out) == (5, 0)


@pytest.mark.parametrize("feed", FEEDS)
def test_what_is_not_understood_is_counted_and_left_out(feed: str) -> None:
    document = json.loads((_CASES / f"{feed}.json").read_bytes())
    ill = document if feed == "wordfence" else document[next(iter(document))]
    ill["x"] = ["neither", "map", "nor", "nothing"]
    found, tally = facts(feed, json.dumps(document).encode())
    assert tally.left_out == 1
    assert found == facts(feed)[0]


def test_texts_of_a_feed_are_harmless_and_short() -> None:
    document = json.loads((_CASES / "wordfence.json").read_bytes())
    record = next(iter(document.values()))
    record["title"] = "\x1b[2J\u202e##vso[task]" + "x" * 10_000
    record["references"] = ["javascript:alert(1)", "https://a.example/\x1b[2J"]
    record["cve_link"] = None
    found, _ = facts("wordfence", json.dumps(document).encode())
    one = found[0].vulnerability
    assert one is not None
    assert one.title.isprintable()
    assert len(one.title) <= 300
    assert "##" not in one.title
    assert one.link is not None
    assert one.link.startswith("https://www.wordfence.com/")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b'"no"', b"<html>", b'{"a": {}', b'{"a": {}} {}', b"\xff\xfe", b"null",
        b'{"a": ' + b"[" * 200_000, b'{"a": "' + b"x" * 5_000_000 + b'"}',
        b'{"a": [' + b"{}," * 100_000 + b"{}]}",
    ],
    ids=["empty", "list", "text", "html", "cut", "two", "bytes", "null", "deep", "long", "wide"],
)  # fmt: skip
@pytest.mark.parametrize("feed", ["wordfence", "wpscan"])
def test_a_document_that_is_none_is_a_problem(feed: str, content: bytes) -> None:
    if feed == "wpscan":
        content = content.replace(b'{"a": ', b'{"plugins": {"a": ', 1)
    with pytest.raises(Failed) as caught:
        facts(feed, content)
    assert caught.value.problems[0].slug == "facts.format"


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below),
    max_leaves=9,
)


@pytest.mark.parametrize("feed", FEEDS)
@given(data=st.data())
def test_any_value_in_any_field_is_read_or_left_out(feed: str, data: st.DataObject) -> None:
    document = json.loads((_CASES / f"{feed}.json").read_bytes())
    places = list(_places(document))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(_JSON)
    found, tally = facts(feed, json.dumps(document).encode())
    assert tally.left_out <= 1
    assert all(fact.part[1] == fact.part[1].lower() for fact in found)


def _places(value: object, depth: int = 0) -> "list[tuple[dict[str, object], str]]":
    """Every key of every map but the outermost ones, whose change is no change of a record."""
    if isinstance(value, list):
        return [place for each in value for place in _places(each, depth + 1)]
    if not isinstance(value, dict):
        return []
    own = [(value, key) for key in value] if depth > 1 else []
    return own + [place for each in value.values() for place in _places(each, depth + 1)]
