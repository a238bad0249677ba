"""Each cause is told once while it lasts, and none is lost: not over quiet hours, not behind an
acknowledgement."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from wpstate.model.secret import SecretReference
from wpstate.model.site import SiteId
from wpstate.model.telling import (
    Acknowledgement,
    DigestTime,
    News,
    Sort,
    Telling,
    Told,
    Trouble,
    What,
)
from wpstate.model.updates import Window
from wpstate.planning.hours import is_quiet
from wpstate.planning.telling import Passed, after_pass, covered, outdated

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NIGHT = Window(frozenset(range(7)), time(20), time(7), "UTC", "daily 20:00-07:00 UTC")
DOWN, DRIFT = "site_down:observe.unreachable:h:22", "drift:content.home"
SITES = tuple(SiteId(name) for name in "abcdef")
POLICY = Telling(
    receivers=(("agency", SecretReference("env", "WPSTATE_SECRET_AGENCY")),),
    at_once_to=("agency",),
)


def trouble(cause: str, *sites: str) -> Trouble:
    found = tuple((SiteId(site), "found") for site in sorted(sites))
    return Trouble(cause, Sort(cause.split(":")[0]), "text", found)


class People:
    """Passes one after the other, and what people heard of each."""

    def __init__(self, policy: Telling = POLICY) -> None:
        self.policy = policy
        self.told = Told(NOON, NOON)
        self.acknowledged: tuple[Acknowledgement, ...] = ()

    def hear(
        self, *troubles: Trouble, at: datetime, looked_at: tuple[SiteId, ...] = SITES
    ) -> list[tuple[str, str]]:
        return [
            (news.what.value, news.lasting.trouble.cause if news.lasting else "")
            for news in self.news(*troubles, at=at, looked_at=looked_at)
        ]

    def news(
        self, *troubles: Trouble, at: datetime, looked_at: tuple[SiteId, ...] = SITES
    ) -> tuple[News, ...]:
        passed = Passed(troubles, frozenset(looked_at), frozenset(SITES))
        self.told, news = after_pass(self.policy, self.told, passed, self.acknowledged, at)
        gone = outdated(self.acknowledged, self.told.lasting, at)
        self.acknowledged = tuple(a for a in self.acknowledged if a.named not in gone)
        return news

    def acknowledge(self, named: str, at: datetime, until: datetime) -> None:
        covers = covered(named, self.told.lasting)
        assert covers
        self.acknowledged += (Acknowledgement(named, covers, "anna", at, until, "known"),)


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_one_message_for_all_sites_of_a_cause_and_none_while_it_lasts() -> None:
    people = People()
    down = trouble(DOWN, *SITES)
    assert people.hear(down, at=after(0)) == [("began", DOWN)]
    assert people.hear(down, at=after(1)) == []
    assert people.hear(at=after(2)) == []
    assert people.told.lasting == ()
    assert people.hear(down, at=after(3)) == [("began", DOWN)]


def test_a_reminder_once_a_day() -> None:
    people = People()
    heard = [people.hear(trouble(DOWN, "a"), at=after(hour)) for hour in range(50)]
    assert [hour for hour, each in enumerate(heard) if each] == [0, 24, 48]
    assert heard[24] == [("still", DOWN)]


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it() -> None:
    daily = DigestTime(frozenset(range(7)), time(8), "UTC", "daily 08:00 UTC")
    people = People(replace(POLICY, digest=daily, digest_to=("agency",)))
    down, year = trouble(DOWN, "a"), 24 * 365
    people.hear(down, at=after(year))
    heard = [people.hear(down, at=after(hour)) for hour in range(1, 49)]
    assert [hour for hour, each in enumerate(heard, 1) if ("digest", "") in each] == [20, 44]
    assert [hour for hour, each in enumerate(heard, 1) if ("still", DOWN) in each] == [25]


def test_a_clock_that_is_set_back_a_bit_tells_nothing_twice() -> None:
    daily = DigestTime(frozenset(range(7)), time(8), "UTC", "daily 08:00 UTC")
    people = People(replace(POLICY, digest=daily, digest_to=("agency",)))
    hours = (19.9, 20.1, 19.9, 20.1)
    assert [people.hear(at=after(hour)) for hour in hours] == [[], [("digest", "")], [], []]


def test_what_ended_does_not_pile_up_until_a_digest_that_never_comes() -> None:
    daily = DigestTime(frozenset(range(7)), time(8), "UTC", "daily 08:00 UTC")
    people = People(replace(POLICY, digest=daily, digest_to=("agency",)))
    for number in range(3):
        many = (trouble(f"drift:x{number}.{n}", "a") for n in range(600))
        people.hear(*many, at=after(number), looked_at=SITES[:1])
    people.hear(at=after(4), looked_at=SITES[:1])
    assert len(people.told.ended) == 1000


def test_what_spreads_is_told_again_and_not_for_each_site() -> None:
    people = People()
    heard = [people.hear(trouble(DOWN, *SITES[:n]), at=after(n)) for n in range(1, 7)]
    assert heard == [
        [("began", DOWN)],
        [("spread", DOWN)],
        [],
        [("spread", DOWN)],
        [],
        [],
    ]


def test_what_is_not_for_at_once_waits_for_the_digest() -> None:
    eight = DigestTime(frozenset(range(7)), time(8), "UTC", "daily 08:00 UTC")
    people = People(replace(POLICY, digest=eight, digest_to=("agency",)))
    assert people.hear(trouble(DRIFT, "a"), at=after(1)) == []
    assert people.hear(at=after(2)) == []
    assert people.hear(at=after(20.5), looked_at=SITES[:1]) == []
    (news,) = people.news(at=after(21))
    assert news.what is What.DIGEST
    assert news.since == NOON
    assert [each.trouble.cause for each in news.ended] == [DRIFT]
    assert people.hear(at=after(22)) == []
    assert people.told.ended == ()


def test_sites_that_were_not_looked_at_stay_as_they_were() -> None:
    people = People()
    people.hear(trouble(DOWN, "a", "b"), at=after(0))
    assert people.hear(at=after(1), looked_at=(SITES[0],)) == []
    assert [each.trouble.sites for each in people.told.lasting] == [((SITES[1], "found"),)]
    people.hear(at=after(2), looked_at=SITES[:2])
    assert people.told.lasting == ()


def test_quiet_hours_hold_back_until_they_end() -> None:
    people = People(replace(POLICY, quiet=NIGHT))
    assert people.hear(trouble(DOWN, "a"), at=after(9)) == []
    attention = "needs_attention:rollback.failed:h:22"
    assert people.hear(trouble(attention, "b"), at=after(12)) == []
    (news,) = people.news(trouble(attention, "b"), at=after(19))
    assert news.what is What.HELD
    assert [(each.trouble.cause, each.ended_at) for each in news.held] == [
        (attention, None),
        (DOWN, after(12)),
    ]
    assert people.hear(trouble(attention, "b"), at=after(20)) == []


def test_some_wake_people_all_the_same() -> None:
    people = People(replace(POLICY, quiet=NIGHT, wakes=(Sort.SITE_DOWN,)))
    assert people.hear(trouble(DOWN, "a"), at=after(9)) == [("began", DOWN)]
    assert people.hear(trouble(DOWN, "a"), at=after(20)) == []


def test_what_was_acknowledged_speaks_again_when_that_ends() -> None:
    people = People()
    people.hear(trouble(DOWN, "a"), at=after(0))
    people.acknowledge(DOWN, after(0), until=after(60))
    assert [people.hear(trouble(DOWN, "a"), at=after(hour)) for hour in range(1, 60)] == [[]] * 59
    assert people.hear(trouble(DOWN, "a"), at=after(60)) == [("unhushed", DOWN)]
    assert people.acknowledged == ()


def test_what_was_acknowledged_speaks_again_when_it_is_worse() -> None:
    people = People()
    people.hear(trouble(DOWN, "a", "b"), at=after(0))
    people.acknowledge(DOWN, after(0), until=after(60))
    assert people.hear(trouble(DOWN, "a", "b", "c"), at=after(1)) == []
    assert people.hear(trouble(DOWN, "a", "b", "c", "d"), at=after(2)) == [("unhushed", DOWN)]


def test_what_was_acknowledged_speaks_again_when_it_comes_back() -> None:
    people = People()
    people.hear(trouble(DOWN, "a"), at=after(0))
    people.acknowledge(DOWN, after(0), until=after(60))
    assert people.hear(at=after(1)) == []
    assert people.acknowledged == ()
    assert people.hear(trouble(DOWN, "a"), at=after(2)) == [("began", DOWN)]


def test_a_site_is_acknowledged_with_what_it_has_then() -> None:
    people = People()
    people.hear(trouble(DOWN, "a"), trouble(DRIFT, "a", "b"), at=after(0))
    people.acknowledge("a", after(0), until=after(60))
    assert people.hear(trouble(DOWN, "a"), at=after(1)) == []
    other = "needs_attention:rollback.failed:h:22"
    assert people.hear(trouble(DOWN, "a"), trouble(other, "a"), at=after(2)) == [("began", other)]


def test_a_ticket_is_opened_once_and_closed() -> None:
    people = People(replace(POLICY, at_once=(), tickets_to=("desk",)))
    assert people.hear(trouble(DOWN, "a"), at=after(0)) == [("ticket", DOWN)]
    assert people.hear(trouble(DOWN, "a"), at=after(30)) == []
    (news,) = people.news(at=after(31))
    assert (news.what, news.to) == (What.TICKET_ENDED, ("desk",))
    assert people.hear(at=after(32)) == []


CAUSES = (DOWN, "site_down:observe.timeout:g:22", "needs_attention:thaw.failed:h:22", DRIFT)
_PASSES = st.lists(
    st.tuples(
        st.floats(0.1, 9),
        st.dictionaries(
            st.sampled_from(CAUSES), st.sets(st.sampled_from(SITES), min_size=1), max_size=4
        ),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(_PASSES, st.booleans())
def test_no_cause_is_told_twice_and_none_is_lost(
    passes: list[tuple[float, dict[str, set[SiteId]], bool]], has_quiet: bool
) -> None:
    """Over any passes, of all sites or of some: what people hear of each cause from its beginning
    to its end is that it began (or, after quiet hours, that it had), once; again only as a
    reminder of a day, or where at least as many sites joined as were known."""
    people = People(replace(POLICY, quiet=NIGHT if has_quiet else None))
    now = NOON
    open_since: dict[str, datetime] = {}
    heard: dict[tuple[str, datetime], list[tuple[What, datetime, frozenset[SiteId]]]] = {}
    began: set[tuple[str, datetime]] = set()
    for hours, found, partly in passes:
        now += timedelta(hours=hours)
        looked_at = SITES[:3] if partly else SITES
        seen = {cause: sites & {*looked_at} for cause, sites in found.items()}
        troubles = [trouble(cause, *sites) for cause, sites in seen.items() if sites]
        news = people.news(*troubles, at=now, looked_at=looked_at)
        lasts = {each.trouble.cause: each for each in people.told.lasting}
        open_since = {cause: each.since for cause, each in lasts.items()}
        began |= {(c, at) for c, at in open_since.items() if not c.startswith("drift")}
        quiet = has_quiet and is_quiet(NIGHT, now)
        assert not (quiet and news)
        for each in news:
            told = [each.lasting] if each.lasting else [*each.held]
            for one in told:
                key = (one.trouble.cause, one.since)
                heard.setdefault(key, []).append((each.what, now, one.trouble.names))
    # The night ends, and all are looked at once more as they are.
    still = [each.trouble for each in people.told.lasting]
    at = (now + timedelta(days=1)).replace(hour=12, minute=0)
    for each in people.news(*still, at=at):
        for one in each.held or ([each.lasting] if each.lasting else []):
            heard.setdefault((one.trouble.cause, one.since), []).append(
                (each.what, at, one.trouble.names)
            )
    lost = began - set(heard)
    # Of a cause that came and went several times in one night, the last time stands for all.
    for cause, since in lost:
        assert has_quiet
        assert any(c == cause and s > since and w is What.HELD
                   for (c, s), each in heard.items() for w, _, _ in each)  # fmt: skip
    for each in heard.values():
        assert [what for what, _, _ in each].count(What.BEGAN) <= 1
        assert each[0][0] in (What.BEGAN, What.HELD)
        for (_, before, known), (what, later, sites) in itertools.pairwise(each):
            assert what in (What.SPREAD, What.STILL, What.HELD)
            if what is What.STILL:
                assert later - before >= timedelta(hours=24)
            elif what is What.SPREAD:
                assert len(sites - known) >= 1
