"""Reads the answers of the safety net's program: key=value lines from a host, never trusted.

Sending the verbs is left to adapters.safety_net. The format is the one of safetynet/answer.sh.
"""

import re
from dataclasses import dataclass

from wpstate.adapters.safety_net_problems import told, untrusted
from wpstate.ports import CommandResult

MAX_BYTES = 1 << 22
"""The longest answer: the names of all files of a large WordPress, twice."""
_LINE = re.compile(r"([a-z_]{1,32})=(.*)", re.DOTALL)
_MAX_LINES = 50_000
_MAX_VALUE_CHARS = 9_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One verb's answer, in the order of its lines."""

    lines: tuple[tuple[str, str], ...]
    site: str

    def text(self, key: str) -> str:
        """The one value of `key`. Raises Failed (`net.untrusted`)."""
        found = self.texts(key)
        if len(found) != 1:
            raise untrusted(self.site, f"{len(found)} lines of {key}")
        return found[0]

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.lines if name == key)

    def number(self, key: str) -> int:
        """The one value of `key` as a whole number. Raises Failed (`net.untrusted`)."""
        value = self.text(key).strip()
        if not re.fullmatch(r"[0-9]{1,15}", value):
            raise untrusted(self.site, f"{key} is not a number")
        return int(value)


def read_answer(result: CommandResult, verb: str, site: str) -> Answer:
    """Parse a verb's answer. Raises what the host said, as Refused, Failed or NeedsAttention."""
    if was_cut_off(result):
        raise told("net.died", f"{verb} was ended by a signal, in its answer", verb, site)
    lines: list[tuple[str, str]] = []
    for raw in result.stdout.decode("utf-8", "backslashreplace").split("\n", _MAX_LINES)[
        :_MAX_LINES
    ]:
        match = _LINE.fullmatch(raw)
        if match is None and raw:
            raise untrusted(site, f"{verb} answered a line without a key")
        if match is not None:
            lines.append((match[1], visible(match[2])))
    answer = Answer(tuple(lines), site)
    ends = answer.texts("end")
    if ends == ("ok",) and lines[-1][0] == "end":
        return answer
    if ends == ("error",):
        raise told(answer.text("error"), answer.text("text"), verb, site)
    last_words = visible(result.stderr.decode("utf-8", "backslashreplace"))[-300:]
    raise untrusted(site, f"{verb} ended with code {result.exit_code} without an end: {last_words}")


def was_cut_off(result: CommandResult) -> bool:
    """Whether a signal ended the program in its answer: by exit code -1 (SshShell.run), or as a
    shell or sudo tells of its child."""
    killed = result.exit_code == -1 or result.exit_code > 128
    return killed and not result.stdout.endswith((b"end=ok\n", b"end=error\n"))


def visible(text: str) -> str:
    """Bounded, with control and direction characters shown as escapes: fit for a terminal."""
    return "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in text[:_MAX_VALUE_CHARS]
    )
