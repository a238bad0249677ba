"""Turns a site that already lives into files of the fleet, and says what was wrong with it.

Read-only on the site. Writing the files is left to the command; the plan straight after is empty,
or nothing is written.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from wpstate.desired.compose import compose
from wpstate.desired.parts import take_apart
from wpstate.desired.written import hosts_text, in_one, remarks_text, site_text
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Known
from wpstate.model.imported import Audit, Imported, Place, Written
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import SiteId
from wpstate.model.state import Address, kind_of, short
from wpstate.planning.affected import parts_of
from wpstate.planning.audit import audit
from wpstate.planning.build import build_site
from wpstate.ports import Facts, Observer, Shells
from wpstate.resources.catalog import Catalog
from wpstate.resources.families import known_families
from wpstate.resources.kind import NOTHING_YET
from wpstate.resources.registry import KIND, KINDS
from wpstate.workflows.copied_files import with_bytes
from wpstate.workflows.imported_file import SiteFile, fitting, shortest, unapplied
from wpstate.workflows.shipped_files import ShippedHashes, compare_with_shipped

_TOLD_OF = ("forbidden", "unlisted", "weak")
"""Sorts of the audit that the site file tells of too."""


def import_site(
    texts: Mapping[str, str],
    place: Place,
    observer: Observer,
    shells: Shells,
    *,
    follow: bool,
    now: datetime,
    facts: Facts | None = None,
    hashes: ShippedHashes | None = None,
) -> Imported:
    """Files and audit of one site. Raises InvalidDesiredState where the fleet's own files are off,
    Refused (`import.exists`, `observe.*`), Failed (`import.not_empty`, `host.*`)."""
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
    said = in_one([one for kind in KINDS for one in kind.adopted(observed, catalog, follow=follow)])
    lines, copies = with_bytes(said, shells.of(place.host))
    fleet_texts |= {file: data.decode("utf-8", "surrogateescape") for file, data in copies.items()}
    profiles = fitting(
        sorted(name[9:-4] for name in texts if name.startswith("profiles/")),
        lambda names: composed(site_text(url, names, (), ())),
        observed,
    )
    file = shortest(url, profiles, lines, composed, lambda desired: _seen(desired, observer))
    if not isinstance(file, SiteFile):
        raise Failed([_not_empty(place.name, file)])
    told = audit(build_site(draft, observed, known=known), observed, files)
    remarks = _remarks(_about(file.lines) | file.asked, draft, lines, observed, told)
    needed = {line.copy.path for line in file.lines if line.copy is not None}
    return Imported(
        site=SiteId(place.name),
        profiles=file.profiles,
        site_text=file.text + remarks_text(tuple(remarks)),
        hosts_text=hosts,
        audit=told,
        files={name: data for name, data in copies.items() if name in needed},
    )


def _about(lines: Iterable[Written]) -> frozenset[Address]:
    return frozenset(address for line in lines for address in line.about)


def _remarks(
    named: Collection[Address],
    draft: DesiredState,
    lines: Iterable[Written],
    observed: ObservedState,
    told: Audit,
) -> Iterator[str]:
    """What was looked at and is not asked for: somebody has to decide."""
    asked = _about(lines) | {managed.address for managed in draft.managed}
    why = {point.about: f", {point.detail}" for point in told.points if point.sort in _TOLD_OF}
    for address, state in observed.resources:
        shows = address in asked or KIND[kind_of(address)].lists_unmanaged
        seen = short(state)
        if shows and address not in named and NOTHING_YET not in seen:
            yield f"{address}: {seen}{why.get(address, '')}; unmanaged"


def _draft(url: str) -> str:
    families = ", ".join(f"{family}: 1" for family in sorted(known_families({})))
    asked = "\n".join(kind.adopts for kind in KINDS if kind.adopts)
    return f"{site_text(url, (), (), ())}{asked}\nfamilies: {{{families}}}\nunlisted: report\n"


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
    return unapplied(seen)


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


def _not_empty(name: str, off: Sequence[Address]) -> Problem:
    return Problem(
        "import.not_empty",
        "no file could be written after which nothing is to do",
        key=name,
        found=", ".join(off[:8]),
        why="a site is taken over as it is, and changed only afterwards",
        mend="write the site file by hand; this is also worth a report",
    )
