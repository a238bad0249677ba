"""The probe's JSON document read into ObservedState. The document comes from a stranger: it is
checked against schemas/observation.schema.json first, and nothing in it is more than text.

Getting the document is left to adapters.observer; its shape is made by probe/site_probe.php.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

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
from wpstate.model.state import Json
from wpstate.resources.events import read_events
from wpstate.resources.foreign_text import visible
from wpstate.resources.last_applied import last_applied
from wpstate.resources.plugins import components
from wpstate.resources.registry import KIND, KINDS
from wpstate.shipped import shipped

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

_DETAIL_CHARACTERS = 500
_MOST_CHARACTERS = 1 << 16
_KEY_CHARACTERS = 40
_MOST_VALUES = 300_000
"""Before it is read: `[],` takes three bytes of the text and sixty of memory."""


class UntrustedDocument(ValueError):
    """The text is not a document of the probe."""


def observed_states(
    text: str, sites: Sequence[SiteId], observed_at: datetime
) -> Mapping[SiteId, ObservedState]:
    """What the probe saw of these sites.

    A site that the document lacks is a `timeout`, one that breaks the schema is
    `untrusted_output`; the others still count. Raises UntrustedDocument where the document itself
    is off. Never raises anything else, whatever the text.
    """
    document = _document(text)
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


def make_ready() -> None:
    """Load and compile the schema now, so that the first document need not wait for it."""
    _validator("observation")
    _validator("observation#/$defs/site")


def _document(text: str) -> dict[str, Any]:
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise UntrustedDocument(f"it holds more than {_MOST_VALUES} values")
    try:
        # What has no place in UTF-8 must be gone before the validator sees it.
        document = _clean(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise UntrustedDocument("it is not JSON") from error
    if not _validator("observation").is_valid(document):
        raise UntrustedDocument("it does not have the shape of schemas/observation.schema.json")
    assert isinstance(document, dict)
    return document


def _observed_state(
    site: SiteId, entry: dict[str, Any] | None, php: str, observed_at: datetime
) -> ObservedState:
    if entry is None:
        fault = Fault("timeout", "the probe did not come to this site within its time limit")
        return unseen(site, fault, observed_at, php=php)
    problem = next(_validator("observation#/$defs/site").iter_errors(entry), None)
    if problem is not None:
        fault = Fault("untrusted_output", f"{_path(problem)} breaks the schema")
        return unseen(site, fault, observed_at, php=php)
    faults = [Fault(f["code"], visible(f["detail"], _DETAIL_CHARACTERS)) for f in entry["faults"]]
    options = entry.get("options")
    answers = tuple(_answers(entry.get("kinds", {}), faults))
    seen = {**entry, "kinds": dict(answers)}
    plugins = components(entry)
    return ObservedState(
        site=site,
        observed_at=observed_at,
        took_s=float(entry.get("took_s", 0.0)),
        resources=tuple(sorted(pair for kind in KINDS for pair in kind.parse_observed(seen))),
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
        events=read_events(entry.get("events", ()), plugins, observed_at),
        fingerprint=_fingerprint(entry),
        multisite=entry.get("multisite", False),
    )


def _answers(kinds: dict[str, Json], faults: list[Fault]) -> Iterator[tuple[str, Json]]:
    """The kinds' answers that their schemas pass; what breaks one is a fault and left out."""
    for name, answer in sorted(kinds.items()):
        if name not in KIND:
            faults.append(Fault("untrusted_output", "an answer to a question that nobody asked"))
            continue
        problem = next(_validator(f"kinds/{name}.observed").iter_errors(answer), None)
        if problem is None:
            yield name, answer
        else:
            faults.append(Fault("untrusted_output", f"{name}: {_path(problem)} breaks the schema"))


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


def _clean(value: Any) -> Any:
    """Every text in the document made visible, keys too."""
    match value:
        case str():
            return visible(value, _MOST_CHARACTERS)
        case list():
            return [_clean(entry) for entry in value]
        case dict():
            return {_key(key): _clean(each) for key, each in value.items()}
        case _:
            return value


def _key(key: str) -> str:
    """Few are ever seen, each of them very often."""
    return _short_key(key) if len(key) <= _KEY_CHARACTERS else visible(key, _MOST_CHARACTERS)


@lru_cache(maxsize=2048)
def _short_key(key: str) -> str:
    return visible(key)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@cache
def _validator(name: str) -> "Draft202012Validator":
    """For a schema below schemas/, or `NAME#/$defs/PART` of it. Closed: no reference is fetched."""
    from jsonschema_rs import Draft202012Validator

    file, _, part = name.partition("#")
    schema = json.loads((shipped("schemas") / f"{file}.schema.json").read_text("utf-8"))
    if part:
        schema = {"$defs": schema["$defs"], "$ref": f"#{part}"}
    return Draft202012Validator(schema, offline=True)


def _path(problem: "ValidationError") -> str:
    """Where it is, from the answer's own keys: `$.plugins[0].file`."""
    steps = (f"[{s}]" if isinstance(s, int) else f".{s}" for s in problem.instance_path)
    return visible("$" + "".join(steps), 200)
