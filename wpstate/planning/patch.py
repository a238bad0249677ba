"""Which sites an urgent patch changes, to what, and which ones it leaves alone, with why.

Pure. Order and halts are as in a pass (planning.rollout, turns); doing it is left to
workflows.patch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.identity import Identity
from wpstate.model.observed import ObservedState
from wpstate.model.patch import Patch, PatchedSite
from wpstate.model.reconciled import Standing
from wpstate.model.run import Outcome
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import State, kind_of, short
from wpstate.model.updates import Ring, Updates
from wpstate.resources import versions
from wpstate.resources.identity import changes_of, in_words
from wpstate.resources.registry import KIND

LABEL = "patch"


def asks(desired: DesiredState, patch: Patch) -> Managed | None:
    """What git asks of the plugin on this site; None where it is somebody else's, or nobody's."""
    return next((m for m in desired.managed if m.address == patch.address), None)


def whose(desired: DesiredState, patch: Patch) -> str:
    """`managed`, `client` or `unmanaged`."""
    if asks(desired, patch):
        return "managed"
    left = _left(desired, patch)
    return "client" if left and left.owner == "client" else "unmanaged"


def patched(desired: DesiredState, patch: Patch, *, now: bool) -> DesiredState:
    """The site with this plugin asked for and nothing else. `now`: no window is waited for."""
    asked, left = asks(desired, patch), _left(desired, patch)
    span = (
        asked.span if asked else left.span if left else
        SourceSpan(f"sites/{desired.site.id}.yml", 1, 1)
    )  # fmt: skip
    one = Managed(
        patch.address,
        patch.want,
        span,
        span,
        label=LABEL,
        artifact=patch.artifact,
        patches=asked.want if asked and _undoes(asked.want, patch.want) else None,
    )
    updates = desired.policy.updates
    return replace(
        desired,
        managed=(one,),
        left_alone=tuple(each for each in desired.left_alone if each.address != patch.address),
        policy=replace(
            desired.policy, updates=Updates(ring=updates.ring) if now else updates, applies=True
        ),
    )


def hurried(rings: Sequence[Ring], soak_s: int) -> tuple[Ring, ...]:
    """The fleet's rings, none of which waits longer than so long for those before."""
    return tuple(replace(ring, after_s=min(ring.after_s, soak_s)) for ring in rings)


def left_alone(
    desired: DesiredState, observed: ObservedState, patch: Patch, identity: Identity | None
) -> tuple[Standing, str] | None:
    """What becomes of a site that is not changed, and why; None where the patch is for it.
    `identity`: who the new bytes say they are, in what it must not differ."""
    if observed.faults:
        first = observed.faults[0]
        return Standing.REFUSED, f"observe.{first.code}: nobody knows whether it has the plugin"
    seen = observed.state(patch.address)
    if patch.want.version is None:
        if not seen.active:
            return Standing.IN_SYNC, "switched off already"
    elif seen.version == patch.want.version:
        return Standing.IN_SYNC, "has this version already"
    elif versions.compare(seen.version or "", patch.want.version) > 0:
        return Standing.IN_SYNC, f"newer already: {seen.version}"
    asked = asks(desired, patch)
    if asked is not None and not asked.applies:
        return Standing.REPORTED, f"{asked.label} installs it there, wpstate never does"
    if (patch.address, patch.want) in observed.applied.quarantined:
        site = desired.site.id
        told = f"{short(patch.want)} was rolled back here: wpstate release {site} {patch.address}"
        return Standing.REPORTED, told
    stranger = _stranger(observed, patch, identity)
    if stranger:
        return Standing.REFUSED, f"another plugin of this name: {stranger}"
    return None


def has_it(observed: ObservedState, patch: Patch) -> bool:
    """Installed, active or not; also where nobody can tell."""
    return bool(observed.faults) or observed.state(patch.address).present


def brought(sites: Iterable[PatchedSite]) -> frozenset[SiteId]:
    """Sites that have it by now, or are to get it: git may ask it of them."""
    return frozenset(
        each.site
        for each in sites
        if (each.run is not None and each.run.outcome is Outcome.APPLIED)
        or each.standing in (Standing.IN_SYNC, Standing.DUE, Standing.WAITS)
    )


def _stranger(observed: ObservedState, patch: Patch, identity: Identity | None) -> str | None:
    """In what the installed plugin says that it is somebody else than the new bytes."""
    said = KIND[kind_of(patch.address)].identities(observed).get(patch.address)
    if identity is None or said is None or patch.artifact is None:
        return None
    name = patch.artifact.slug
    words, _ = in_words(
        tuple(
            changes_of(
                replace(identity, text_domain=identity.text_domain or name),
                replace(said, text_domain=said.text_domain or name),
            )
        )
    )
    return ", ".join(words) or None


def _left(desired: DesiredState, patch: Patch) -> LeftAlone | None:
    return next((each for each in desired.left_alone if each.address == patch.address), None)


def _undoes(asked: State, patch: State) -> bool:
    """Whether doing what git asks would undo the patch. A newer version would not, nor would
    moving the plugin away."""
    if not asked.present:
        return False
    if patch.version is None:
        return asked.active is not False
    return asked.version is not None and versions.compare(asked.version, patch.version) < 0
