"""The probe's JSON document read into ObservedState. The document comes from a stranger: it is
checked against schemas/observation.schema.json first, and nothing in it is more than text.

Getting the document is left to adapters.observer; its shape is made by probe/site_probe.php.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from wpstate.model.host_facts import HostFacts, Loader
from wpstate.model.observed import (
    Component,
    Database,
    Fault,
    LargeTable,
    ObservedState,
    Paths,
)
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.resources.foreign_text import visible
from wpstate.resources.last_applied import last_applied
from wpstate.shipped import shipped

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_DETAIL_CHARACTERS = 500
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
    entries = [_clean(entry) for entry in document["sites"]]
    ids = [entry["id"] for entry in entries]
    if len(set(ids)) != len(ids) or not set(ids) <= set(sites):
        raise UntrustedDocument("it tells of sites that nobody asked for")
    by_id = dict(zip(ids, entries, strict=True))
    return {
        site: _observed_state(site, by_id.get(site), visible(document["php"], 50), observed_at)
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
    _validator()
    _validator("site")


def slug_of(file: str) -> str:
    """`akismet/akismet.php` → `akismet`, `hello.php` → `hello`."""
    folder, slash, _ = file.partition("/")
    return folder if slash else file.removesuffix(".php")


def _document(text: str) -> dict[str, Any]:
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise UntrustedDocument(f"it holds more than {_MOST_VALUES} values")
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UntrustedDocument("it is not JSON") from error
    if not _validator().is_valid(document):
        raise UntrustedDocument("it does not have the shape of schemas/observation.schema.json")
    assert isinstance(document, dict)
    return document


def _observed_state(
    site: SiteId, entry: dict[str, Any] | None, php: str, observed_at: datetime
) -> ObservedState:
    if entry is None:
        fault = Fault("timeout", "the probe did not come to this site within its time limit")
        return unseen(site, fault, observed_at, php=php)
    problem = next(_validator("site").iter_errors(entry), None)
    if problem is not None:
        fault = Fault("untrusted_output", f"{visible(problem.json_path, 200)} breaks the schema")
        return unseen(site, fault, observed_at, php=php)
    faults = [Fault(f["code"], visible(f["detail"], _DETAIL_CHARACTERS)) for f in entry["faults"]]
    options = entry.get("options")
    plugins = _components(entry.get("plugins") or ())
    return ObservedState(
        site=site,
        observed_at=observed_at,
        took_s=float(entry.get("took_s", 0.0)),
        resources=tuple(sorted(_resources(entry, plugins))),
        plugins=tuple(component for component, _ in plugins),
        paths=Paths(**entry["paths"]) if entry.get("paths") else None,
        database=_database(entry.get("database")),
        php_version=php,
        free_bytes=entry.get("free_bytes"),
        code_bytes=entry.get("code_bytes"),
        home_url=options.get("home") if options else None,
        object_cache=entry.get("object_cache"),
        applied=last_applied(entry.get("state"), faults),
        faults=tuple(faults),
        frozen_by=entry.get("frozen_by"),
        host=_host_facts(entry.get("host")),
        multisite=entry.get("multisite", False),
    )


def _resources(
    entry: dict[str, Any], plugins: Sequence[tuple[Component, bool | None]]
) -> Iterator[tuple[Address, State]]:
    core, options = entry.get("core"), entry.get("options")
    if core:
        yield Address("core.version"), State(version=core["version"])
    if options is not None:
        # get_locale (WordPress 7.1.1): the option decides even when empty, then the package.
        locale = options.get("WPLANG", (core or {}).get("locale")) or "en_US"
        yield Address("core.locale"), State(value=locale)
        if options.get("db_version", "").isdecimal():
            yield Address("core.database"), State(value=int(options["db_version"][:18]))
    named: set[str] = set()
    for component, active in plugins:
        if component.slug not in named:
            named.add(component.slug)
            state = State(version=component.version, active=active)
            yield Address(f"plugins.{component.slug}"), state


def _components(
    plugins: Sequence[dict[str, Any]],
) -> tuple[tuple[Component, bool | None], ...]:
    """Sorted by slug. Where several main files share a slug, the one that counts comes first: an
    active one, else the one that bears the folder's name."""
    found = [
        (
            Component(
                slug=slug_of(plugin["file"]),
                file=plugin["file"],
                name=visible(plugin["name"], 200),
                version=visible(plugin["version"], 100),
                active=bool(plugin["active"]),
                requires_wp=plugin["requires_wp"] or None,
                requires_php=plugin["requires_php"] or None,
            ),
            plugin["active"],
        )
        for plugin in plugins
    ]
    return tuple(
        sorted(
            found,
            key=lambda pair: (
                pair[0].slug,
                not pair[0].active,
                pair[0].file != f"{pair[0].slug}/{pair[0].slug}.php",
                pair[0].file,
            ),
        )
    )


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
        "loaders": tuple(Loader(**loader) for loader in seen["loaders"]),
    }
    return HostFacts(**{**seen, **lists})


def _clean(value: Any) -> Any:
    """Every text in the document made visible, keys too."""
    match value:
        case str():
            return visible(value, 1 << 16)
        case list():
            return [_clean(entry) for entry in value]
        case dict():
            return {_clean(key): _clean(entry) for key, entry in value.items()}
        case _:
            return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@cache
def _validator(definition: str | None = None) -> "Draft202012Validator":
    """For the document, or for one of its $defs. Closed: no reference is ever fetched."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    schema = json.loads((shipped("schemas") / "observation.schema.json").read_text("utf-8"))
    if definition is not None:
        schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{definition}"}
    return Draft202012Validator(schema, registry=Registry())
