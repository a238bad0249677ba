"""The matrix: which fault strikes at which moment, on which site, and who ends what it leaves.

Nothing here touches a site. All that is random comes from the seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.faults import controller_faults, database_faults, host_faults, line_faults, rivals
from tests.faults.fault import Fault, unfrozen
from tests.faults.moments import GOOD_WAY, WAY_BACK, Moment

GOOD, BAD = "1.1", "2.1"
SITES = ("blog", "shop", "atelier", "opcache", "pagecache", "redis", "above", "getenv")
ALONE = ("atelier", "opcache", "pagecache", "redis")
"""Sites with an account and a database of their own, which a fault may harm as a whole."""
SAMPLE_SITES = ("shop", "redis")
NOTHING = Fault("no fault", lambda scene: None)


@dataclass(frozen=True, slots=True)
class Case:
    fault: Fault
    moment: Moment | None
    """None: the fault strikes after so many bytes."""
    after_bytes: int
    update: str
    then: str
    """Who ends what is left: `recover`, or the host's `watchdog` alone; `apply` for a next run."""
    site: str
    number: int

    @property
    def where(self) -> str:
        return self.moment.phase if self.moment else "bytes"

    def __str__(self) -> str:
        when = str(self.moment) if self.moment else f"after {self.after_bytes} bytes"
        text = f"{self.number:03} {self.fault.name} {when} {self.update} {self.then} {self.site}"
        return text.replace(" ", "-").replace("'", "")


def every_case(seed: int) -> tuple[Case, ...]:
    """The whole matrix, in an order in which no site waits for another's turn."""
    random = Random(seed)
    cases: list[Case] = []
    for fault, moment, after_bytes, update, then, alone in _wanted(random):
        sites = ALONE if alone else SITES
        site = min(sites, key=lambda name: (sum(c.site == name for c in cases), random.random()))
        cases.append(Case(fault, moment, after_bytes, update, then, site, len(cases) + 1))
    return tuple(cases)


def sample(seed: int) -> tuple[Case, ...]:
    """One case of each sort of fault that matters most, for every test run."""
    random = Random(seed)
    moments = dict(zip("abcd", random.sample(GOOD_WAY, 4), strict=True))
    way_back = random.choice(WAY_BACK)
    chosen = (
        (controller_faults.KILLED, _named("snapshot", "after"), GOOD, "watchdog", "shop"),
        (controller_faults.KILLED, moments["a"], GOOD, "recover", "shop"),
        (controller_faults.KILLED, way_back, BAD, "watchdog", "shop"),
        (line_faults.CUT, moments["b"], GOOD, "watchdog", "shop"),
        (host_faults.NO_ROOM, moments["c"], GOOD, "recover", "redis"),
        (rivals.RIVAL, moments["d"], GOOD, "recover", "redis"),
    )
    return tuple(
        Case(fault, moment, 0, update, then, site, number)
        for number, (fault, moment, update, then, site) in enumerate(chosen, 1)
    )


Wanted = tuple[Fault, Moment | None, int, str, str, bool]


