"""Reads the answers of the safety net's program: key=value lines from a host, never trusted.

Sending the verbs is left to adapters.safety_net. The format is the one of safetynet/answer.sh.
"""

import re
from dataclasses import dataclass

from wpstate.model.problem import Failed, NeedsAttention, Problem, Refused, WpstateError
from wpstate.ports import CommandResult

MAX_BYTES = 1 << 22
"""The longest answer: the names of all files of a large WordPress, twice."""
_LINE = re.compile(r"([a-z_]{1,32})=(.*)", re.DOTALL)
_MAX_LINES = 50_000
_MAX_VALUE_CHARS = 9_000

_WHAT = {
    "run.locked": "another run holds this site",
    "run.fenced": "another run goes on with this site, and this one may only read",
    "freeze.foreign": "somebody else has frozen this site",
    "freeze.failed": "the site could not be frozen",
    "freeze.lost": "the freeze did not hold until the snapshot",
    "host.no_watchdog": "nothing on this host would undo an abandoned run",
    "beacon.failed": "the beacon could not be placed",
    "database.credentials": "the database's credentials could not be read",
    "database.client": "the database client is missing on the host",
    "database.unreachable": "the database did not answer",
    "database.tables": "the tables could not be listed",
    "snapshot.code": "the code could not be copied",
    "snapshot.unreadable": "a part of the code cannot be read",
    "snapshot.unwritable": "a part of the code could not be put back, because it is not writable",
    "snapshot.names": "a name is too unusual to be restored",
    "snapshot.fingerprint": "the tables could not be fingerprinted",
    "snapshot.dump": "the tables could not be dumped",
    "snapshot.kept": "tables could not be copied inside the server",
    "snapshot.damaged": "the snapshot is damaged; nothing was written",
    "rollback.no_component": "the snapshot does not hold this component",
    "rollback.failed": "the site could not be put back as it was",
    "restore.settled": "the run is already confirmed",
    "restore.running": "a restore is under way",
    "thaw.failed": "the site could not be thawed",
    "net.wp_path": "the WordPress folder cannot be entered",
    "net.state_public": "the state folder would lie inside the web root",
    "net.disk": "the state folder cannot be written",
    "net.tools": "the host lacks a tool that the safety net needs",
    "net.died": "the work on the host ended without an answer",
    "net.usage": "the safety net was asked for something it does not know",
    "net.untrusted": "the host's answer makes no sense",
}
_REFUSED = (
    "run.locked",
    "freeze.foreign",
    "freeze.lost",
    "host.no_watchdog",
    "net.state_public",
    "net.tools",
    "snapshot.names",
    "snapshot.unwritable",
)
_ATTENTION = ("rollback.failed", "snapshot.damaged", "restore.running", "thaw.failed")


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
        raise _told(answer.text("error"), answer.text("text"), verb, site)
    last_words = visible(result.stderr.decode("utf-8", "backslashreplace"))[-300:]
    raise untrusted(site, f"{verb} ended with code {result.exit_code} without an end: {last_words}")


def visible(text: str) -> str:
    """Bounded, with control and direction characters shown as escapes: fit for a terminal."""
    return "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in text[:_MAX_VALUE_CHARS]
    )


def untrusted(site: str, found: str) -> WpstateError:
    return Failed([Problem("net.untrusted", _WHAT["net.untrusted"], key=site, found=found)])


def _told(slug: str, text: str, verb: str, site: str) -> WpstateError:
    if slug not in _WHAT:
        return untrusted(site, f"{verb} failed with an unknown error")
    problem = Problem(slug, _WHAT[slug], key=site, found=text or None, why=f"step: {verb}")
    if slug in _REFUSED:
        return Refused([problem])
    if slug in _ATTENTION:
        return NeedsAttention([problem])
    return Failed([problem])
