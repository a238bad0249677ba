"""What moved on a site is written into its file: nothing else, no secret, nobody's address."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from tests.builders import NOW, observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.adopting import with_words
from wpstate.model.adopted import Moved, Words
from wpstate.model.desired import DesiredState
from wpstate.model.event import Author
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Refused, UsageError
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, Address, State
from wpstate.planning.drift import branch, named, told
from wpstate.workflows.adopt import Drifted, Rewritten

_URL = "https://boutique.example"
_SITE = """# the shop
url: https://boutique.example
profiles: [care]   # Forfait
options:
  blogname: A shop          # as on the sign
  timezone_string: {value: Europe/Paris, why: it is there}

  # of the plugin
  maps_zoom: 3
mail: on
"""
_CARE = "plugins:\n  akismet: {version: approved, auto_updates: on, why: spam}\n"
_BOUTIQUE = SiteId("boutique")


class _Site:
    def __init__(self, values: Mapping[str, State], applied: Mapping[str, State]) -> None:
        self._values, self._applied = dict(values), dict(applied)

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        (desired,) = several
        there = {str(m.address): m.want for m in desired.managed if m.want.present}
        there |= {m: State(value="on") for m in there if m.startswith("auto_updates.")}
        seen = observed(there | self._values, applied=self._applied)
        answers = {"options": {"options": {}}}
        return {_BOUTIQUE: replace(seen, site=_BOUTIQUE, answers=answers, home_url=_URL)}


def _moved(address: str, before: object, after: object, text: str = _SITE, **files: str) -> Drifted:
    was, now = State(value=str(before)), State(value=str(after)) if after else ABSENT
    texts = sound_fleet(sites__boutique=text, profiles__care=_CARE, **files)
    return Drifted(texts, "boutique", _Site({address: now}, {address: was}), NOW)


def _only_line(done: Rewritten, before: str, after: str) -> None:
    assert _SITE.count(before) == 1
    assert done.text == _SITE.replace(before, after)


def test_one_line_changes_and_comments_stay() -> None:
    done = _moved("options.blogname", "A shop", "The shop").adopted((), None)
    assert [str(one.address) for one in done.told] == ["options.blogname"]
    _only_line(done, "A shop          #", "The shop        #")


def test_the_reason_stands_where_the_line_has_room_for_one() -> None:
    drifted = _moved("options.timezone_string", "Europe/Paris", "UTC")
    with_why = drifted.adopted(("options.*",), "moved")
    _only_line(with_why, "{value: Europe/Paris, why: it is there}", "{value: UTC, why: moved}")
    _only_line(drifted.adopted((), None), "Europe/Paris, why: it is there", "UTC")


def test_what_a_profile_asks_is_overridden_with_all_that_it_said_beside() -> None:
    words = Words(("plugins", "akismet"), {"version": "5.7.1", "why": None}, "version", "why")
    texts = sound_fleet(sites__boutique=_SITE, profiles__care=_CARE)
    text = with_words(texts, _BOUTIQUE, words, "5.7.2 is slow")
    assert text == _SITE + (
        "plugins:\n  akismet: {version: 5.7.1, auto_updates: on, why: 5.7.2 is slow}\n"
    )


def test_a_single_word_becomes_a_map_where_another_part_is_written() -> None:
    words = Words(("rewrite",), {"tag_base": "mot"}, "structure")
    text = with_words(
        sound_fleet(sites__boutique="url: https://b.example\nrewrite: plain\n"),
        _BOUTIQUE, words, None,
    )  # fmt: skip
    assert text.endswith("rewrite: {structure: plain, tag_base: mot}\n")


def test_where_a_line_has_no_part_for_the_reason_it_is_a_comment() -> None:
    texts = sound_fleet(sites__boutique="url: https://b.example\nmail: on   # theirs\n")
    words = Words(("rewrite",), {"structure": "plain"}, "structure")
    text = with_words(texts, _BOUTIQUE, words, "old addresses: kept\n")
    assert text.endswith("\nrewrite: plain  # old addresses: kept\\x0a\n")
    mail = Words(("mail",), {"sending": "off"}, "sending")
    assert with_words(texts, _BOUTIQUE, mail, "x").endswith("\nmail: off  # theirs\n")


@pytest.mark.parametrize(
    ("key", "value"),
    [("options.blogname", "write to ana@shop.example"), ("options.maps_zoom", "a@b.example")],
)
def test_an_address_never_gets_into_git(key: str, value: str) -> None:
    drifted = _moved(key, "A shop" if "blog" in key else "3", value)
    with pytest.raises(Refused) as raised:
        drifted.adopted((), None)
    assert [p.slug for p in raised.value.problems] == ["drift.personal"]
    for problem in raised.value.problems:
        assert value not in f"{problem.found}{problem.why}{problem.mend}{problem.key}"


@pytest.mark.parametrize("value", ["https://me:word@maps.example/", "api_token=0123456789", "***"])
def test_a_secret_never_gets_into_git(value: str) -> None:
    with pytest.raises(Refused) as raised:
        _moved("options.maps_zoom", "3", value).adopted(("options.maps_zoom",), None)
    assert [p.slug for p in raised.value.problems] == ["drift.no_words"]


def test_what_cannot_be_said_is_left_where_nobody_named_it() -> None:
    texts = sound_fleet(sites__boutique=_SITE, profiles__care=_CARE)
    now = {"options.blogname": State(value="B"), "options.maps_zoom": State(value="***")}
    was = {"options.blogname": State(value="A shop"), "options.maps_zoom": State(value="3")}
    drifted = Drifted(texts, "boutique", _Site(now, was), NOW)
    done = drifted.adopted((), None)
    assert [str(one.address) for one in done.told] == ["options.blogname"]
    assert [p.key for p in done.left] == ["boutique: options.maps_zoom"]
    with pytest.raises(Refused):
        drifted.adopted(("options.*",), None)


def test_what_would_not_be_sound_is_told_with_its_reason() -> None:
    texts = sound_fleet(sites__boutique=_SITE, profiles__care=_CARE)
    state = {"plugins.akismet": State(version="5.5; rm", active=True)}
    was = {"plugins.akismet": State(version="5.7.2", active=True)}
    with pytest.raises(Refused) as raised:
        Drifted(texts, "boutique", _Site(state, was), NOW).adopted((), None)
    assert "desired.version" in str(raised.value.problems[0].found)


def test_an_exemption_is_written_and_goes_once_the_value_is_adopted() -> None:
    drifted = _moved("options.blogname", "A shop", "The shop")
    done = drifted.exempt(("options.blogname",), "2027-01-15", "Ana", "the fair")
    line = "exempt:\n  options.blogname: {owner: Ana, until: 2027-01-15, why: the fair}\n"
    assert done.text == _SITE + line
    again = _moved("options.blogname", "A shop", "The shop", done.text)
    assert [one.sort for one in again.moved] == ["exempt"]
    with pytest.raises(Refused) as raised:
        again.adopted((), None)
    assert raised.value.problems[0].slug == "drift.none"
    _only_line(again.adopted(("options.blogname",), None), "A shop          #", "The shop        #")


def test_an_owner_is_no_address() -> None:
    drifted = _moved("options.blogname", "A shop", "The shop")
    for owner, why in (("ana@agency.example", None), ("Ana", "ask ana@agency.example")):
        with pytest.raises(Refused) as raised:
            drifted.exempt(("options.blogname",), "2027-01-15", owner, why)
        assert raised.value.problems[0].slug == "drift.personal"


def test_where_git_moved_as_well_nothing_is_exempt() -> None:
    drifted = _moved("options.blogname", "Another", "The shop")
    assert [one.sort for one in drifted.moved] == ["conflict"]
    with pytest.raises(Refused) as raised:
        drifted.exempt(("options.blogname",), "2027-01-15", "Ana", None)
    assert raised.value.problems[0].slug == "drift.conflict"
    _only_line(drifted.adopted((), None), "A shop          #", "The shop        #")


def test_what_is_pending_is_no_drift() -> None:
    drifted = _moved("options.blogname", "The shop", "The shop")
    for keys in ((), ("options.blogname",), ("options.blog",)):
        with pytest.raises(Refused) as raised:
            drifted.adopted(keys, None)
        assert raised.value.problems[0].slug == "drift.none"


def test_an_unknown_site_is_a_slip() -> None:
    texts = sound_fleet(sites__boutique=_SITE, profiles__care=_CARE)
    with pytest.raises(UsageError):
        Drifted(texts, "boutiq", _Site({}, {}), NOW)


_AT = datetime(2026, 11, 28, 14, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("author", "by"),
    [
        (None, "; the site does not know who did it"),
        (Author(_AT, "Stream", "anna"), ", since 2026-11-28 14:20 UTC by anna (Stream)"),
        (
            Author(_AT, "file", None, ("a@b.example",)),
            ", since 2026-11-28 14:20 UTC (file; signed in then: person ebb18a030bf1)",
        ),
    ],
)
def test_who_did_it_is_told_by_login_or_by_a_hash(author: Author | None, by: str) -> None:
    moved = Moved(Address("options.x"), State(value="1"), State(value="p4ss"), "drift", author)
    text = told(moved)
    assert text.startswith("options.x")
    assert text.endswith(by)
    assert "b.example" not in text
    assert "p4ss" not in text


def test_each_set_of_values_has_a_branch_of_its_own() -> None:
    def one(key: str) -> Moved:
        return Moved(Address(key), None, ABSENT, "drift")

    names = [
        branch("adopt", _BOUTIQUE, keys)
        for keys in (
            [one("options.x")],
            [one("options.A b/..\\c.lock")],
            [one("options.x"), one("options.y")],
            [one("options.x"), one("options.z")],
        )
    ]
    assert names[0] == "wpstate/adopt/boutique/options.x"
    assert names[1] == "wpstate/adopt/boutique/options.a-b---c"
    assert len(set(names)) == 4
    assert named(_BOUTIQUE, [one("options.x")], ["options.*"])
