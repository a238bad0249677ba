"""Returns a site, or one plugin, theme or file of it, by hand to the snapshot of an earlier run,
behind the same net as a change.

Code comes back; tables only where that loses no row, or where the person accepts the loss. What is
undone is quarantined, or the next apply would undo the rescue.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from wpstate.model.desired import DesiredState
from wpstate.model.look import CheckResult
from wpstate.model.own_files import OwnFiles
from wpstate.model.problem import NeedsAttention, Problem, Refused
from wpstate.model.run import BY_HAND, Outcome, Phase, Run, Tier
from wpstate.model.state import Address, kind_of, name_of
from wpstate.model.table import TableOffer, Tables, rows_left
from wpstate.planning.build import build
from wpstate.ports import Restored, SafetyNet
from wpstate.resources.registry import KIND
from wpstate.workflows.attempt import Attempt, PutBack, giving_back, telling_of_the_lock
from wpstate.workflows.by_hand import ill_after, observed_whole, require_agreement, was_well
from wpstate.workflows.holding import holding
from wpstate.workflows.large_tables import copy_large_tables
from wpstate.workflows.looking import failures, look_thawed, said
from wpstate.workflows.purging import flush, flush_in_front
from wpstate.workflows.put_back import host_was_first, put_back
from wpstate.workflows.recording import Ending, recorded
from wpstate.workflows.records import by_hand_record
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools


@dataclass(frozen=True, slots=True)
class RollbackOffer:
    """What a person decides on before anything is touched."""

    site: str
    to: str
    """Run whose snapshot is put back: the site as it was before that run."""
    others: tuple[str, ...]
    """Runs with other snapshots, newest first."""
    tables: tuple[TableOffer, ...]
    """Tables that differ from the snapshot; none where one resource alone goes back."""
    accept_loss: bool
    """Rewind them all, also where rows are lost."""
    only: Address | None = None
    """The one resource that goes back; None for the whole site."""
    part: OwnFiles | None = None
    """What goes back with it."""


def rollback_site(
    desired: DesiredState,
    tools: Tools,
    *,
    to: str | None,
    accept_loss: bool,
    agreed: Callable[[RollbackOffer], bool],
    only: Address | None = None,
) -> Run:
    """Roll a site back to before run `to`; return the record.

    Where `to` is None: to its newest snapshot, or with `only` to before the run that last changed
    this resource. `agreed` is asked inside the lock, before visitors notice anything.

    Raises Refused (`rollback.not_alone`) where nothing of its kind goes back alone.
    """
    if only is not None and KIND[kind_of(only)].stays_with:
        raise Refused([_not_alone(desired, only)])
    plan = build(BY_HAND, "", [], revision=None, dirty=False, now=tools.clock.now())

    def work(attempt: Attempt) -> Ending:
        return _locked(attempt, to, accept_loss, agreed, only)

    return recorded(plan, desired, None, tools, work)


def _locked(
    attempt: Attempt,
    to: str | None,
    accept_loss: bool,
    agreed: Callable[[RollbackOffer], bool],
    only: Address | None,
) -> Ending:
    with attempt.log.phase(Phase.LOCK):
        net, seen = take_lock(attempt, instead=to)
    with giving_back(net.release), telling_of_the_lock(net):
        with attempt.log.phase(Phase.VERIFY):
            attempt.seen = seen
            offer = _offer(attempt, net, to, accept_loss, only)
            declined = _problem(attempt, "rollback.declined", "nobody agreed", offer.to)
            require_agreement(attempt, net, _rewound(offer), lambda: agreed(offer), declined)
        with giving_back(net.remove_beacon):
            with attempt.log.phase(Phase.STAGE):
                net.copy_code()
                copy_large_tables(attempt, net, _rewound(offer))
            return _held(attempt, net, offer)


def _offer(
    attempt: Attempt, net: SafetyNet, to: str | None, accept_loss: bool, only: Address | None
) -> RollbackOffer:
    site = attempt.desired.site.id
    known = net.snapshots()
    net.note_known((), attempt.desired.policy.visitors)
    part = None
    if only is not None:
        seen = attempt.before_changes
        chosen = to or net.last_change(only)
        part = KIND[kind_of(only)].own_files(name_of(only), seen)
        if part is None or (chosen is None and not seen.state(only).present):
            raise Refused([_problem(attempt, "rollback.no_component", "no such thing", only)])
    else:
        chosen = to or (known[0] if known else None)
    if chosen is None or chosen not in known:
        found = f"{to or 'none'}; kept are: {', '.join(known) or 'none'}"
        raise Refused([_problem(attempt, "rollback.no_snapshot", "no such snapshot", found)])
    if part is not None and not net.holds(chosen, part):
        found = f"{only} was not there before run {chosen}; ask for it as absent"
        raise Refused([_problem(attempt, "rollback.no_component", "nothing to put back", found)])
    others = tuple(run for run in known if run != chosen)
    tables = net.changed_tables(chosen) if only is None else ()
    return RollbackOffer(site, chosen, others, tables, accept_loss, only, part)


def _rewound(offer: RollbackOffer) -> tuple[str, ...]:
    return tuple(t.name for t in offer.tables if offer.accept_loss or not t.stays)


def _held(attempt: Attempt, net: SafetyNet, offer: RollbackOffer) -> Ending:
    well = was_well(attempt)
    # A dead WordPress cannot hold visitors back, nor take what they write.
    with holding(attempt, net, must_hold=offer.accept_loss or well):
        pass
    with ExitStack() as settling:
        try:
            with attempt.log.phase(Phase.ROLLBACK):
                left = _back(attempt, net, offer).left
                flush(attempt, net)
            after = observed_whole(attempt, "rollback.not_confirmed", _problem)
            with attempt.log.phase(Phase.POST_CHECK):
                ill = ill_after(attempt, _problem)
                if ill and well:
                    raise PutBack(*ill)
            net.remove_beacon()
            settling.enter_context(attempt.tools.interrupts.held_back())
            if not net.confirm(by_hand_record(attempt, after, offer.to)):
                raise PutBack(host_was_first(attempt))
        except BaseException as error:  # noqa: BLE001  whatever it is, the site comes first
            return put_back(attempt, net, error)
        with attempt.unsettled(), attempt.log.phase(Phase.THAW):
            thawed = thawed_again(attempt, net, ill=bool(ill))
        attempt.checks += thawed
        if ill or failures(thawed):
            raise NeedsAttention(
                ill or (_problem(attempt, "check.after_thaw", "the site is ill", said(thawed[0])),)
            )
        stayed = (rows_left(offer.site, offer.to, left),) if left else ()
        if stayed and offer.only:
            raise NeedsAttention(stayed)
        return attempt.settle(Outcome.ROLLED_BACK, *stayed)


def thawed_again(attempt: Attempt, net: SafetyNet, *, ill: bool) -> tuple[CheckResult, ...]:
    """Let visitors in and look as one. A holding page goes only for a site that is well."""
    if ill and attempt.held:
        net.hold()
        return ()
    attempt.thaw(net)
    flush_in_front(attempt)
    thawed = look_thawed(attempt)
    if attempt.held and failures(thawed):
        net.hold()
    return thawed


def _back(attempt: Attempt, net: SafetyNet, offer: RollbackOffer) -> Restored:
    if offer.part is not None:
        restored = net.restore_part(offer.to, offer.part)
        attempt.tier = Tier.PART
        return restored
    tables = Tables.WHOLE if offer.accept_loss else Tables.TIERED
    restored = net.restore_from(offer.to, tables=tables)
    attempt.tier = Tier.WHOLE if offer.accept_loss else Tier.TABLES
    return restored


def _not_alone(desired: DesiredState, only: Address) -> Problem:
    site = desired.site.id
    return Problem(
        "rollback.not_alone",
        "this cannot be put back alone",
        key=only,
        found=KIND[kind_of(only)].stays_with,
        why="a rollback of one thing touches nothing else",
        mend=f"wpstate rollback {site}, or ask for its former value in sites/{site}.yml: wpstate "
        f"runs {site} tells which run changed it, wpstate show RUN from what",
    )


def _problem(attempt: Attempt, slug: str, what: str, found: str) -> Problem:
    site = attempt.desired.site.id
    why = "a rollback by hand goes through the same proofs as a change"
    return attempt.problem(slug, what, found, why, f"wpstate runs {site}")
