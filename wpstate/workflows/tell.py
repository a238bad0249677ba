"""After a pass: tell people what it found. Whatever goes wrong here is told and fails no pass.

What is told to whom is decided in planning, the words are report's. A message is written down
before it is sent, so that what could not be sent goes with the next pass.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex

from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.reconciled import Pass
from wpstate.model.run import Run
from wpstate.model.site import SiteId
from wpstate.model.telling import Acknowledgement, Message, News, Telling, Told, What
from wpstate.planning.telling import Passed, after_pass, gravest_first, outdated
from wpstate.planning.troubles import silence, troubles
from wpstate.ports import Ledger, Notices, Outgoing
from wpstate.report.digest_text import digest
from wpstate.report.notice_text import notice
from wpstate.workflows.reconcile import Healed, MakePlan

_KEPT = timedelta(days=3)
_LONGEST_RUN = timedelta(days=1)


@dataclass(slots=True)
class Seen:
    """Plans a pass as `plan` does, and keeps what it saw last of each site."""

    plan: MakePlan
    latest: dict[SiteId, SitePlan] = field(default_factory=dict)

    def __call__(
        self, names: tuple[str, ...], *, only: tuple[str, ...] = (), healed: Healed
    ) -> Plan:
        made = self.plan(names, only=only, healed=healed)
        if not only:
            self.latest.update({each.site: each for each in made.sites})
        return made


@dataclass(frozen=True, slots=True)
class Sent:
    """How telling went."""

    titles: tuple[str, ...]
    """Of what went out."""
    problems: tuple[Problem, ...]


def tell(
    fleet: Fleet,
    done: Pass,
    planned: Mapping[SiteId, SitePlan],
    *,
    began_at: datetime,
    now: datetime,
    notices: Notices,
    outgoing: Outgoing,
    ledger: Ledger,
) -> Sent:
    """Raises Failed where memory cannot be reached: then nothing was told.

    `now`: when the pass ended. Everything else that goes wrong is among the problems.
    """
    policy = fleet.telling
    while True:
        before = notices.told(fleet.name)
        told, problems = _decided(
            fleet, done, planned, before or Told(began_at, began_at),
            began_at=began_at, now=now, notices=notices, ledger=ledger,
        )  # fmt: skip
        if notices.keep(fleet.name, told, instead_of=before):
            break
    waiting, receivers = told.outbox, dict(policy.receivers)
    errors = outgoing.send([(receivers[each.to], each) for each in waiting]) if waiting else ()
    gone = {each.id for each, error in zip(waiting, errors, strict=True) if not error}
    if gone:
        _take_out(fleet.name, gone, notices)
    problems += _unsent(waiting, errors)
    if policy.heartbeat is not None:
        error = outgoing.beat(policy.heartbeat)
        problems += [_no_beat(error)] if error else []
    return Sent(tuple(m.title for m in waiting if m.id in gone), tuple(problems))


def _decided(
    fleet: Fleet,
    done: Pass,
    planned: Mapping[SiteId, SitePlan],
    before: Told,
    *,
    began_at: datetime,
    now: datetime,
    notices: Notices,
    ledger: Ledger,
) -> tuple[Told, list[Problem]]:
    """What is known now, with all that waits to be sent."""
    policy = fleet.telling
    known = notices.acknowledged(fleet.name)
    runs = {run.site: run for run in reversed(_runs_since(fleet, ledger, before.passed_at))}
    runs |= {each.site: each.run for each in done.sites if each.run is not None}
    found = troubles(fleet, planned, runs, (each.trouble for each in before.lasting))
    silent = silence(before.passed_at, began_at, policy.silent_after_s, fleet.schedule)
    passed = Passed(
        (*found, silent) if silent else found,
        frozenset(planned),
        frozenset(desired.site.id for desired in fleet.sites),
    )
    told, news = after_pass(policy, before, passed, known, now)
    for named in outdated(known, told.lasting, now):
        notices.forget(fleet.name, named)
    new = (
        message
        for each in news
        for message in _messages(fleet, each, told, known, done, ledger, now)
    )
    waiting, problems = _not_too_old(policy, (*told.outbox, *new), now)
    return replace(told, outbox=waiting), problems


def _take_out(fleet: str, gone: Collection[str], notices: Notices) -> None:
    """Sending takes its time: another pass may have kept more meanwhile, which stays."""
    while (told := notices.told(fleet)) is not None:
        left = tuple(each for each in told.outbox if each.id not in gone)
        if notices.keep(fleet, replace(told, outbox=left), instead_of=told):
            return


def _messages(
    fleet: Fleet,
    news: News,
    told: Told,
    known: Sequence[Acknowledgement],
    done: Pass,
    ledger: Ledger,
    now: datetime,
) -> Iterable[Message]:
    if news.what is What.DIGEST:
        assert news.since is not None
        runs = _runs_since(fleet, ledger, news.since)
        title, body = digest(
            fleet.name, done, runs, gravest_first(told.lasting), news.ended, known,
            since=news.since, now=now,
        )  # fmt: skip
        tone = "info"
    else:
        title, body, tone = notice(fleet.name, news)
    is_end = news.what is What.TICKET_ENDED
    for name in news.to:
        yield Message(token_hex(8), name, title, body, tone, now, is_end)


def _runs_since(fleet: Fleet, ledger: Ledger, since: datetime) -> list[Run]:
    """Of its sites, newest first, whoever made them."""
    names = {desired.site.id for desired in fleet.sites}
    limit = 50
    while True:  # the ledger is long, what is new is short
        runs = ledger.runs(limit=limit)
        if len(runs) < limit or runs[-1].started_at < since - _LONGEST_RUN:
            return [run for run in runs if run.site in names and _ended(run) > since]
        limit *= 4


def _ended(run: Run) -> datetime:
    return run.started_at + timedelta(seconds=run.took_s)


def _not_too_old(
    policy: Telling, messages: Iterable[Message], now: datetime
) -> tuple[tuple[Message, ...], list[Problem]]:
    """Those that may still be sent, in their order."""
    names = dict(policy.receivers)
    kept: list[Message] = []
    dropped: list[Message] = []
    for each in messages:
        (kept if each.to in names and now - each.made_at <= _KEPT else dropped).append(each)
    return tuple(kept), [
        Problem(
            "notice.dropped",
            "a message was given up",
            key=f"tell.to.{each.to}",
            found=f'"{each.title}" of {each.made_at:%Y-%m-%d %H:%M} UTC',
            why=f"it could not be sent for {_KEPT.days} days, or its receiver is no longer named",
            mend="read it here; what lasts is told by `wpstate acknowledge --list`",
        )
        for each in dropped
    ]


def _unsent(messages: Sequence[Message], errors: Sequence[str | None]) -> list[Problem]:
    failed: dict[tuple[str, str], int] = {}
    for each, error in zip(messages, errors, strict=True):
        if error:
            failed[each.to, error] = failed.get((each.to, error), 0) + 1
    return [
        Problem(
            "notice.unsent",
            "people could not be told",
            key=f"tell.to.{name}",
            found=f"{count} message{'' if count == 1 else 's'}: {error}",
            why="the pass itself was made; they are sent with the next one",
            mend="see that the address is right and answers",
        )
        for (name, error), count in failed.items()
    ]


def _no_beat(error: str) -> Problem:
    return Problem(
        "notice.heartbeat",
        "the heartbeat did not arrive",
        key="tell.heartbeat",
        found=error,
        why="the other side will believe that no pass is made any more",
        mend="see that the address is right and answers",
    )
