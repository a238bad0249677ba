"""Turns a site that already lives into files of the fleet, and says what was wrong with it.

Read-only on the site. Writing the files is left to the command; the plan straight after is empty,
or nothing is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from wpstate.desired.compose import compose
from wpstate.desired.parts import take_apart
from wpstate.desired.written import hosts_text, site_text
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Known
from wpstate.model.imported import Imported, Place, Written
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.affected import parts_of
from wpstate.planning.audit import audit
from wpstate.planning.build import build_site
from wpstate.ports import Facts, Observer
from wpstate.resources.catalog import Catalog
from wpstate.resources.families import known_families
from wpstate.resources.registry import KINDS
from wpstate.workflows.shipped_files import ShippedHashes, compare_with_shipped

_ROUNDS = 3
"""Lines that do not read back as what was seen are left out, and the rest is tried again."""


def import_site(
    texts: Mapping[str, str],
    place: Place,
    observer: Observer,
    *,
    follow: bool,
    now: datetime,
    facts: Facts | None = None,
    hashes: ShippedHashes | None = None,
) -> Imported:
    """Files and audit of one site. Raises InvalidDesiredState where the fleet's own files are off,
    Refused (`import.exists`, `observe.*`), Failed (`import.not_empty`)."""
    path = f"sites/{place.name}.yml"
    if path in texts:
        raise Refused([_exists(place.name, path)])
    hosts = hosts_text(texts["hosts.yml"], place.name, place.host)
    fleet_texts = {**texts, "hosts.yml": hosts}

    def composed(text: str) -> DesiredState:
        return _site(compose({**fleet_texts, path: text}, today=now.date()), place.name)

    first = _seen(composed(f"url: http://{place.host.account.address}\n"), observer)
    url = (first.home_url or "").rstrip("/") or f"http://{place.host.account.address}"
    draft = composed(_draft(url))
    observed = _seen(draft, observer)
    catalog = take_apart(fleet_texts).catalog or Catalog()
    known = Known(at=now)
    if facts is not None:
        parts = set(parts_of(None, observed))
        facts.want(parts, now)
        known = facts.known(parts, now)
    files = None
    if hashes is not None:
        files = compare_with_shipped(draft, observed, catalog, observer, hashes)
    lines = tuple(line for kind in KINDS for line in kind.adopted(observed, catalog, follow=follow))
    profiles = _fitting(
        sorted(name[9:-4] for name in texts if name.startswith("profiles/")),
        lambda names: composed(site_text(url, names, (), ())),
        observed,
    )
    text, left_out = _empty(url, profiles, lines, composed, observer)
    remarks = tuple(f"{address}: seen, and left unmanaged" for address in left_out)
    return Imported(
        site=SiteId(place.name),
        profiles=profiles,
        site_text=text + site_text(url, (), (), remarks).partition("\n")[2],
        hosts_text=hosts,
        audit=audit(build_site(draft, observed, known=known), observed, files),
    )


def _draft(url: str) -> str:
    families = ", ".join(f"{family}: 1" for family in sorted(known_families({})))
    asked = "\n".join(kind.adopts for kind in KINDS if kind.adopts)
    return f"{site_text(url, (), (), ())}{asked}\nfamilies: {{{families}}}\nunlisted: report\n"


def _empty(
    url: str,
    profiles: Sequence[str],
    lines: Sequence[Written],
    composed: Callable[[str], DesiredState],
    observer: Observer,
) -> tuple[str, tuple[Address, ...]]:
    """The shortest site file with which nothing is to do, and what it could not ask for."""
    bare = composed(site_text(url, profiles, (), ()))
    by_profile = {managed.address: managed.want for managed in bare.managed}
    seen = _seen(bare, observer)
    needed = [
        line
        for line in lines
        if any(
            address not in by_profile or not seen.state(address).satisfies(by_profile[address])
            for address in line.about
        )
    ]
    left_out: list[Address] = []
    for _ in range(_ROUNDS):
        text = site_text(url, profiles, needed, ())
        desired = composed(text)
        plan = build_site(desired, _seen(desired, observer))
        off = {c.address for c in plan.changes}
        off |= {n.address for n in plan.noted if n.sort in ("drift", "conflict", "out_of_reach")}
        if not off:
            return text, tuple(left_out)
        left_out.extend(sorted(off))
        needed = [line for line in needed if off.isdisjoint(line.about)]
        needed += [_unmanaged(address) for address in sorted(off) if address in by_profile]
    raise Failed([_not_empty(url, sorted(off))])


def _unmanaged(address: Address) -> Written:
    kind, _, name = address.partition(".")
    return Written((kind, name), "unmanaged", (address,), "the profile asks otherwise: decide")


def _fitting(
    names: Sequence[str], composed: Callable[[Sequence[str]], DesiredState], observed: ObservedState
) -> tuple[str, ...]:
    """The profile of which most is so already and least is not; none where none is worth it."""
    best: tuple[int, str] = (0, "")
    for name in names:
        managed = composed((name,)).managed
        fits = sum(observed.state(m.address).satisfies(m.want) for m in managed)
        best = max(best, (fits - (len(managed) - fits), name))
    return (best[1],) if best[0] > 0 else ()


def _seen(desired: DesiredState, observer: Observer) -> ObservedState:
    seen = observer.observe([desired])[desired.site.id]
    if seen.faults:
        raise Refused(
            Problem(
                slug=f"observe.{fault.code}",
                what="the site could not be observed whole",
                key=desired.site.id,
                found=fault.detail,
                why="what cannot be seen cannot be written down",
                mend="mend what stands above, then import again",
            )
            for fault in seen.faults
        )
    # Another fleet may have left its own last-applied values here: they are not this file's.
    return replace(seen, applied=replace(seen.applied, values=(), quarantined=()))


def _site(fleet: Fleet, name: str) -> DesiredState:
    return next(desired for desired in fleet.sites if desired.site.id == name)


def _exists(name: str, path: str) -> Problem:
    return Problem(
        "import.exists",
        "the fleet has a site of this name",
        key=name,
        found=path,
        why="an import writes a new file and changes none",
        mend="choose another name with --as",
    )


def _not_empty(url: str, off: Sequence[Address]) -> Problem:
    return Problem(
        "import.not_empty",
        "no file could be written after which nothing is to do",
        key=url,
        found=", ".join(off[:8]),
        why="a site is taken over as it is, and changed only afterwards",
        mend="write the site file by hand; this is also worth a report",
    )
