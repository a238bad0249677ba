"""What a run left on a host: who holds a site, and how that ends."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from wpstate.model.site import Site


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a site's lock, as its host tells."""

    run: str
    nonce: str
    """What `wpstate unlock --id` must name."""
    controller: str
    since_s: int
    """By the host's clock, as all ages here."""
    heartbeat_age_s: int
    living: int
    """Process groups of that run still at work on the host."""
    dead: bool
    """Its controller was a process of this machine, and is gone."""
    whole: bool
    """Its folder is there, so that it can be ended by its own program."""

    @property
    def abandoned(self) -> bool:
        """Nobody is behind it any more: ended at once where that is known, else after ten minutes
        of silence (safetynet/holder.sh)."""
        return self.dead or (self.heartbeat_age_s >= ABANDONED_AFTER_S and self.living == 0)


ABANDONED_AFTER_S = 600


class Ended(Enum):
    """How an abandoned run was ended."""

    FREE = "free"
    """Nobody held the site."""
    UNTOUCHED = "untouched"
    ROLLED_BACK = "rolled_back"
    CONFIRMED = "confirmed"


class Leftovers(Protocol):
    """What an earlier run left on one site: its lock, and a site that it may have changed."""

    def holder(self) -> Holder | None:
        """Who holds the site now; touches nothing."""

    def recover(self, holder: Holder, *, kill: bool = False, instead: str | None = None) -> Ended:
        """Finish or undo what this holder left, and free the site. `kill`: also where processes of
        that run still live on the host. `instead`: the run whose snapshot goes back where that of
        the holder is damaged.

        Raises Refused (`run.locked`) where its controller is at work after all, NeedsAttention
        (`rollback.failed`, `snapshot.damaged`, `recover.no_run`).
        """


OpenLeftovers = Callable[[Site], Leftovers]
