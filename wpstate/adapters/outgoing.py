"""Messages out of this machine, by Apprise in a process of its own (outgoing_child), which is
killed where it takes too long: neither a pass nor the end of wpstate waits for a deaf receiver.

Addresses hold tokens: they go to that process over a pipe alone, and come back in no word.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from wpstate.model.problem import Refused
from wpstate.model.secret import Secret, SecretReference
from wpstate.model.telling import Message
from wpstate.ports import Secrets

_CHILD = Path(__file__).with_name("outgoing_child.py")
DEADLINE_S = 60.0
_LATE = "it took too long"


class AppriseOutgoing:
    def __init__(self, secrets: Secrets, *, deadline_s: float = DEADLINE_S) -> None:
        self._secrets = secrets
        self._deadline_s = deadline_s

    def send(self, messages: Sequence[tuple[SecretReference, Message]]) -> tuple[str | None, ...]:
        answers: list[str | None] = [None] * len(messages)
        ready: list[tuple[int, dict[str, object]]] = []
        for place, (reference, message) in enumerate(messages):
            address = self._address(reference)
            if isinstance(address, str):
                answers[place] = address
                continue
            ready.append(
                (
                    place,
                    {
                        "address": address.reveal(),
                        "title": message.title,
                        "body": message.body,
                        "tone": message.tone,
                        "is_end": message.is_end,
                    },
                )
            )
        if ready:
            said = self._ask({"messages": [each for _, each in ready], "beats": []}, len(ready))
            for (place, _), answer in zip(ready, said, strict=True):
                answers[place] = answer
        return tuple(answers)

    def beat(self, address: SecretReference) -> str | None:
        kept = self._address(address)
        if isinstance(kept, str):
            return kept
        return self._ask({"messages": [], "beats": [kept.reveal()]}, 1)[0]

    def _address(self, reference: SecretReference) -> Secret | str:
        """The secret, or why there is none."""
        try:
            return self._secrets.reveal(reference)
        except Refused as refused:
            (problem,) = refused.problems
            return f"{problem.slug}: {problem.found}: {problem.why}"

    def _ask(self, request: dict[str, object], count: int) -> list[str | None]:
        try:
            child = subprocess.Popen(
                (sys.executable, "-P", _CHILD),  # not with our own folder: it has an http.py
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return [f"no program could be started: {error.strerror}"] * count
        try:
            said, _ = child.communicate(json.dumps(request).encode(), timeout=self._deadline_s)
        except subprocess.TimeoutExpired:
            _kill(child)
            said, _ = child.communicate()
        finally:
            _kill(child)
        answers: list[str | None] = [_LATE] * count
        for line in said.splitlines()[:count]:
            with suppress(ValueError):  # the last line, cut off as it was killed
                place, answer = json.loads(line)
                answers[place] = answer if answer is None else str(answer)[:200]
        return answers


def _kill(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
