"""Names of runs, in the one form that all who begin or end one use."""

import secrets
from datetime import datetime


def new_run_id(started_at: datetime) -> str:
    """Sorts by time, safe as a file name: `20261122T093102Z-3f2a91`."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
