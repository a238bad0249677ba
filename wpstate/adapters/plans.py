"""Plan files: written whole or not at all, read with a size limit."""

import os
import tempfile
from pathlib import Path

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem, Refused, UsageError
from wpstate.report.record import plan_from_text, plan_to_text

_LIMIT_BYTES = 64 << 20


def write_plan(plan: Plan, path: Path) -> None:
    """Replace the file at `path` by this plan in one step; a pipe or a device is written to.

    Raises UsageError (`usage.out`) where nothing can be written there.
    """
    write_text(path, plan_to_text(plan))


def write_text(path: Path, text: str) -> None:
    """The same for a report. Raises as `write_plan` does."""
    body, target = text.encode(), path.resolve()
    try:
        if target.is_file() or not target.exists():
            write_whole(target, body)
        else:
            target.write_bytes(body)
    except OSError as error:
        raise UsageError(
            [
                Problem(
                    slug="usage.out",
                    what="the plan cannot be saved there",
                    key=str(path),
                    found=error.strerror,
                    mend="name a file in a folder that you can write to",
                )
            ]
        ) from None


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


def write_whole(path: Path, body: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that readers see the old bytes or the new ones, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
