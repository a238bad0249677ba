"""The probe's JSON document read into ObservedState. The document comes from a stranger: nothing in
it is more than text.

Getting the document is left to adapters.observer, checking its shape to probe_document; it is made
by probe/site_probe.php.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wpstate.model.host_facts import HostFacts, Loader
from wpstate.model.observed import (
    Database,
    Fault,
    Fingerprint,
    LargeTable,
    ObservedState,
    Paths,
)
from wpstate.model.site import SiteId
from wpstate.model.state import Address, Json, State
from wpstate.resources.activity_logs import Names
from wpstate.resources.events import read_events
from wpstate.resources.foreign_text import visible
from wpstate.resources.last_applied import last_applied
from wpstate.resources.plugins import components
from wpstate.resources.probe_document import (
    UntrustedDocument,
    breach_of_kind,
    breach_of_site,
    probe_document,
)
from wpstate.resources.registry import KIND, KINDS
from wpstate.resources.themes import theme_names

_DETAIL_CHARACTERS = 500


def observed_states(
    text: str, sites: Sequence[SiteId], observed_at: datetime
) -> Mapping[SiteId, ObservedState]:
    """What the probe saw of these sites.

    A site that the document lacks is a `timeout`, one that breaks the schema is
    `untrusted_output`; the others still count. Raises UntrustedDocument where the document itself
    is off. Never raises anything else, whatever the text.
    """
    document = probe_document(text)
    entries = document["sites"]
    ids = [entry["id"] for entry in entries]
    if len(set(ids)) != len(ids) or not set(ids) <= set(sites):
        raise UntrustedDocument("it tells of sites that nobody asked for")
    by_id = dict(zip(ids, entries, strict=True))
    return {
        site: _observed_state(site, by_id.get(site), document["php"][:50], observed_at)
        for site in sites
    }


def unseen(
    site: SiteId, fault: Fault, observed_at: datetime, *, took_s: float = 0.0, php: str = ""
) -> ObservedState:
    """A site of which only one thing is known: why it could not be seen."""
    return ObservedState(
        site=site,
        observed_at=observed_at,
        took_s=took_s,
        resources=(),
        plugins=(),
        paths=None,
        database=None,
        php_version=php,
        free_bytes=None,
        code_bytes=None,
        home_url=None,
        object_cache=None,
        faults=(fault,),
    )


def answered(observed: ObservedState, kinds: Iterable[str]) -> ObservedState:
    """The same where these kinds were answered, or something says already why they were not;
    otherwise it is a fault: what a host kept to itself is not absent."""
    missing = sorted(set(kinds) - dict(observed.answers).keys())
    if observed.faults or not missing:
        return observed
    faults = tuple(Fault("kind_unseen", f"{name}: no answer came") for name in missing)
    return replace(observed, faults=faults)


def _observed_state(
    site: SiteId, entry: dict[str, Any] | None, php: str, observed_at: datetime
) -> ObservedState:
    if entry is None:
        fault = Fault("timeout", "the probe did not come to this site within its time limit")
        return unseen(site, fault, observed_at, php=php)
    breach = breach_of_site(entry)
    if breach is not None:
        return unseen(site, Fault("untrusted_output", breach), observed_at, php=php)
    faults = [Fault(f["code"], visible(f["detail"], _DETAIL_CHARACTERS)) for f in entry["faults"]]
    options = entry.get("options")
    answers = tuple(_answers(entry.get("kinds", {}), faults))
    seen = {**entry, "kinds": dict(answers)}
    plugins = components(entry)
    names = Names({plugin.name: plugin.slug for plugin in plugins}, theme_names(seen["kinds"]))
    return ObservedState(
        site=site,
        observed_at=observed_at,
        took_s=float(entry.get("took_s", 0.0)),
        resources=_resources(seen, faults),
        plugins=plugins,
        paths=Paths(**entry["paths"]) if entry.get("paths") else None,
        database=_database(entry.get("database")),
        php_version=php,
        free_bytes=entry.get("free_bytes"),
        code_bytes=entry.get("code_bytes"),
        home_url=options.get("home") if options else None,
        site_url=options.get("siteurl") if options else None,
        object_cache=entry.get("object_cache"),
        applied=last_applied(entry.get("state"), faults),
        faults=tuple(faults),
        frozen_by=entry.get("frozen_by"),
        host=_host_facts(entry.get("host")),
        answers=answers,
        events=read_events(entry.get("events", ()), names, observed_at),
        fingerprint=_fingerprint(entry),
        multisite=entry.get("multisite", False),
    )


def _resources(seen: Json, faults: list[Fault]) -> tuple[tuple[Address, State], ...]:
    """By address, each once: of what is told twice nobody knows which is so."""
    found: dict[Address, State] = {}
    for address, state in (pair for kind in KINDS for pair in kind.parse_observed(seen)):
        if address in found:
            faults.append(Fault("untrusted_output", f"{visible(address, 200)} is told twice"))
        found[address] = state
    return tuple(sorted(found.items()))


def _answers(kinds: dict[str, Json], faults: list[Fault]) -> Iterator[tuple[str, Json]]:
    """The kinds' answers that their schemas pass; what breaks one is a fault and left out."""
    for name, answer in sorted(kinds.items()):
        if name not in KIND:
            faults.append(Fault("untrusted_output", "an answer to a question that nobody asked"))
            continue
        breach = breach_of_kind(name, answer)
        if breach is None:
            yield name, answer
        else:
            faults.append(Fault("untrusted_output", f"{name}: {breach}"))


def _fingerprint(entry: dict[str, Any]) -> Fingerprint | None:
    seen, paths = entry.get("fingerprint"), entry.get("paths")
    if not seen or not paths:
        return None
    home = (entry.get("options") or {}).get("home")
    return Fingerprint(seen["host"], seen["folder"], paths["wp"], home)


def _database(seen: dict[str, Any] | None) -> Database | None:
    if seen is None:
        return None
    large = tuple(LargeTable(**table) for table in seen["large_tables"])
    foreign = tuple(seen["foreign_tables"])
    return Database(**{**seen, "large_tables": large, "foreign_tables": foreign})


def _host_facts(seen: dict[str, Any] | None) -> HostFacts:
    if seen is None:
        return HostFacts()
    lists = {
        "checkouts": tuple(seen["checkouts"]),
        "links": tuple(seen["links"]),
        "composer": tuple(seen.get("composer", ())),
        "loaders": tuple(Loader(**loader) for loader in seen["loaders"]),
    }
    return HostFacts(**{**seen, **lists})
