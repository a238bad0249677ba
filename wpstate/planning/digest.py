"""Digests that bind a plan to what was asked and seen.

Spans stay out: a comment that moves a line changes nothing that a reviewer approved.
"""

import hashlib
from dataclasses import replace

import msgspec

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Digests
from wpstate.resources.registry import KINDS


def digest(value: object) -> str:
    """sha256 in hex of the value as canonical JSON (msgspec, keys sorted)."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def desired_digest(desired: DesiredState) -> str:
    host = desired.site.host
    return digest(
        {
            "site": desired.site.id,
            "host": [host.account.address, host.account.port, host.account.user, host.wp_path],
            "url": desired.site.url,
            "managed": [
                [
                    m.address,
                    m.want,
                    m.purge_data,
                    m.artifact.source if m.artifact else None,
                    m.besides,
                    m.floats,
                ]
                for m in desired.managed
            ],
            "left_alone": [[left.address, left.owner] for left in desired.left_alone],
            "looks": [
                [k.path, k.status, k.must_contain, k.must_not_contain, k.final_path]
                for k in desired.looks
            ],
        }
    )


def observed_digest(desired: DesiredState, observed: ObservedState) -> str:
    """Over managed facts and those that the order and safety of changes rest on.

    Free space, table sizes and times stay out: they move by themselves. So does what pages show: a
    run holds visitors back and fetches none. What is only looked at decides nothing of a plan.
    """
    expected = desired.approval.expected
    managed = {m.address for m in desired.managed if m.applies and not m.visited}
    return digest(
        {
            "managed": [[a, s] for a, s in observed.resources if a in managed],
            "applied": [[a, s] for a, s in observed.applied.values if a in managed],
            "identities": [
                [address, identity]
                for kind in KINDS
                for address, identity in sorted(kind.identities(observed).items())
                if address in managed and address in expected
            ],
            "php": observed.php_version,
            # Where the state folder lies may be decided by the first run itself.
            "paths": replace(observed.paths, state="") if observed.paths else None,
            "host": observed.host,
            "prefix": observed.database.prefix if observed.database else None,
            "faults": [f.code for f in observed.faults],
        }
    )


def artifacts_digest(changes: tuple[Change, ...]) -> str:
    return digest(
        [
            [artifact.kind, artifact.slug, artifact.version, artifact.sha256]
            for change in changes
            for artifact in change.artifacts
        ]
    )


def digests(desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]) -> Digests:
    return Digests(
        desired=desired_digest(desired),
        # What backups are asked for decides nothing of a change.
        policy=digest(replace(desired.policy, backup=None)),
        artifacts=artifacts_digest(changes),
        observed=observed_digest(desired, observed),
    )
