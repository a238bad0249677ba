"""A program of its own, begun by restic (`--stdin-from-command`): runs the command that streams a
dump, hands it on to its stdout, and ends well only where all of it came.

restic makes no snapshot where this ends badly, and so never one of a dump that broke off, even
where wpstate itself was killed meanwhile. What came is told in a file. Knows nothing of wpstate:
it begins in a moment, in whatever environment.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_ERROR_BYTES = 4096
_COMPLETED = b"-- Dump completed"
_OURS = b"-- wpstate: "
_PRIVATE = ("AWS_", "RESTIC_")
_TABLE = b"CREATE TABLE `"


def main(request: Path) -> int:
    asked = json.loads(request.read_text("utf-8"))
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(
            asked["command"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={key: value for key, value in os.environ.items() if not key.startswith(_PRIVATE)},
        )
        assert running.stdout
        heard = _Heard()
        for line in running.stdout:
            sys.stdout.buffer.write(line)
            heard.take(line)
        sys.stdout.buffer.flush()
        code = running.wait()
        errors.seek(0)
        words = errors.read(_ERROR_BYTES).decode("utf-8", "replace").strip()
    problem = heard.problem(code, words)
    told = {"bytes": heard.size, "sha256": heard.digest.hexdigest(), "tables": heard.tables}
    Path(asked["told"]).write_text(json.dumps({**told, "problem": problem[:600]}), "utf-8")
    return 1 if problem else 0


class _Heard:
    """What the dump says of itself, and whether its end came."""

    def __init__(self) -> None:
        self.digest, self.size, self.tables = hashlib.sha256(), 0, 0
        self._counting = True
        self._last = b""
        self._broken = ""
        self._said: list[str] = []
        self._whole: int | None = None

    def take(self, line: bytes) -> None:
        self.digest.update(line)
        self.size += len(line)
        if not line.strip():
            return
        self._whole = None  # something comes after the end
        if line.startswith(_OURS):
            self._mark(line[len(_OURS) :].decode("utf-8", "replace").strip())
        elif line.startswith((b"error=", b"text=")):
            self._said.append(line.decode("utf-8", "replace").strip())
        elif self._counting and line.startswith(_TABLE):
            self.tables += 1
        self._last = line

    def _mark(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word == "whole" and rest.isdigit():
            self._whole = int(rest)
        elif self._last.startswith(_COMPLETED):
            self._counting = False  # a trigger's body may say anything
        elif not self._broken:
            self._broken = f"the dump of {word} breaks off: {rest}"

    def problem(self, code: int, words: str) -> str:
        """Empty where all of it came."""
        if self._broken:
            return self._broken
        if code != 0 or self._whole is None:
            said = " ".join(self._said[-2:])
            return said or f"it broke off, code {code}: {words[-300:]}"
        if self._whole != self.tables or not self.tables:
            return f"{self.tables} tables came, not {self._whole}"
        return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
