"""A digest as people read it; messages of one trouble, of any length."""

from datetime import timedelta

from tests.builders import NOW, SPAN, version
from wpstate.model.change import Action, Cause, Change
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.model.telling import (
    Acknowledgement,
    Ended,
    Held,
    Lasting,
    News,
    Sort,
    Trouble,
    What,
)
from wpstate.planning.telling import gravest_first
from wpstate.planning.troubles import _moved
from wpstate.report.digest_text import digest
from wpstate.report.notice_text import LONGEST_CHARS, notice
from wpstate.resources.content import FORMS

A, B, C = (SiteId(name) for name in ("bakery", "boutique", "museum"))
DOWN = Trouble(
    "site_down:observe.unreachable:192.0.2.7:22",
    Sort.SITE_DOWN,
    "the host does not answer (observe.unreachable, host 192.0.2.7:22)",
    ((A, "no route"), (B, "no route")),
)
DRIFT = Trouble(
    "drift:content.home", Sort.DRIFT, "content.home is not as git says", ((C, "drifted"),)
)
BACK = Problem("post_check.failed", "w", found="GET / 500 instead of 200")


def run(site: SiteId, outcome: Outcome, *reasons: Problem) -> Run:
    change = Change(
        Address("plugins.akismet"), Action.UPDATE, version("5.5"), version("5.7.2"),
        Cause.PENDING, SPAN, "approved",
    )  # fmt: skip
    return Run("r", site, None, outcome, NOW, 9, 1, (), (change,), (), reasons)


def test_a_digest() -> None:
    done = Pass(
        (
            Reconciled(A, Standing.REFUSED, "", None),
            Reconciled(B, Standing.REFUSED, "", None),
            Reconciled(C, Standing.WAITS, "outside tue 02:00-05:00 UTC", None),
            Reconciled(SiteId("hotel"), Standing.IN_SYNC, "", None),
        ),
        None,
    )
    known = Acknowledgement(
        DRIFT.cause, ((DRIFT.cause, (C,)),), "anna", NOW, NOW + timedelta(days=3), "client decides"
    )
    gone = Trouble("silent", Sort.SILENT, "no pass from 5 to 9")
    title, text = digest(
        "agency",
        done,
        (run(C, Outcome.APPLIED), run(B, Outcome.ROLLED_BACK, BACK)),
        gravest_first((Lasting(DRIFT, NOW), Lasting(DOWN, NOW))),
        (Ended(gone, NOW - timedelta(hours=4), NOW),),
        (known,),
        since=NOW - timedelta(days=1),
        now=NOW,
    )
    assert title == "agency: 1 of 4 sites in sync"
    assert (
        text
        == """\
agency: 1 of 4 sites in sync
Sat 21 Nov 09:00 to Sun 22 Nov 09:00 UTC

Needs somebody
  Site down: the host does not answer (observe.unreachable, host 192.0.2.7:22), on 2 sites, \
since Sun 22 Nov 09:00 UTC
    on each: no route
    bakery
    boutique

Changed
  museum: plugins.akismet 5.5 → 5.7.2

Rolled back
  boutique: plugins.akismet: post_check.failed: GET / 500 instead of 200

Drift, and what else is for you to decide
  Drift: content.home is not as git says, on museum, since Sun 22 Nov 09:00 UTC
    museum: drifted
    acknowledged by anna until Wed 25 Nov 09:00 UTC: client decides

Waits
  museum: outside tue 02:00-05:00 UTC

Well again
  wpstate was silent: no pass from 5 to 9, Sun 22 Nov 05:00 UTC to Sun 22 Nov 09:00 UTC"""
    )


def test_nothing_to_tell_is_told() -> None:
    done = Pass((Reconciled(A, Standing.IN_SYNC, "", None),), None)
    _, text = digest("agency", done, (), (), (), (), since=NOW, now=NOW)
    assert text.endswith("\n\nNothing happened, and nothing waits.")


def test_no_message_is_too_long_for_its_receiver() -> None:
    many = tuple((SiteId(f"site-{n}"), f"{n} " + "x" * 190) for n in range(5000))
    trouble = Trouble(DOWN.cause, Sort.SITE_DOWN, "t", many)
    for news in (
        News(What.BEGAN, ("agency",), Lasting(trouble, NOW)),
        News(What.HELD, ("agency",), held=(Held(trouble, NOW),) * 100),
        News(What.TICKET_ENDED, ("agency",), ended=(Ended(trouble, NOW, NOW),)),
    ):
        title, text, _ = notice("agency", news)
        assert len(title) < 200
        assert len(text) <= LONGEST_CHARS
    lasting = tuple(Lasting(trouble, NOW) for _ in range(100))
    _, text = digest("agency", Pass((), None), (), lasting, (), (), since=NOW, now=NOW)
    assert len(text) <= LONGEST_CHARS


def test_what_drifted_is_shown_but_for_personal_data() -> None:
    asked, seen = State(value="a@agency.example"), State(value="b@evil.example")
    told = _moved(Noted(Address(f"{FORMS}contact"), seen, "drifted", "drift", asked))
    assert told == "drifted"
    told = _moved(Noted(Address("plugins.x"), version("1"), "drifted", "drift", version("2")))
    assert told == "2 → 1, drifted"
