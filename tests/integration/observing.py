"""Observing in tests as wpstate observes: through the real shells."""

from pathlib import Path

from tests.builders import nothing_asked
from tests.integration import lab_accounts
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site


def observe(*sites: Site, timeout_s: int = 60) -> list[ObservedState]:
    with lab_accounts.shells() as shells:
        seen = ProbeObserver(shells, SystemClock(), timeout_s=timeout_s).observe(
            [nothing_asked(site) for site in sites]
        )
    return [seen[site.id] for site in sites]


def look(wp: Path, php: str = "php", timeout_s: int = 60) -> ObservedState:
    site = lab_accounts.site("copy", wp_path=str(wp), php=php, like="above")
    return observe(site, timeout_s=timeout_s)[0]


def codes(seen: ObservedState) -> list[str]:
    return [fault.code for fault in seen.faults]


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    lab_accounts.give_to("wpl-layout", path)
    return path
