"""Whatever a host answers becomes a value or one of wpstate's own errors, never a trace."""

import json
import string
import unicodedata
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_observation import IDENTITY, NOW, SITE, entry, every_text, text_of
from wpstate.adapters.ansible_events import Events
from wpstate.adapters.safety_net_answers import read_answer
from wpstate.model.problem import WpstateError
from wpstate.model.secret import Secret
from wpstate.ports import CommandResult
from wpstate.report.contract import observed
from wpstate.report.lines import plain
from wpstate.report.observed_text import observed_lines
from wpstate.report.record import to_json
from wpstate.resources.observation import observed_states
from wpstate.resources.probe_document import UntrustedDocument

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NASTY = st.sampled_from(
    ["{{ lookup('pipe', 'id') }}", "{% raw %}", "${HOME}", "$(id)", "`id`", "\x1b]0;x\x07",
     "\x9b2J", "\u202e", "\u2066", "\ud800", "\x00", "\n::set-env name=A::B", "##vso[x]",
     "<script>", "|", "..", "../../etc", "/", "", "a" * 80, "é", "\U0001f600"]
)  # fmt: skip
FIELDS = ("core", "paths", "database", "options", "plugins", "mu_plugins", "dropins", "state",
          "object_cache", "frozen_by", "multisite", "free_bytes", "faults", "took_s")  # fmt: skip


def harmless(text: str) -> bool:
    """Spaces of any width are, though Python calls them not printable."""
    return all(
        char.isprintable() or char == "\n" or unicodedata.category(char) == "Zs" for char in text
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FIELDS), ANY_JSON)
def test_any_value_in_any_field(field: str, value: object) -> None:
    text = text_of(entry(**{field: value}))
    seen = observed_states(text, [SITE], NOW)[SITE] if _is_json(text) else None
    if seen is not None:
        assert harmless("".join(every_text(to_json(observed(seen)))))
        assert harmless(plain(observed_lines(seen)))


@settings(max_examples=100, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=3).map("".join))
def test_any_text_in_every_field(text: str) -> None:
    headers = ("file", "name", "version", "requires_wp", "requires_php", *IDENTITY)
    plugin = dict.fromkeys(headers, text)
    paths = dict.fromkeys(("wp", "config", "content", "plugins", "uploads", "state"), text)
    said = entry(
        core={"version": text, "db_version": 1, "locale": text},
        options=dict.fromkeys(("siteurl", "home", "template", "WPLANG", "db_version"), text),
        plugins=[plugin | {"active": True}],
        paths=paths,
        mu_plugins=[text],
        dropins=[text],
        object_cache=text,
        faults=[{"code": "database_down", "detail": text}],
    )
    seen = observed_states(text_of(said, php=text), [SITE], NOW)[SITE]
    assert harmless("".join(every_text(to_json(observed(seen)))))
    assert harmless(plain(observed_lines(seen)))


@settings(max_examples=100, deadline=None)
@given(st.text() | ANY_JSON.map(str) | ANY_JSON.map(lambda value: text_of(value)))
def test_any_document(text: str) -> None:
    with suppress(UntrustedDocument):
        observed_states(text, [SITE], NOW)


@settings(max_examples=100, deadline=None)
@given(st.binary() | st.text(string.printable).map(str.encode))
def test_any_answer_of_the_safety_net(said: bytes) -> None:
    for end in (b"", b"\nend=ok\n", b"\ntext=x\nerror=run.locked\nend=error\n"):
        with suppress(WpstateError):
            read_answer(CommandResult(1, said + end, said), "snapshot", "shop")


@settings(max_examples=100, deadline=None)
@given(ANY_JSON, st.sampled_from(["ok", "failed", "start", "unreachable", "output"]))
def test_any_result_of_a_task(value: object, sort: str) -> None:
    events = Events([Secret("0123456789abcdef")])
    for res in (value, {"msg": value, "changed": value, "refused": value}):
        line = {"event": sort, "task": "Swap", "res": res, "text": str(value)}
        events.feed(json.dumps(line).encode() + b"\n")
    events.feed(b"")
    failure = events.result(0.1).failure
    assert failure is None or harmless(failure.message)


def _is_json(text: str) -> bool:
    """`json.dumps` writes NaN, which is none."""
    try:
        observed_states(text, [SITE], NOW)
    except UntrustedDocument:
        return False
    return True
