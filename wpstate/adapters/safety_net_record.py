"""Packs what a confirmed or undone run leaves in its site's state folder (safetynet/record.sh)."""

import json

from wpstate.adapters.safety_net_program import RUN_ID, tar_of
from wpstate.model.state import Json


def packed(record: Json) -> bytes:
    """The record as a tar; what is null stays out. Raises ValueError for an odd plan id."""
    members: dict[str, bytes] = {}
    applied, plan = record.get("applied"), record.get("plan")
    if isinstance(applied, str):
        members["applied.json"] = applied.encode()
    elif applied is not None:
        members["applied.json"] = json.dumps(applied).encode()
    if plan is not None:
        if not isinstance(plan, str) or RUN_ID.fullmatch(plan) is None:
            raise ValueError("not a plan id")
        members["plan"] = plan.encode()
    for name in ("quarantine", "summary"):
        if record.get(name) is not None:
            members[f"{name}.json"] = json.dumps(record[name]).encode()
    return tar_of(members)
