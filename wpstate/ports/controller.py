"""What a run needs of this machine: looks, bytes, ledger, clock, revision, signals, progress."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from wpstate.model.cache import CacheRequest
from wpstate.model.desired import Artifact, DesiredState, Fleet
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.passes import FailedPass, KeptPass, Tally
from wpstate.model.plan import Plan
from wpstate.model.progress import ProgressEvent
from wpstate.model.run import Run
from wpstate.model.secret import FilledHeader, Secret, SecretReference
from wpstate.model.shipped import DeepLook
from wpstate.model.site import SiteId
from wpstate.model.state import Json


class Secrets(Protocol):
    def reveal(self, reference: SecretReference) -> Secret:
        """Raises Refused (`secret.missing`, `secret.vault`, `secret.value`)."""


class Visitor(Protocol):
    def carrying(self, headers: Sequence[FilledHeader]) -> "Visitor":
        """The same visitor, which sends these headers to the site and shows them to nobody."""

    def look(
        self, requests: Sequence[LookRequest], *, token: str | None, timeout_s: float
    ) -> tuple[LookSeen, ...]:
        """Send all requests (several at a time), answers in the order of the requests."""

    def ask(self, url: str, *, token: str, ask: str, timeout_s: float) -> Json | None:
        """Ask a beacon (`who` or `flush`); None unless its proof is right."""


class CacheSender(Protocol):
    def send(
        self,
        requests: Sequence[tuple[str, CacheRequest]],
        *,
        auth: FilledHeader | None,
        timeout_s: float,
    ) -> tuple[str | None, ...]:
        """Ask caches in front of a site, at these addresses, to forget; for each what went wrong,
        in a word, or None where it was taken. Redirects are not followed."""


class ArtifactStore(Protocol):
    def fetch(self, artifact: Artifact) -> Path:
        """A local file holding exactly the locked bytes, fetched and inspected if need be.

        Raises Refused (`artifact.*`: unlocked, other bytes, a rule that the zip breaks), Failed
        (`artifact.unavailable`).
        """

    def file_list(self, kind: str, slug: str, version: str, locale: str) -> tuple[str, ...] | None:
        """Paths that this version ships (its manifest), None where nobody knows. Raises as
        `fetch` does: a source that cannot be asked is not one that does not know."""


class KeptFiles(Protocol):
    def of_theme(
        self, desired: DesiredState, theme: str, version: str
    ) -> Mapping[str, bytes] | None:
        """The files that this theme of this site must have, by path in its folder: those of its
        locked zip, else the copy in the fleet folder; None where there is neither."""


class Ledger(Protocol):
    def add(self, run: Run) -> Run:
        """Write a run of one's own, as it is returned: an end that was settled meanwhile stands.
        Raises Failed (`ledger.unwritable`)."""

    def settle(self, run: Run) -> Run:
        """Write how a run ended that somebody else began: what is known of it stays. Raises
        Failed (`ledger.unwritable`)."""

    def runs(self, site: SiteId | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Newest first."""

    def that_healed(self, sites: Collection[SiteId]) -> tuple[Run, ...]:
        """All runs that were applied on these sites and put drift back, however many others came
        since; in no order."""

    def run(self, run_id: str) -> Run | None: ...

    def tally(self) -> Tally:
        """Counts over all of them."""


class Passes(Protocol):
    """The last passes over fleets, an older one gone for each that comes."""

    def add(self, done: KeptPass) -> None:
        """Raises Failed (`database.unusable`)."""

    def latest(self, fleet: str | None = None) -> tuple[KeptPass, ...]:
        """Of each fleet, or of this one, the last pass over all sites and all since then, newest
        first."""

    def add_failure(self, failed: FailedPass) -> None:
        """In the place of the one before. Raises Failed (`database.unusable`)."""

    def failures(self) -> tuple[FailedPass, ...]:
        """The last of each fleet, however many came to their end since."""

    def forget(self, fleet: str) -> bool:
        """All of a fleet that is no more; whether there was anything."""

    def last_began(self, fleet: str, asked: tuple[SiteId, ...]) -> datetime | None:
        """When the last pass began that was asked for just these sites."""


class DeepLooks(Protocol):
    def last(self, sites: Collection[SiteId]) -> Mapping[SiteId, DeepLook]:
        """The last deep look at each of these sites that was ever kept."""

    def keep(self, looks: Iterable[DeepLook]) -> None:
        """In the place of those before. Both raise Failed (`database.unusable`)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""

    def monotonic_s(self) -> float: ...

    def pause(self, seconds: float) -> None:
        """Wait before the next try."""


class Revisions(Protocol):
    def current(self) -> tuple[str | None, bool]:
        """Git revision of the fleet folder (None outside git) and whether the tree is dirty."""


class Interrupts(Protocol):
    """A person's wish to stop, which arrives as KeyboardInterrupt."""

    @property
    def noted(self) -> bool:
        """An interrupt came, whether it was held back or not."""

    def held_back(self) -> AbstractContextManager[None]:
        """Inside, a first interrupt is only noted; a second is raised as ever."""

    def handed_on(self, to: Callable[[], None]) -> AbstractContextManager[None]:
        """Inside, each interrupt calls `to` and raises nothing."""


class SiteRuns(Protocol):
    """Runs on several sites at the same time, each where an interrupt of one reaches no other."""

    def run(self, plan: Plan, fleet: Fleet) -> Run:
        """Apply a plan of one site, `fleet` being that site's part, and wait for its end; its
        record is in the ledger. Not to be repeated. Raises Failed (`run.process`)."""

    def interrupt(self) -> None:
        """Ask all runs under way to stop; once more: to leave their sites to the hosts."""


class Progress(Protocol):
    """Hears what happens while a command is under way. Whoever shows it, be it on a terminal or
    from another machine, is of no account to the runs."""

    def tell(self, event: ProgressEvent) -> None:
        """From any thread. Does not wait for who watches, and never raises because of it."""
