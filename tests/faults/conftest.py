"""Sites and fleets as the end-to-end tests have them."""

import os

from tests.e2e.conftest import _used, fleet, lock, take

__all__ = ["_used", "fleet", "lock", "take"]

FULL = os.environ.get("WPSTATE_FAULTS") == "full"
"""Every fault, as `script/faults` asks for; else a sample that fits into every test run."""
