"""Plans what merging one revision into another would do. Read-only, and asked of no site but those
that change. Reading git is left to ports.History, judging to planning.proposal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from wpstate.desired.compose import compose
from wpstate.desired.folder import FLEET, name_of, sort_of
from wpstate.desired.site_words import (
    fleet_words,
    merged_tree,
    reached,
    site_words,
    with_live_sites,
)
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import InvalidDesiredState, Problem, Refused
from wpstate.model.proposal import FleetTree, Proposal, SiteWords, Withheld
from wpstate.model.site import SiteId
from wpstate.planning.approved import plan_digest
from wpstate.planning.proposal import is_changed, judged_by, leaving, radius, withheld
from wpstate.planning.proposal_policy import policy_findings
from wpstate.planning.turns import turns
from wpstate.ports.history import History, Index
from wpstate.resources.core import LOCALE
from wpstate.resources.language_packs import PACKS

_MOST_KEPT = 100_000
Plans = Callable[[Fleet, tuple[SiteId, ...]], Plan]
"""Looks at these sites of a fleet and compares."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two revisions of a fleet, composed as far as they differ."""

    base: Fleet
    head: Fleet
    trees: tuple[FleetTree, FleetTree]
    changed: tuple[SiteId, ...]
    """Of both, with something else asked of the site itself."""
    withheld: tuple[Withheld, ...]
    policy: tuple[Problem, ...]
    unchanged: int


def reached_sites(
    history: History, index: Index, base: FleetTree, head: FleetTree
) -> tuple[frozenset[str], Mapping[str, SiteWords]]:
    """Sites that the difference can reach, and what is known of all site files."""
    words = _words(history, index, base, head)
    shared = (history.texts(_shared(base)), history.texts(_shared(head)))
    return reached(base, head, words, shared), words


def compared(
    history: History, index: Index, base_name: str, head_name: str, today: date
) -> Compared:
    """Raises UsageError (`usage.revision`), InvalidDesiredState (what the proposal would break) and
    Refused (`proposal.*`, `revision.unrelated`)."""
    base, head = history.tree(base_name), history.tree(head_name)
    head = merged_tree(history.fork(base, head), base, head)
    names, words = reached_sites(history, index, base, head)
    only = with_live_sites(names, base, words) | with_live_sites(names, head, words)
    before, after = _both(history, base, head, only, today)
    if _borrows_packs(after):
        only = _all_sites(base) | _all_sites(head)
        before, after = _both(history, base, head, only, today)
    known = {desired.site.id: desired for desired in before.sites}
    changed = tuple(
        d.site.id for d in after.sites if d.site.id in known and is_changed(known[d.site.id], d)
    )
    kept_back = withheld(before, after, changed)
    gone = leaving(before, after)
    words_of = [fleet_words(history.texts({FLEET: t.blobs[FLEET]})[FLEET]) for t in (base, head)]
    return Compared(
        base=before,
        head=after,
        trees=(base, head),
        changed=tuple(s for s in changed if s not in {each.site for each in kept_back}),
        withheld=kept_back,
        policy=policy_findings(before, after, (words_of[0], words_of[1])),
        unchanged=len(_all_sites(base)) - len(changed) - len(gone),
    )


def propose(found: Compared, plan: Plans) -> Proposal:
    """Look at the sites that change, under the rules of the base."""
    after = {desired.site.id: desired for desired in found.head.sites}
    sites = tuple(
        judged_by(before, after[before.site.id]) if before.site.id in found.changed else before
        for before in found.base.sites
    )
    # Rings say when a site's turn is, which is for whoever applies it: nobody else is looked at.
    fleet = replace(found.base, sites=sites, rings=())
    made = replace(plan(fleet, _in_turn(found)), revision=found.trees[1].commit, dirty=False)
    return Proposal(
        base=found.trees[0].commit,
        head=found.trees[1].commit,
        plan=made,
        radius=radius(found.base, made),
        policy=found.policy,
        withheld=found.withheld,
        leaving=leaving(found.base, found.head),
        unchanged=found.unchanged,
        digest=plan_digest(made),
    )


def _in_turn(found: Compared) -> tuple[SiteId, ...]:
    """The sites that change, first ring first."""
    changed = [each for each in found.base.sites if each.site.id in found.changed]
    return tuple(each.site.id for ring in turns(found.base, changed) for each in ring)


def _shared(tree: FleetTree) -> dict[str, str]:
    return {path: blob for path, blob in tree.blobs.items() if sort_of(path) != "site"}


def _both(
    history: History, base: FleetTree, head: FleetTree, only: frozenset[str], today: date
) -> tuple[Fleet, Fleet]:
    try:
        before = _composed(history, base, only, today)
    except InvalidDesiredState as error:
        raise Refused([_invalid_base(base, error)]) from error
    return before, _composed(history, head, only, today)


def _all_sites(tree: FleetTree) -> frozenset[str]:
    return frozenset(name_of(path) for path in tree.blobs if sort_of(path) == "site")


def _borrows_packs(fleet: Fleet) -> bool:
    """Whether a site that keeps its language to itself may be served by packs that the fleet has
    for others: they follow from what all sites ask."""
    has_packs = any(kind == PACKS for kind, _, _ in fleet.locked)
    own = (all(m.address != LOCALE for m in desired.managed) for desired in fleet.sites)
    return has_packs and any(own)


def _words(history: History, index: Index, *trees: FleetTree) -> Mapping[str, SiteWords]:
    wanted = {
        blob: path for tree in trees for path, blob in tree.blobs.items() if sort_of(path) == "site"
    }
    known = index.known()
    lacking = {blob: path for blob, path in wanted.items() if blob not in known}
    if not lacking:
        return known
    # Keyed by the id of its bytes: one file may have two texts in two revisions.
    read = {blob: site_words(path, _text(history, path, blob)) for blob, path in lacking.items()}
    kept = {b: words for b, words in known.items() if b in wanted or len(known) < _MOST_KEPT}
    kept |= {blob: words for blob, words in read.items() if words is not None}
    index.keep(kept)
    return kept


def _text(history: History, path: str, blob: str) -> str:
    return history.texts({path: blob})[path]


def _composed(history: History, tree: FleetTree, only: frozenset[str], today: date) -> Fleet:
    wanted = {f"sites/{name}.yml" for name in only}
    blobs = {p: b for p, b in tree.blobs.items() if sort_of(p) != "site" or p in wanted}
    texts = {**dict.fromkeys(tree.blobs, ""), **history.texts(blobs)}
    return compose(texts, today=today, only=only)


def _invalid_base(base: FleetTree, error: InvalidDesiredState) -> Problem:
    first = error.problems[0]
    return Problem(
        "proposal.base",
        "the base itself is not valid",
        first.where,
        first.key,
        found=f"revision {base.commit[:12]}: {first.slug}, {first.what}",
        why="the rules that a proposal is judged by are read from there",
        mend="mend the base first",
    )
