"""The probe's document read: what a stranger says is bounded, checked, and only ever text."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from wpstate.adapters.probe_program import unframed
from wpstate.model.observed import ObservedState
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.resources.foreign_text import visible
from wpstate.resources.observation import observed_states
from wpstate.resources.plugins import slug_of
from wpstate.resources.probe_document import UntrustedDocument

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SITE = SiteId("shop")
IDENTITY = ("author", "text_domain", "update_uri")
NONCE = "ab" * 16
TEN_THOUSAND_DEEP = "[" * 10_000 + "]" * 10_000


def plugin(file: str, **said: Any) -> dict[str, Any]:
    entry = {"name": file, "version": "1.0", "active": False, "requires_wp": "", "requires_php": ""}
    return {"file": file, **entry, **dict.fromkeys(IDENTITY, ""), **said}


def entry(**said: Any) -> dict[str, Any]:
    return {
        "id": "shop",
        "took_s": 0.1,
        "core": {"version": "6.8.7", "db_version": 60421, "locale": "fr_FR"},
        "options": {"home": "https://shop.example", "db_version": "60421"},
        "plugins": [plugin("akismet/akismet.php", active=True)],
        "faults": [],
        **said,
    }


def text_of(*entries: Any, **said: Any) -> str:
    return json.dumps({"format": 1, "php": "8.2.29", "sites": entries, **said})


def read(**said: Any) -> ObservedState:
    return observed_states(text_of(entry(**said)), [SITE], NOW)[SITE]


def codes(seen: ObservedState) -> list[str]:
    return [fault.code for fault in seen.faults]


def every_text(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from every_text((*value, *value.values()))
        case tuple() | list() | frozenset():
            for part in value:
                yield from every_text(part)


def test_a_sound_document_becomes_addresses_and_states() -> None:
    seen = read()
    assert seen.faults == ()
    assert seen.resources == (
        (Address("core.database"), State(value=60421)),
        (Address("core.locale"), State(value="fr_FR")),
        (Address("core.version"), State(version="6.8.7")),
        (Address("migrations.core"), State(value="none")),
        (Address("plugins.akismet"), State(version="1.0", active=True)),
    )
    assert seen.home_url == "https://shop.example"
    assert seen.php_version == "8.2.29"


@pytest.mark.parametrize(
    ("wplang", "package", "locale"),
    [
        (None, None, "en_US"),
        (None, "fr_FR", "fr_FR"),
        ("", "fr_FR", "en_US"),
        ("de_DE", None, "de_DE"),
    ],
)
def test_the_locale_is_the_one_wordpress_would_use(
    wplang: str | None, package: str | None, locale: str
) -> None:
    options = {} if wplang is None else {"WPLANG": wplang}
    core = {"version": "6.8.7", "db_version": 1, "locale": package}
    assert read(options=options, core=core).state(Address("core.locale")).value == locale


def test_without_a_database_plugins_are_there_and_their_activity_is_unknown() -> None:
    fault = {"code": "database_down", "detail": "error 2002"}
    plugins = [plugin("akismet/akismet.php", active=None)]
    seen = read(options=None, plugins=plugins, faults=[fault])
    assert codes(seen) == ["database_down"]
    assert seen.state(Address("plugins.akismet")) == State(version="1.0", active=None)
    assert not seen.state(Address("core.database")).present


@pytest.mark.parametrize(
    ("files", "main"),
    [
        ([("a/b.php", False), ("a/a.php", False)], "a/a.php"),
        ([("a/a.php", False), ("a/b.php", True)], "a/b.php"),
        ([("a.php", False), ("a/a.php", False)], "a/a.php"),
        ([("a/z.php", False), ("a/b.php", False)], "a/b.php"),
    ],
)
def test_of_several_main_files_one_counts(files: list[tuple[str, bool]], main: str) -> None:
    seen = read(plugins=[plugin(file, active=active) for file, active in files])
    component = seen.component("a")
    assert component is not None
    assert component.file == main
    assert len(seen.plugins) == 2


def test_slugs_come_from_folders_and_single_files() -> None:
    assert [slug_of(f) for f in ("akismet/x.php", "hello.php", "a.b/c.php")] == [
        "akismet",
        "hello",
        "a.b",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "NaN",
        '{"format": 1',
        text_of(format=2),
        text_of(more=1),
        text_of(1),
        text_of({"id": 1}),
        text_of({}),
        text_of(entry(), entry()),
        text_of(entry(id="another")),
        text_of(php="x" * 256),
        "[" + "9" * 5000 + "]",
        TEN_THOUSAND_DEEP,
        '{"format":1,"php":"8","sites":[{"id":"shop","core":' + TEN_THOUSAND_DEEP + "}]}",
    ],
)
def test_a_document_that_is_off_is_refused_whole(text: str) -> None:
    with pytest.raises(UntrustedDocument):
        observed_states(text, [SITE], NOW)


@pytest.mark.parametrize(
    "said",
    [
        {"surprise": 1},
        {"faults": None},
        {"core": {"version": 6.8, "db_version": 1, "locale": None}},
        {"core": {"version": "6.8.7"}},
        {"plugins": [plugin("a.php", version="x" * 4097)]},
        {"plugins": [plugin("a.php", active="yes")]},
        {"plugins": [plugin("a.php")] * 5001},
        {"free_bytes": -1},
        {"free_bytes": 1e400},
        {"database": {"prefix": "wp_`; DROP"}},
        {"frozen_by": "nobody"},
        {"state": {"applied": {"format": 2}, "used": [], "quarantine": None}},
        {"faults": [{"code": "\x1b[2J", "detail": ""}]},
    ],
)
def test_a_site_that_breaks_the_schema_counts_for_nothing_and_the_others_count(
    said: dict[str, Any],
) -> None:
    text = text_of(entry(**said), entry(id="blog")).replace("Infinity", "1e400")
    seen = observed_states(text, [SITE, SiteId("blog")], NOW)
    assert codes(seen[SITE]) == ["untrusted_output"]
    assert seen[SITE].resources == ()
    assert seen[SiteId("blog")].faults == ()


def test_a_site_that_is_missing_is_a_timeout() -> None:
    assert codes(observed_states(text_of(), [SITE], NOW)[SITE]) == ["timeout"]


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\u202e", "\n::set-env", "\x9b", "\ud800", "\u2066"]
)
def test_control_and_bidi_characters_never_get_through(hostile: str) -> None:
    seen = read(
        core={"version": hostile, "db_version": 1, "locale": hostile},
        options={"home": hostile},
        plugins=[plugin(f"a{hostile}/a.php", name=hostile, version=hostile)],
        faults=[{"code": "database_down", "detail": hostile}],
        object_cache=hostile,
        state={"applied": None, "used": [hostile], "quarantine": None},
    )
    assert codes(seen) == ["database_down"]
    texts = list(every_text(asdict(seen)))
    assert not {character for text in texts for character in text} & {hostile[0]}
    assert sum(visible(hostile) in text for text in texts) >= 8


def test_visible_bounds_text_and_keeps_ordinary_letters() -> None:
    assert visible("Größe 日本 🎉") == "Größe 日本 🎉"
    assert visible("\x00\x7f\u2028\u200f") == "\\x00\\x7f\\u2028\\u200f"
    assert visible("x" * 1000, 10) == "xxxxxxxxx…"
    assert len(visible("\x1b" * 1000, 10)) == 10


def test_last_applied_values_are_read() -> None:
    state = {"present": True, "version": "5.7", "active": True, "value": None}
    record = {"format": 1, "run": "r1", "at": "2026-11-22T08:00:00", "values": {"plugins.a": state}}
    seen = read(state={"applied": record, "used": ["p-1"], "quarantine": None})
    assert seen.applied.at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert dict(seen.applied.values)[Address("plugins.a")] == State(version="5.7", active=True)
    assert seen.applied.used_plans == {"p-1"}


def test_a_record_with_a_time_that_is_none_is_damage() -> None:
    record = {"format": 1, "run": "r1", "at": "yesterday", "values": {}}
    seen = read(state={"applied": record, "used": [], "quarantine": None})
    assert codes(seen) == ["state_damaged"]


def framed(body: bytes, *, nonce: str = NONCE, size: int | None = None) -> bytes:
    line = f"wpstate-{nonce}".encode()
    length = len(body) if size is None else size
    return b"\n%s begin %d\n%s\n%s end\n" % (line, length, body, line)


def test_a_frame_is_found_among_noise() -> None:
    assert unframed(b"motd\n" + framed(b"{}") + b"bye\n", NONCE) == "{}"


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"{}",
        framed(b"{}") * 2,
        framed(b"{}", nonce="cd" * 16),
        framed(b"{}", size=1),
        framed(b"{}", size=3),
        framed(b"{}", size=999_999_999),
        framed(b"{}")[:-8],
        framed(b'"\xff"'),
        framed(framed(b"{}").strip()),
    ],
)
def test_anything_but_one_whole_frame_counts_for_nothing(output: bytes) -> None:
    assert unframed(output, NONCE) is None
