"""What was asked of a site at a revision or a moment, and what was confirmed of it by then."""

import re
from datetime import UTC, datetime, timedelta

from wpstate.desired.compose import compose
from wpstate.desired.folder import sort_of
from wpstate.desired.site_words import site_words
from wpstate.model.problem import Problem, UsageError
from wpstate.model.proposal import FleetTree
from wpstate.model.site import SiteId
from wpstate.model.then import Then
from wpstate.planning.then import then
from wpstate.ports import Ledger
from wpstate.ports.history import Past
from wpstate.resources.nearest import nearest

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ].*")
_MOST_RUNS = 100_000


def moment_of(text: str) -> datetime | None:
    """The end of a day, or a time (UTC where it names no zone); None for what names a revision.

    Raises UsageError (`usage.moment`).
    """
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1)
        if _MOMENT.fullmatch(text):
            said = datetime.fromisoformat(text)
            return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError([_no_moment(text, str(error))]) from None
    return None


def at(past: Past, ledger: Ledger, when: str, site: str, now: datetime) -> Then:
    """A revision is told with all runs up to now of those that began at it; a moment with what git
    said and runs had done by then.

    Raises UsageError (`usage.revision`, `usage.site`, `usage.moment`) and InvalidDesiredState.
    """
    moment = moment_of(when)
    tree, committed_at = past.at(moment) if moment else past.named(when)
    until = min(moment or now, now)
    only = _needed(past, tree, site)
    blobs = {p: b for p, b in tree.blobs.items() if sort_of(p) != "site" or p in only}
    texts = {**dict.fromkeys(tree.blobs, ""), **past.texts(blobs)}
    names = {path.removeprefix("sites/").removesuffix(".yml") for path in only}
    fleet = compose(texts, today=(moment or committed_at).date(), only=names)
    (desired,) = (d for d in fleet.sites if d.site.id == site)
    runs = ledger.runs(SiteId(site), limit=_MOST_RUNS)
    if moment is None:
        runs = tuple(run for run in runs if run.revision == tree.commit)
    return then(desired, runs, revision=tree.commit, committed_at=committed_at, until=until)


def _needed(past: Past, tree: FleetTree, site: str) -> set[str]:
    """Its own file, and its live site's."""
    path = f"sites/{site}.yml"
    if path not in tree.blobs:
        names = [p[6:-4] for p in tree.blobs if sort_of(p) == "site"]
        raise UsageError([_no_site(site, tree.commit, nearest(site, names))])
    said = site_words(path, past.texts({path: tree.blobs[path]})[path])
    return {path, f"sites/{said.staging_of}.yml"} if said and said.staging_of else {path}


def _no_site(site: str, commit: str, near: str | None) -> Problem:
    return Problem(
        "usage.site",
        "no site of this name in the fleet",
        key=site,
        found=f"{site}, at revision {commit[:12]}",
        why="a site is named by its file in sites/",
        mend=f"did you mean {near}?" if near else "name another revision or day",
    )


def _no_moment(text: str, found: str) -> Problem:
    return Problem(
        "usage.moment",
        "this is no day and no time",
        found=f"{text[:100]!r}: {found}"[:300],
        mend="write such as 2026-11-22, 2026-11-22T10:30 (UTC), or a revision",
    )
