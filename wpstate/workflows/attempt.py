"""What one run on one site has learned so far. The phases that fill it are modules of their own."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from wpstate.model.cache import Purge, Purged
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.look import CheckResult, LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Failed, NeedsAttention, Problem, Refused, WpstateError
from wpstate.model.progress import Frozen, Thawed
from wpstate.model.run import Outcome, Tier
from wpstate.model.state import Address, Json
from wpstate.planning.caches import purges
from wpstate.planning.role_vars import FetchedArtifact
from wpstate.planning.scope import Scope
from wpstate.ports import SafetyNet, Visitor
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.tools import Tools


class PutBack(Exception):
    """The changed site must go back to its snapshot; holds why. Never leaves the workflows."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(p.slug for p in problems))


@contextmanager
def giving_back(give: Callable[[], None]) -> Iterator[None]:
    """Call `give` at the end. Where something else already failed, that is what gets told."""
    try:
        yield
    except BaseException:
        with suppress(WpstateError):
            give()
        raise
    give()


@contextmanager
def telling_of_the_lock(net: SafetyNet) -> Iterator[None]:
    """Whose site it no longer is has nothing to mend there: what it met is another run's work.

    Raises Failed (`run.fenced`) in the place of what was refused or failed before any change.
    """
    try:
        yield
    except (Refused, Failed) as error:
        if not error.problems[0].slug.startswith("host."):
            _require_lock(net)
        raise


def _require_lock(net: SafetyNet) -> None:
    """Only a lock that is known to be lost is told; a host that cannot say so changes nothing."""
    try:
        net.require_lock()
    except WpstateError as error:
        if error.problems[0].slug == "run.fenced":
            raise


