"""What `--format json` prints, as types, and the JSON Schema of each.

A plan and a run are printed as the model has them; what reads better in another shape has its type
here. `script/schemas` writes the schemas; problems and explain have theirs written by hand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from wpstate.model.adopted import Moved
from wpstate.model.backup import Backup, RestoredBackup, VerifiedBackups
from wpstate.model.backup_removal import ForgottenClient, PrunedBackups
from wpstate.model.bump import Outdated
from wpstate.model.desired import Fleet
from wpstate.model.facts import FeedState
from wpstate.model.fitness import Fitness
from wpstate.model.host_facts import HostFacts
from wpstate.model.imported import Audit
from wpstate.model.observed import Component, Database, Fault, ObservedState, Paths
from wpstate.model.patch import Patching
from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.proposal import Proposal
from wpstate.model.proposed import Proposed
from wpstate.model.reconciled import Pass
from wpstate.model.rules import Reminder
from wpstate.model.run import Run
from wpstate.model.shipped import DeepLook
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.model.telling import Acknowledgement, Lasting, Sort
from wpstate.model.then import Then
from wpstate.report.personal import masked_moved, masked_states
from wpstate.report.progress_record import event_schema


@dataclass(frozen=True, slots=True)
class ListedSite:
    """One site of a valid fleet."""

    site: SiteId
    url: str
    profiles: tuple[str, ...]
    managed: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class FleetList:
    """A valid fleet."""

    fleet: str
    sites: tuple[ListedSite, ...]
    reminders: tuple[Reminder, ...]


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last confirmed run left, as the site's state folder tells it."""

    run: str | None
    at: datetime | None
    values: dict[str, State]
    quarantined: dict[str, State]


@dataclass(frozen=True, slots=True)
class Observed:
    """What one look at one site learned."""

    site: SiteId
    observed_at: datetime
    took_s: float
    resources: dict[str, State]
    plugins: tuple[Component, ...]
    paths: Paths | None
    database: Database | None
    php_version: str
    free_bytes: int | None
    code_bytes: int | None
    home_url: str | None
    object_cache: str | None
    last_applied: LastRun
    faults: tuple[Fault, ...]
    frozen_by: str | None
    host: HostFacts
    multisite: bool
    strangers: dict[str, tuple[str, ...]]
    deep: DeepLook | None
    """Where one was asked for, or is on a schedule."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What is quarantined on one site, and what was released just now."""

    site: SiteId
    released: tuple[str, ...]
    quarantined: dict[str, State]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who knows of a trouble, or of some of its sites."""

    named: str
    by: str
    at: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class LastingTrouble:
    """A cause of trouble that was there at the last pass."""

    cause: str
    sort: Sort
    text: str
    since: datetime
    told_at: datetime | None
    sites: dict[str, str]
    """With what was found on each."""
    acknowledged: tuple[Acknowledged, ...]


@dataclass(frozen=True, slots=True)
class DriftWritten:
    """What was changed on a site, and the file of which branch asks for it now or lets it stay."""

    site: SiteId
    path: str
    branch: str | None
    """None where the fleet folder itself was written."""
    commit: str | None
    """None as well where the branch's base says all of it already."""
    told: tuple[Moved, ...]
    left: tuple[Problem, ...]
    """What moved too and no file can ask for."""
    unlocked: tuple[Address, ...]


