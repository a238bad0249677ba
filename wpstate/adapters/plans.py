"""Plan files: written whole or not at all, read with a size limit."""

import os
import tempfile
from pathlib import Path

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem, Refused
from wpstate.report.record import plan_from_text, plan_to_text

_LIMIT_BYTES = 64 << 20


def write_plan(plan: Plan, path: Path) -> None:
    """Replace `path` by this plan in one step."""
    write_whole(path, plan_to_text(plan).encode())


def read_plan(path: Path) -> Plan:
    """Raises Refused (`plan.unreadable`, `plan.edited`)."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT_BYTES + 1)
        if len(raw) > _LIMIT_BYTES:
            raise OSError("larger than a plan can be")
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            [
                Problem(
                    slug="plan.unreadable",
                    what="this plan file cannot be read",
                    key=str(path),
                    found=str(error),
                    why="apply executes saved plans only",
                    mend="wpstate plan SITE --out FILE",
                )
            ]
        ) from None
    return plan_from_text(text, str(path))


def write_whole(path: Path, body: bytes) -> None:
    """Write a file so that readers see the old bytes or the new ones, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
