"""Plans and runs to and from JSON. A plan file carries a digest over itself.

Where files lie is left to adapters; whether a plan still holds to planning.verify.
"""

import hashlib

import msgspec

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem, Refused
from wpstate.model.run import Run

PLAN_FORMAT = "wpstate-plan/1"


class _PlanFile(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    digest: str
    plan: msgspec.Raw


def plan_to_text(plan: Plan) -> str:
    """The plan file: one JSON document, indented, with the sha256 of its canonical plan."""
    body = msgspec.json.encode(plan, order="deterministic")
    document = {"format": PLAN_FORMAT, "digest": _sha256(body), "plan": msgspec.Raw(body)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def plan_from_text(text: str, name: str) -> Plan:
    """Read a plan file.

    Raises Refused: `plan.unreadable` where it is no plan of this version, `plan.edited` where
    its digest does not fit (whatever the edit was).
    """
    try:
        outer = msgspec.json.decode(text, type=_PlanFile)
        plan = msgspec.json.decode(outer.plan, type=Plan)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused([_unreadable(name, str(error))]) from None
    if outer.format != PLAN_FORMAT:
        raise Refused([_unreadable(name, f"format {outer.format[:40]!r}")])
    if _sha256(msgspec.json.encode(plan, order="deterministic")) != outer.digest:
        raise Refused(
            [
                Problem(
                    slug="plan.edited",
                    what="this plan file was edited after it was made",
                    key=name,
                    found="its digest does not fit its content",
                    why="what was approved is exactly what is applied",
                    mend="wpstate plan",
                )
            ]
        )
    return plan


def run_to_text(run: Run) -> str:
    return msgspec.json.encode(run, order="deterministic").decode()


def run_from_text(text: str | bytes) -> Run:
    """Raises msgspec.DecodeError (ValidationError where a field is off)."""
    return msgspec.json.decode(text, type=Run)


def to_json(value: object) -> str:
    """Any model value as indented JSON for people and programs."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2).decode()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _unreadable(name: str, found: str) -> Problem:
    return Problem(
        slug="plan.unreadable",
        what="this file is not a plan of this version",
        key=name,
        found=found,
        why="apply executes saved plans only",
        mend="wpstate plan SITE --out FILE",
    )