def _wanted(random: Random) -> Iterator[Wanted]:
    """Fault, moment, bytes, update, who ends it, whether the site must be alone."""
    for then in ("recover", "watchdog"):
        for moment in GOOD_WAY:
            yield controller_faults.KILLED, moment, 0, GOOD, then, False
        for moment in WAY_BACK:
            yield controller_faults.KILLED, moment, 0, BAD, then, False
    for moment in GOOD_WAY:
        yield controller_faults.ASLEEP, moment, 0, GOOD, "watchdog", False
        yield line_faults.SESSIONS, moment, 0, GOOD, "recover", False
    for moment in WAY_BACK:
        yield line_faults.CUT, moment, 0, BAD, "watchdog", False
    for fault in (line_faults.CUT, line_faults.RESET, line_faults.STALLED, line_faults.DOWN):
        for _ in range(6):
            size = int(2 ** random.uniform(12, 19))
            yield fault, None, size, GOOD, random.choice(("recover", "watchdog")), False
    for moment in (*GOOD_WAY[1::2], *WAY_BACK[:2]):
        update = BAD if moment in WAY_BACK[:2] else GOOD
        yield host_faults.NO_ROOM, moment, 0, update, "watchdog", True
    for moment in random.sample(GOOD_WAY, 8):
        yield host_faults.WORK_KILLED, moment, 0, GOOD, "watchdog", False
        yield host_faults.ALL_KILLED, moment, 0, GOOD, "recover", False
    for fault in (
        database_faults.USER_LOCKED,
        database_faults.READ_ONLY,
        database_faults.KILLED,
        database_faults.TABLE_LOCKED,
    ):
        for name, edge in (
            ("verify", "during"), ("stage", "after"), ("freeze", "after"), ("snapshot", "before"),
            ("apply", "during"), ("post-check", "during"),
        ):  # fmt: skip
            yield fault, _named(name, edge), 0, GOOD, "watchdog", True
        yield fault, WAY_BACK[0], 0, BAD, "watchdog", True
    for name, edge in (
        ("verify", "during"), ("stage", "before"), ("freeze", "after"), ("apply", "during"),
        ("post-check", "during"), ("thaw", "after"),
    ):  # fmt: skip
        yield host_faults.PHP_GONE, _named(name, edge), 0, GOOD, "watchdog", False
        yield controller_faults.NO_ROOM, _named(name, edge), 0, GOOD, "recover", False
        yield rivals.RIVAL, _named(name, edge), 0, GOOD, "recover", False
        yield rivals.WORDPRESS, _named(name, edge), 0, GOOD, "recover", False
    for name, edge in (
        ("lock", "after"), ("freeze", "after"), ("snapshot", "after"), ("confirm", "before"),
    ):  # fmt: skip
        yield host_faults.DAY_AHEAD, _named(name, edge), 0, GOOD, "watchdog", False
        yield host_faults.DAY_BACK, _named(name, edge), 0, GOOD, "watchdog", False
    for fault in (host_faults.SNAPSHOT_CUT, host_faults.SNAPSHOT_BIT):
        for update in (GOOD, BAD, BAD):
            yield fault, _named("snapshot", "after"), 0, update, "recover", False
    for fault in (controller_faults.ZIP_CUT, controller_faults.ZIP_BIT):
        for moment in GOOD_WAY[:3]:
            yield fault, moment, 0, GOOD, "recover", False
    for name in ("lock", "freeze", "snapshot", "apply", "observe", "confirm", "thaw"):
        moment = next(moment for moment in GOOD_WAY if moment.phase == name)
        yield controller_faults.KILLED, moment, 0, GOOD, "apply", False
    for edge in ("before", "after"):
        yield line_faults.DOWN, _named("release", edge), 0, GOOD, "recover", False
    for minor in range(13):
        yield NOTHING, None, 0, f"2.{minor}", "recover", False
    for name, edge in (("apply", "during"), ("post-check", "during"), ("thaw", "after")):
        yield host_faults.PHP_GONE_FOR_GOOD, _named(name, edge), 0, GOOD, "watchdog", False
    yield host_faults.PHP_GONE_FOR_GOOD, WAY_BACK[0], 0, BAD, "watchdog", False
    yield from _unfrozen()


def _unfrozen() -> Iterator[Wanted]:
    """Visitors come and go: there is no drain, and the code goes back before the tables."""
    good = [
        _named(*at) for at in (("apply", "during"), ("post-check", "during"), ("thaw", "after"))
    ]
    for fault, then in (
        (controller_faults.KILLED, "recover"),
        (controller_faults.KILLED, "watchdog"),
        (line_faults.CUT, "watchdog"),
        (host_faults.PHP_GONE, "watchdog"),
        (host_faults.PHP_GONE_FOR_GOOD, "watchdog"),
    ):
        for moment in good:
            yield unfrozen(fault), moment, 0, GOOD, then, False
        for moment in WAY_BACK[:4]:
            yield unfrozen(fault), moment, 0, BAD, then, False


def _named(phase: str, edge: str) -> Moment:
    return next(m for m in GOOD_WAY if (m.phase, m.edge) == (phase, edge))
