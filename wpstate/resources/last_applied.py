"""What the last confirmed run left in a site's state folder, as the probe hands it over.

Checking its shape is left to resources.observation, writing it to the safety net.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from wpstate.model.observed import Fault, Fingerprint, LastApplied
from wpstate.model.state import Address, State


def last_applied(state: dict[str, Any] | None, faults: list[Fault]) -> LastApplied:
    """`state` of the observation, checked by its schema already. A time that is none adds a
    `state_damaged` to `faults`."""
    if state is None:
        return LastApplied()
    applied, quarantine = state["applied"], state["quarantine"]
    at = _instant(applied["at"]) if applied else None
    if applied and at is None:
        faults.append(Fault("state_damaged", "applied.json holds no time that can be read"))
    return LastApplied(
        run=applied["run"] if applied else None,
        at=at,
        values=_states(applied["values"]) if applied else (),
        used_plans=frozenset(state["used"]),
        quarantined=_states(quarantine["changes"]) if quarantine else (),
        fingerprint=_fingerprint(applied.get("fingerprint")) if applied else None,
        locked=state.get("locked", False),
        since=tuple(_times(applied.get("since") or {})) if applied else (),
        stood=tuple(_times(applied.get("stood") or {})) if applied else (),
        patched=_states(applied.get("patched") or {}) if applied else (),
    )


def _times(told: dict[str, str]) -> Iterator[tuple[Address, datetime]]:
    for address, text in sorted(told.items()):
        instant = _instant(text)
        if instant is not None:
            yield Address(address), instant


def _fingerprint(told: dict[str, Any] | None) -> Fingerprint | None:
    return Fingerprint(**told) if told else None


def _states(records: dict[str, Any]) -> tuple[tuple[Address, State], ...]:
    return tuple(
        (
            Address(address),
            State(
                present=record["present"],
                version=record.get("version"),
                active=record.get("active"),
                value=record.get("value"),
            ),
        )
        for address, record in sorted(records.items())
    )


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
