"""After a pass people are told, by a real receiver and a real database: once, with what failed to
go out coming with the next pass, and without the pass noticing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from tests.builders import NOW, SITE, desired
from tests.receivers import Web, web
from wpstate.adapters.database import open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.notices import DatabaseNotices
from wpstate.adapters.outgoing import AppriseOutgoing
from wpstate.adapters.secrets import KeptSecrets
from wpstate.model.desired import Fleet
from wpstate.model.plan import Digests, Estimate, SitePlan
from wpstate.model.problem import Problem, UsageError
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.secret import SecretReference
from wpstate.model.site import SiteId
from wpstate.model.telling import DigestTime, Message, Telling
from wpstate.workflows.acknowledge import acknowledge, withdraw
from wpstate.workflows.tell import Sent, tell

AGENCY, DESK, BEAT = (SecretReference("env", f"WPSTATE_SECRET_{n}") for n in ("A", "D", "B"))
POLICY = Telling(
    receivers=(("agency", AGENCY), ("desk", DESK)),
    digest=DigestTime(frozenset(range(7)), time(8), "Europe/Paris", ""),
    digest_to=("agency",),
    at_once_to=("agency",),
    tickets_to=("desk",),
    heartbeat=BEAT,
)
NAMES = tuple(SiteId(name) for name in ("bakery", "boutique", "museum"))
DOWN = Problem("observe.database_down", "seen in part", found="no route to @all ](x")


@dataclass
class Agency:
    server: Web
    folder: Path
    policy: Telling = POLICY
    at: datetime = NOW
    sends_by: type[AppriseOutgoing] = AppriseOutgoing

    def __post_init__(self) -> None:
        database = open_database(None, self.folder / "ledger.sqlite3")
        self.notices, self.ledger = DatabaseNotices(database), DatabaseLedger(database)
        base = f"127.0.0.1:{self.server.port}"
        self.secrets = {
            AGENCY.name: f"json://{base}/agency",
            DESK.name: f"json://{base}/desk",
            BEAT.name: f"http://{base}/beat",
        }

    @property
    def fleet(self) -> Fleet:
        sites = tuple(replace(desired(), site=replace(SITE, id=name)) for name in NAMES)
        return Fleet("agency", "", "", sites, telling=self.policy)

    def passes(self, *down: str, hours: float = 1, runs: tuple[Run, ...] = ()) -> Sent:
        self.at += timedelta(hours=hours)
        ran = {run.site: run for run in runs}
        for run in runs:
            self.ledger.add(run)
        planned = {name: planned_as(name, down=name in down) for name in NAMES}
        done = Pass(
            tuple(
                Reconciled(name, Standing.REFUSED if name in down else Standing.IN_SYNC, "", None,
                           ran.get(name))
                for name in NAMES
            ),
            None,
        )  # fmt: skip
        secrets = KeptSecrets(
            self.folder, environment=self.secrets, fleet_folder=self.folder, vault_password=None
        )
        return tell(
            self.fleet, done, planned, began_at=self.at - timedelta(minutes=1), now=self.at,
            notices=self.notices, outgoing=self.sends_by(secrets), ledger=self.ledger,
        )  # fmt: skip

    def heard(self) -> list[tuple[str, str]]:
        """Path and title, since this was last asked; sorted, beats without a title."""
        found = [(path, body["title"] if body else "") for _, path, body in self.server.requests]
        self.server.requests.clear()
        return sorted(found)


def planned_as(name: SiteId, *, down: bool) -> SitePlan:
    return SitePlan(
        name, "http://s", None, NOW, 0.1, "8.2", None, (), (), (DOWN,) if down else (),
        Estimate(0, 0, None, 60), Digests("", "", "", ""), 1,
    )  # fmt: skip


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Agency]:
    with web() as server:
        yield Agency(server, tmp_path)


TITLE = "agency: Site down: the database does not answer (observe.database_down, host 127.0.0.1:22)"
CAUSE = "site_down:observe.database_down:127.0.0.1:22"


def test_one_message_and_one_ticket_for_three_sites(agency: Agency) -> None:
    agency.passes(*NAMES)
    first = {path: body for _, path, body in agency.server.requests if body is not None}
    text = first["/agency"]["message"]
    assert "on each: no route to (at)all ] (x" in text
    assert all(f"  {name}\n" in text for name in NAMES)
    assert f"wpstate acknowledge {CAUSE} --until 3d" in text
    assert agency.heard() == [("/agency", TITLE), ("/beat", ""), ("/desk", TITLE)]
    agency.passes(*NAMES)
    assert agency.heard() == [("/beat", "")]
    agency.passes()
    ((_, _, ended),) = [each for each in agency.server.requests if each[2]]
    assert (ended["title"], ended["type"]) == (TITLE, "success")
    assert ended["message"].startswith("Well again: ")
    agency.heard()
    agency.passes("museum")
    assert ("/agency", TITLE) in agency.heard()


def test_what_could_not_be_sent_comes_with_the_next_pass(agency: Agency) -> None:
    agency.server.status = 503
    sent = agency.passes("museum")
    assert sorted(p.slug for p in sent.problems) == [
        "notice.heartbeat",
        "notice.unsent",
        "notice.unsent",
    ]
    assert sent.titles == ()
    agency.server.requests.clear()
    agency.server.status = 200
    sent = agency.passes("museum")
    assert agency.heard() == [("/agency", TITLE), ("/beat", ""), ("/desk", TITLE)]
    assert sent == Sent((TITLE, TITLE), ())
    agency.passes("museum")
    assert agency.heard() == [("/beat", "")]


@pytest.mark.parametrize("meanwhile", ["it decides", "its receiver is slow"])
def test_two_passes_at_once_tell_each_thing_once(agency: Agency, meanwhile: str) -> None:
    left = Problem("rollback.failed", "the site could not be put back")
    at = agency.at + timedelta(minutes=65)
    run = Run("r7", NAMES[0], None, Outcome.NEEDS_ATTENTION, at, 9, 1, (), (), (), (left,))
    beside = [replace(agency)]

    def whole_pass(when: str) -> None:
        if when == meanwhile and beside:
            beside.pop().passes(*NAMES[:2], runs=(run,))

    class Deciding(DatabaseLedger):
        def runs(self, site: SiteId | None = None, limit: int = 50) -> tuple[Run, ...]:
            whole_pass("it decides")
            return super().runs(site, limit)

    class Sending(AppriseOutgoing):
        def send(
            self, messages: Sequence[tuple[SecretReference, Message]]
        ) -> tuple[str | None, ...]:
            whole_pass("its receiver is slow")
            return super().send(messages)

    agency.sends_by = Sending
    agency.ledger = Deciding(open_database(None, agency.folder / "ledger.sqlite3"))
    agency.passes(*NAMES[:2])
    assert not beside
    agency.passes(*NAMES[:2])
    told = "agency: Needs attention: the site could not be put back"
    assert [each for each in agency.heard() if each[0] == "/agency"].count(("/agency", told)) == 1


def test_what_was_never_taken_is_given_up_aloud(agency: Agency) -> None:
    agency.secrets.pop(DESK.name)
    sent = agency.passes("museum")
    assert [(p.slug, p.found) for p in sent.problems] == [
        (
            "notice.unsent",
            "1 message: secret.missing: env WPSTATE_SECRET_D: the variable is not set",
        )
    ]
    sent = agency.passes("museum", hours=80)
    assert "notice.dropped" in {p.slug for p in sent.problems}
    assert agency.passes("museum").problems == ()


def test_a_digest_a_day_tells_what_happened(agency: Agency) -> None:
    agency.passes("bakery")
    agency.heard()
    run = Run("r1", NAMES[2], None, Outcome.ROLLED_BACK, agency.at, 9, 1, (), (), (), (DOWN,))
    agency.passes(runs=(run,))
    agency.heard()
    agency.passes(hours=22)
    (digest,) = [body for _, path, body in agency.server.requests if path == "/agency"]
    assert digest["title"] == "agency: 3 of 3 sites in sync"
    assert "Rolled back\n  museum: " in digest["message"]
    assert "Well again\n  Site down: the database does not answer" in digest["message"]
    agency.heard()
    agency.passes()
    assert agency.heard() == [("/beat", "")]


def test_a_run_of_a_person_that_needs_attention_is_told_too(agency: Agency) -> None:
    agency.passes()
    agency.heard()
    left = Problem("rollback.failed", "the site could not be put back")
    at = agency.at + timedelta(minutes=5)
    agency.ledger.add(
        Run("r7", NAMES[0], None, Outcome.NEEDS_ATTENTION, at, 9, 1, (), (), (), (left,))
    )
    agency.passes("bakery")
    titles = [title for path, title in agency.heard() if path == "/agency"]
    assert "agency: Needs attention: the site could not be put back" in titles
    agency.passes("bakery")
    assert agency.heard() == [("/beat", "")]


def test_that_no_pass_was_made_is_told_by_the_next(agency: Agency) -> None:
    agency.passes()
    agency.passes(hours=30)
    silent = "agency: wpstate was silent: no pass from 2026-11-22 10:00 to 2026-11-23 15:59 UTC"
    assert ("/agency", silent) in agency.heard()
    agency.passes()
    assert ("/agency", silent) not in agency.heard()


def test_what_somebody_knows_is_told_no_more_and_still_shown(agency: Agency) -> None:
    agency.passes("museum")
    acknowledge(agency.fleet, agency.notices, "museum", "12h", "a`b", by="anna", now=agency.at)
    agency.heard()
    agency.passes("museum", hours=10)
    assert agency.heard() == [("/beat", "")]
    agency.passes("museum", hours=3)
    assert agency.heard() == [("/agency", TITLE), ("/beat", "")]
    acknowledge(agency.fleet, agency.notices, CAUSE, "2026-11-30", "@all", by="bob", now=agency.at)
    agency.passes("museum", hours=9)
    (digest,) = [body for _, path, body in agency.server.requests if path == "/agency"]
    assert "acknowledged by bob until Tue 01 Dec 00:00 UTC: (at)all" in digest["message"]
    withdraw(agency.fleet, agency.notices, CAUSE)
    agency.heard()
    agency.passes("museum")
    assert ("/agency", TITLE) in agency.heard()


@pytest.mark.parametrize(
    ("named", "until", "slug"),
    [
        ("site_down:observe.database_dow", "3d", "usage.cause"),
        ("bakery", "3d", "usage.cause"),
        ("museum", "yesterday", "usage.until"),
        ("museum", "2020-01-01", "usage.until"),
        ("museum", "999d", "usage.until"),
        ("museum", "٣d", "usage.until"),
    ],
)
def test_acknowledging_nothing_is_refused(
    agency: Agency, named: str, until: str, slug: str
) -> None:
    agency.passes("museum")
    with pytest.raises(UsageError) as caught:
        acknowledge(agency.fleet, agency.notices, named, until, "w", by="anna", now=agency.at)
    assert [problem.slug for problem in caught.value.problems] == [slug]
    with pytest.raises(UsageError):
        withdraw(agency.fleet, agency.notices, "museum")
