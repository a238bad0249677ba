"""Personal data in what leaves as JSON or Markdown, which end in logs, tickets and other programs.

Which resources hold any is the kinds' to say. A plan as text, and a saved one, stay whole: they are
for whoever may plan, and nobody could judge a changed address without seeing it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from wpstate.model.adopted import Moved
from wpstate.model.change import Change
from wpstate.model.plan import Noted, Plan, SitePlan
from wpstate.model.proposal import Proposal
from wpstate.model.reconciled import Pass, Reconciled
from wpstate.model.run import Run
from wpstate.model.state import Address, State, kind_of
from wpstate.model.then import AskedThen, Then
from wpstate.resources.registry import KIND

_PATH = re.compile(r"(https?://[^\s/,?]{1,300})([/?][^\s,]{1,2000})", re.IGNORECASE)
_LOCAL_PART = re.compile(r"([^\s@,;<>/]{1,64})@(?=[^\s@]+\.)")


def masked_plan(plan: Plan) -> Plan:
    return replace(plan, sites=tuple(_site(site) for site in plan.sites))


def masked_proposal(proposal: Proposal) -> Proposal:
    return replace(proposal, plan=masked_plan(proposal.plan))


def masked_change(change: Change) -> Change:
    before, after = (_state(change.address, state) for state in (change.before, change.after))
    besides = tuple((name, masked(text)) for name, text in change.besides)
    return replace(change, before=before, after=after, besides=besides)


def masked_run(run: Run) -> Run:
    return replace(run, changes=tuple(masked_change(change) for change in run.changes))


def masked_pass(done: Pass) -> Pass:
    return replace(done, sites=tuple(_reconciled(site) for site in done.sites))


def masked_then(told: Then) -> Then:
    return replace(told, resources=tuple(_asked_then(each) for each in told.resources))


def masked_moved(one: Moved) -> Moved:
    asked = _state(one.address, one.asked) if one.asked else None
    return replace(one, asked=asked, seen=_state(one.address, one.seen))


def masked_states(states: Mapping[str, State]) -> dict[str, State]:
    """By address."""
    return {address: _state(Address(address), state) for address, state in states.items()}


def masked(text: str) -> str:
    """`crm@example.org` becomes `c…1f6b@example.org`: two addresses stay two. Of a web address the
    host is left, because whoever has the rest of a webhook's may write to it."""
    text = _PATH.sub(lambda found: f"{found[1]}/…{_short(found[2])}", text)
    return _LOCAL_PART.sub(lambda found: f"{found[1][0]}…{_short(found[1].lower())}@", text)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:4]


def _site(site: SitePlan) -> SitePlan:
    return replace(
        site,
        changes=tuple(masked_change(change) for change in site.changes),
        noted=tuple(_noted(noted) for noted in site.noted),
    )


def _reconciled(site: Reconciled) -> Reconciled:
    return replace(site, run=masked_run(site.run)) if site.run else site


def _noted(noted: Noted) -> Noted:
    asked = _state(noted.address, noted.asked) if noted.asked else None
    return replace(noted, state=_state(noted.address, noted.state), asked=asked)


def _asked_then(asked: AskedThen) -> AskedThen:
    seen = asked.confirmed
    return replace(
        asked,
        want=_state(asked.address, asked.want) if asked.want else None,
        confirmed=replace(seen, state=_state(asked.address, seen.state)) if seen else None,
    )


def _state(address: Address, state: State) -> State:
    kind = KIND.get(kind_of(address))
    if kind is None or not kind.is_personal(address) or not isinstance(state.value, str):
        return state
    return replace(state, value=masked(state.value))