_DOCUMENTS: tuple[tuple[str, str, Any], ...] = (
    ("then", "wpstate at", Then),
    ("acknowledged", "wpstate acknowledge", tuple[LastingTrouble, ...]),
    ("drift", "wpstate adopt and exempt", DriftWritten),
    ("facts", "wpstate facts", tuple[FeedState, ...]),
    ("fleet-list", "wpstate validate", FleetList),
    ("fitness", "wpstate doctor", tuple[Fitness, ...]),
    ("audits", "wpstate import", tuple[Audit, ...]),
    ("backups", "wpstate backup run and list", tuple[Backup, ...]),
    ("pruned-backups", "wpstate backup prune", tuple[PrunedBackups, ...]),
    ("forgotten-client", "wpstate backup forget-client", ForgottenClient),
    ("restored-backup", "wpstate restore", RestoredBackup),
    ("verified-backups", "wpstate backup verify", VerifiedBackups),
    ("observed", "wpstate observe", tuple[Observed, ...]),
    ("outdated", "wpstate outdated", tuple[Outdated, ...]),
    ("bumps", "wpstate bump", tuple[Proposed, ...]),
    ("pass", "wpstate reconcile", Pass),
    ("patching", "wpstate patch", Patching),
    ("plan", "wpstate plan and revert, and wpstate show with a plan", Plan),
    ("proposal", "wpstate plan with --base", Proposal),
    ("quarantine", "wpstate release", Quarantine),
    ("run", "wpstate rollback, and wpstate show with a run", Run),
    ("runs", "wpstate runs, apply, recover and unlock", tuple[Run, ...]),
)


def schemas() -> Iterator[tuple[str, str]]:
    """Name and text of every generated schema, as files of `schemas/` hold them."""
    for name, command, shape in _DOCUMENTS:
        (top,), parts = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
        yield name, _schema(name, f"Printed by {command} with --format json.", top, parts)
    told = "One line of stderr while a command is under way with --format json."
    yield "event", _schema("event", told, *event_schema())


def _schema(name: str, told: str, top: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": f"{told} Generated: script/schemas",
        **top,
        "$defs": dict(sorted(parts.items())),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def fleet_list(fleet: Fleet) -> FleetList:
    return FleetList(
        fleet.name,
        tuple(
            ListedSite(d.site.id, d.site.url, d.profiles, tuple(m.address for m in d.managed))
            for d in fleet.sites
        ),
        fleet.reminders,
    )


def acknowledged(
    lasting: Iterable[Lasting], known: Iterable[Acknowledgement]
) -> tuple[LastingTrouble, ...]:
    kept = tuple(known)
    return tuple(
        LastingTrouble(
            each.trouble.cause,
            each.trouble.sort,
            each.trouble.text,
            each.since,
            each.told_at,
            dict(each.trouble.sites),
            tuple(
                Acknowledged(one.named, one.by, one.at, one.until, one.why)
                for one in kept
                if any(cause == each.trouble.cause for cause, _ in one.covers)
            ),
        )
        for each in lasting
    )


def observed(seen: ObservedState) -> Observed:
    applied = seen.applied
    return Observed(
        site=seen.site,
        observed_at=seen.observed_at,
        took_s=seen.took_s,
        resources=masked_states({str(address): state for address, state in seen.resources}),
        plugins=seen.plugins,
        paths=seen.paths,
        database=seen.database,
        php_version=seen.php_version,
        free_bytes=seen.free_bytes,
        code_bytes=seen.code_bytes,
        home_url=seen.home_url,
        object_cache=seen.object_cache,
        last_applied=LastRun(
            applied.run,
            applied.at,
            masked_states({str(address): state for address, state in applied.values}),
            masked_states({str(address): state for address, state in applied.quarantined}),
        ),
        faults=seen.faults,
        frozen_by=seen.frozen_by,
        host=seen.host,
        multisite=seen.multisite,
        strangers={str(address): lines for address, lines in seen.strangers},
        deep=seen.deep,
    )


def drift_written(
    site: SiteId,
    path: str,
    put: tuple[str, str | None] | None,
    told: Iterable[Moved],
    left: tuple[Problem, ...],
    unlocked: tuple[Address, ...],
) -> DriftWritten:
    """`put`: on which branch, with which commit."""
    branch, commit = put or (None, None)
    moved = tuple(masked_moved(one) for one in told)
    return DriftWritten(site, path, branch, commit, moved, left, unlocked)
