"""What a playbook's events say, as one PlaybookResult. Sending them is left to ansible_shim.

The host's answers are untrusted: bounded here, shape-checked where they are used.
"""

import json
from collections.abc import Iterable

from wpstate.model.secret import Secret
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult, TaskFailure

LONGEST_MESSAGE = 2000
GOOD_ENDS = ("done", "successful")
OUR_KEYS = ("_ansible", "invocation")


class Events:
    """Collects the shim's lines."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """`secrets`: what the playbook was told and nobody is to be shown."""
        self._secrets = tuple(secrets)
        self._rest = b""
        self._changed: list[str] = []
        self._results: list[tuple[str, Json]] = []
        self._failure: TaskFailure | None = None
        self._output = ""
        self._status: str | None = None
        self.task = ""
        """The task that was begun last."""
        self.ended = False

    def feed(self, data: bytes) -> None:
        """Take bytes of the shim's output; none means that it is gone."""
        if not data:
            self.ended = True
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def result(self, took_s: float) -> PlaybookResult:
        failure = self._failure
        if failure is None and self.ended and self._status not in GOOD_ENDS:
            said = self._output or "the playbook's process ended without a word"
            failure = TaskFailure(self.task or "start", self._plain(said))
        ok = self._status in GOOD_ENDS and failure is None
        return PlaybookResult(ok, tuple(self._changed), tuple(self._results), failure, took_s)

    def _take(self, event: Json) -> None:
        task = str(event.get("task") or "")
        res = event.get("res")
        answer: Json = res if isinstance(res, dict) else {}
        match event.get("event"):
            case "start":
                self.task = task
            case "ok":
                self._results.append((task, self._cleaned(answer)))
                if answer.get("changed"):
                    self._changed.append(task)
            case "failed" | "unreachable":
                self._results.append((task, self._cleaned(answer)))
                message = self._plain(str(answer.get("msg") or "failed"))
                self._failure = TaskFailure(task, message, answer.get("refused") is True)
            case "output":
                self._output = str(event.get("text") or "")
            case "end" if self._status is None:
                self._status = str(event.get("status"))
                self.ended = True
            case _:
                pass

    def _cleaned(self, answer: Json) -> Json:
        return {k: self._masked_in(v) for k, v in answer.items() if not k.startswith(OUR_KEYS)}

    def _masked_in(self, value: object) -> object:
        match value:
            case str():
                return self._masked(value)
            case dict():
                return {self._masked(k): self._masked_in(v) for k, v in value.items()}
            case list():
                return [self._masked_in(each) for each in value]
            case _:
                return value

    def _plain(self, text: str) -> str:
        """Bounded, without the token and other secrets, without terminal controls."""
        text = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in self._masked(text))
        return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 3] + "..."

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = secret.blotted(text)
        return text
