"""Metrics in a file that a collector of another account reads."""

from pathlib import Path

from wpstate.adapters.plans import write_whole
from wpstate.model.problem import Failed, Problem


def write_metrics(path: Path, text: str) -> None:
    """Replace it in one step, readable by everybody: no reader sees half of it.

    Raises Failed (`metrics.unwritable`).
    """
    try:
        if path.exists() and not path.is_file():  # a pipe, /dev/stdout
            path.write_text(text, "utf-8")
        else:
            write_whole(path, text.encode(), mode=0o644)
    except OSError as error:
        raise Failed(
            [
                Problem(
                    "metrics.unwritable",
                    "the metrics could not be written",
                    key=str(path),
                    found=error.strerror or str(error),
                    why="whoever watches them would go on seeing old ones",
                    mend="name a file in a folder that this account may write to",
                )
            ]
        ) from None