@dataclass(slots=True)
class Attempt:
    plan: Plan
    site_plan: SitePlan | None
    """None in a rollback by hand."""
    desired: DesiredState
    tools: Tools
    log: PhaseLog
    run: str
    started_at: datetime
    foreign: bool = False
    """The plan came from another machine: no change but what our own files ask for."""
    claims: bool = False
    """A person says that the site is where it belongs, copied or not."""
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    beacon_url: str = ""
    web: Json | None = None
    """What the beacon told of the web server's PHP."""
    direct: Visitor | None = None
    """Asks the host itself, where the public address did not prove that it leads there."""
    seen: ObservedState | None = None
    """The site inside the lock, before anything was changed."""
    fetched: tuple[FetchedArtifact, ...] = ()
    tables: Scope | None = None
    """Which tables are dumped under the freeze; None until that is decided."""
    before: tuple[LookSeen, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    in_background: tuple[Address, ...] = ()
    """What the site goes on with by itself after the verdict."""
    purged: tuple[Purged, ...] = ()
    """What came of the caches that were emptied last."""
    frozen_from_s: float | None = None
    frozen_s: float | None = None
    held: bool = False
    """Visitors had a holding page before this run."""
    freeze_holds: bool = False
    """Proven: nobody but this run writes, so tables may be put back."""
    tier: Tier | None = None
    """How the site was put back; None as long as it was not."""
    interrupted_as: Outcome = Outcome.FAILED
    """What an interrupt amounts to: nothing changed, or changed and put back."""
    interrupted_for: tuple[Problem, ...] = ()
    """What is recorded of an interrupted run beside that."""
    settled: tuple[Outcome, tuple[Problem, ...]] | None = None
    """How it ended for the site; what goes wrong after that is only told beside it."""

    @contextmanager
    def unsettled(self, *reasons: Problem) -> Iterator[None]:
        """From the first change on, what goes wrong never means that the site is as it was.

        Raises NeedsAttention, `reasons` first, for any of wpstate's own errors.
        """
        self.interrupted_as = Outcome.NEEDS_ATTENTION
        try:
            yield
        except WpstateError as error:
            raise NeedsAttention((*reasons, *error.problems)) from error

    def settle(self, outcome: Outcome, *reasons: Problem) -> tuple[Outcome, tuple[Problem, ...]]:
        """The site is settled, and visitors have it: only giving the lock back is left."""
        self.settled = (outcome, reasons)
        return self.settled

    @property
    def undone_as(self) -> Outcome:
        """What a run amounts to that was undone: a rollback by hand was then not done."""
        return Outcome.ROLLED_BACK if self.site_plan else Outcome.FAILED

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.site_plan.changes if self.site_plan else ()

    @property
    def purges(self) -> tuple[Purge, ...]:
        """The caches that are emptied after changes and rollbacks; none of an unseen site."""
        return purges(self.desired, self.seen, self.changes) if self.seen else ()

    @property
    def frozen_until_now_s(self) -> float | None:
        """How long visitors waited; a site that is still frozen counts until now."""
        if self.frozen_s is None and self.frozen_from_s is not None:
            return round(self.tools.clock.monotonic_s() - self.frozen_from_s, 3)
        return self.frozen_s

    @property
    def frozen_bytes(self) -> int:
        """Of the tables that a rollback may have to put back."""
        if self.tables is not None:
            return self.tables.frozen_bytes
        database = self.before_changes.database
        return database.size_bytes if database else 0

    @property
    def planned(self) -> SitePlan:
        assert self.site_plan is not None
        return self.site_plan

    @property
    def before_changes(self) -> ObservedState:
        assert self.seen is not None
        return self.seen

    def look(
        self,
        requests: tuple[LookRequest, ...],
        *,
        with_token: bool = True,
        publicly: bool = False,
    ) -> tuple[LookSeen, ...]:
        """`publicly`: by the public address, whoever answers there."""
        visitor = self._carrying(self.tools.visitor) if publicly else self.visitor
        return visitor.look(
            requests,
            token=self.token if with_token else None,
            timeout_s=self.desired.policy.look_timeout_s,
        )

    @property
    def visitor(self) -> Visitor:
        """Raises Refused (`secret.*`) where what the site's looks must carry is not to be had."""
        return self._carrying(self.direct or self.tools.visitor)

    def _carrying(self, visitor: Visitor) -> Visitor:
        headers = self.desired.policy.look_headers
        reveal = self.tools.secrets.reveal
        return visitor.carrying([header.filled(reveal(header.secret)) for header in headers])

    def observe(self, *, with_token: bool = False) -> ObservedState:
        """The site as it is now. `with_token` where this run holds it frozen."""
        return self._observed(self.desired, self.token if with_token else None)

    def observe_changed(self) -> ObservedState:
        """The frozen site; of what a visitor is told only what this run changes, because all
        others are waiting."""
        changed = {change.address for change in self.changes}
        managed = tuple(m for m in self.desired.managed if m.address in changed)
        return self._observed(replace(self.desired, managed=managed), self.token)

    def _observed(self, desired: DesiredState, token: str | None) -> ObservedState:
        seen = self.tools.observer.observe([desired], token=token, through=self.direct)
        return seen[desired.site.id]

    def ask(self, url: str, ask: str) -> Json | None:
        return self.visitor.ask(
            url, token=self.token, ask=ask, timeout_s=self.desired.policy.look_timeout_s
        )

    @property
    def admin_url(self) -> str:
        return f"{self.desired.site.url}/wp-admin/"

    def begin_frozen(self) -> None:
        """Visitors wait from now on."""
        self.frozen_from_s = self.tools.clock.monotonic_s()
        now = self.tools.clock.now()
        self.tools.progress.tell(Frozen(now, self.desired.site.id, self.run))

    def thaw(self, net: SafetyNet) -> None:
        """Give visitors their site back and stop the frozen clock."""
        net.thaw()
        if self.frozen_from_s is not None and self.frozen_s is None:
            self.frozen_s = round(self.tools.clock.monotonic_s() - self.frozen_from_s, 3)
            now, site = self.tools.clock.now(), self.desired.site.id
            self.tools.progress.tell(Thawed(now, site, self.run, self.frozen_s))

    def problem(self, slug: str, what: str, found: str, why: str, mend: str) -> Problem:
        return Problem(
            slug=slug, what=what, key=self.desired.site.id, found=found, why=why, mend=mend
        )
