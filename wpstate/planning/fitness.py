"""What a site is fit for: full, attended only, observe only, none. Pure: facts in, gaps out.

Trying is left to ports.Trial, the gates of a plan to planning.host_gates.
"""

from collections.abc import Iterable

from wpstate.model.desired import DesiredState
from wpstate.model.fitness import Fit, Fitness, Gap, Room, Tried
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import Json
from wpstate.planning.fitness_needs import NEEDS
from wpstate.planning.host_gates import account_problems
from wpstate.planning.layout_gates import whole_site_problems
from wpstate.planning.unseen import mend_of
from wpstate.resources.registry import KINDS
from wpstate.resources.versions import compare

_MIB = 1 << 20
_ORDER = tuple(Fit)
_RESERVE_BYTES = 64 * _MIB
_COPY_SHARE = 0.5
"""A compressed copy of the code and the dump of its tables."""
_FILES = 500
_CORE_FILES = 4500
"""WordPress 7.1.1 has 3,800."""


def room(observed: ObservedState, *, core: bool) -> Room:
    """What updates of plugins, or of core too, may take: the snapshot, new code beside the old, and
    a reserve."""
    code_bytes = observed.code_bytes or 0
    database_bytes = observed.database.size_bytes if observed.database else 0
    copies = int((code_bytes + database_bytes) * _COPY_SHARE) + (code_bytes if core else 0)
    return Room(_RESERVE_BYTES + copies, _CORE_FILES if core else _FILES)


def fitness(
    desired: DesiredState, observed: ObservedState, tried: Iterable[Tried], took_s: float
) -> Fitness:
    """All that is known of one site. What was not tried counts only as what made it impossible."""
    known = tuple(tried)
    gaps = [*unseen(desired, observed), *_observed(desired, observed), *trial_gaps(desired, known)]
    gaps.sort(key=lambda gap: -_ORDER.index(gap.fit))
    fit = gaps[0].fit if gaps else Fit.FULL
    return Fitness(desired.site.id, fit, known, tuple(gaps), round(took_s, 2))


def unseen(desired: DesiredState, observed: ObservedState) -> Iterable[Gap]:
    """What could not be observed; without paths nothing can be done at all."""
    for fault in observed.faults:
        problem = Problem(
            f"observe.{fault.code}",
            "the site could not be observed whole",
            key=desired.site.id,
            found=fault.detail,
            why="nothing is changed on a site that cannot be seen",
            mend="`php:` in hosts.yml names a PHP that can"
            if fault.code == "php_wrong_binary"
            else mend_of(fault, desired.site.id),
        )
        yield Gap(problem, Fit.OBSERVE if observed.paths else Fit.NONE)


def trial_gaps(desired: DesiredState, tried: Iterable[Tried]) -> Iterable[Gap]:
    """The needs not met. A crontab and a process that lives on stand in for each other."""
    known = {one.need: one for one in tried}
    for name, need in NEEDS.items():
        one = known.get(name)
        if one is None or one.ok:
            continue
        if name == "lives" and "cron" in known and known["cron"].ok:
            continue
        problem = Problem(
            need.slug, need.what, key=desired.site.id, found=one.found, why=need.why, mend=need.mend
        )
        yield Gap(problem, need.without)


def web_tried(observed: ObservedState, answer: Json | None) -> Iterable[Tried]:
    """What the beacon told of the web server's PHP; the answer's proof was checked."""
    if answer is None:
        yield Tried("web", False, "a file placed beside wp-load.php was not run")
        return
    php, uid, mine = str(answer.get("php")), answer.get("uid"), observed.host.uid
    yield Tried("web", True, f"{answer.get('sapi')} from these files")
    opcache = answer.get("opcache")
    if isinstance(opcache, dict) and opcache.get("enabled"):
        yield _opcache(opcache, own=mine is None or uid == mine)
    same = _branch(php) == _branch(observed.php_version)
    yield Tried("web_php", same, f"PHP {php}, the command line's is {observed.php_version}")
    if isinstance(uid, int) and mine is not None:
        yield Tried("web_user", uid == mine, f"uid {uid}, the account is uid {mine}")


def _opcache(told: Json, *, own: bool) -> Tried:
    """Whether a look can prove that no old script answered it (safetynet/maintenance.php)."""
    if told.get("restricted"):
        return Tried("opcache", False, "opcache.restrict_api keeps the site's own PHP from asking")
    if not own and not told.get("validate_timestamps"):
        return Tried("opcache", False, "another user's pool, and opcache.validate_timestamps is 0")
    return Tried("opcache", True, "can be asked and emptied")


def _branch(version: str) -> list[str]:
    return version.split(".")[:2]


def _observed(desired: DesiredState, observed: ObservedState) -> Iterable[Gap]:
    """Gaps that plans are refused for, whatever they change; then what is worth knowing."""
    site, host = desired.site.id, observed.host
    for problem in account_problems(desired, observed):
        yield Gap(problem, Fit.OBSERVE)
    for problem in whole_site_problems(desired, observed):
        yield Gap(problem, Fit.OBSERVE)
    paths = observed.paths
    apart = tuple(f"{kind.folder(paths)}/" for kind in KINDS if kind.packaged) if paths else ()
    for folder in host.checkouts:
        whole = paths is not None and not folder.startswith(apart)
        problem = Problem(
            "plan.checkout",
            "version control owns this code",
            key=site,
            found=f"{folder} is a checkout",
            why="plans that change it are refused",
            mend="change it in that repository, or name the component `unmanaged`",
        )
        yield Gap(problem, Fit.OBSERVE if whole else Fit.FULL)
    for link in host.links:
        problem = Problem(
            "plan.link",
            "this code lies elsewhere, behind a link",
            key=site,
            found=f"{link} is a link",
            why="plans that change what lies there are refused",
            mend="put the folder itself in the link's place",
        )
        yield Gap(problem, Fit.FULL)
    for loader in host.loaders:
        problem = Problem(
            "plan.loader",
            "something loads a plugin before WordPress does",
            key=f"{site} plugins.{loader.slug}",
            found=f"{loader.loaded_by} names it",
            why="plans that delete it are refused",
            mend="ask for `inactive` first",
        )
        yield Gap(problem, Fit.FULL)
    yield from _requirements(desired, observed)


def _requirements(desired: DesiredState, observed: ObservedState) -> Iterable[Gap]:
    """What is installed and says that it does not run here; it does, so that nothing is refused."""
    asked = [("core", observed.host.core_requires_php)]
    asked += [(f"plugins.{p.slug}", p.requires_php) for p in observed.plugins if p.active]
    for key, required in asked:
        if required and observed.php_version and compare(observed.php_version, required) < 0:
            problem = Problem(
                "plan.requires_php",
                "an installed version requires more than the host has",
                key=f"{desired.site.id} {key}",
                found=f"requires PHP {required}, here is {observed.php_version}",
                why="plans that bring such a version are refused",
                mend="raise PHP, or pin an older version",
            )
            yield Gap(problem, Fit.FULL)
