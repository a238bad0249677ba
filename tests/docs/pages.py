"""The documents, and the command as a reader would run it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    *(
        path.relative_to(REPOSITORY).as_posix()
        for path in sorted((REPOSITORY / "docs").glob("*.md"))
    ),
)


def page(name: str) -> str:
    return (REPOSITORY / name).read_text("utf-8")


def wpstate_command(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `wpstate` as a fresh process that knows nothing of the tester's settings."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    return subprocess.run(
        (sys.executable, "-m", "wpstate", *arguments),
        cwd=cwd,
        env={**kept, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
    )
