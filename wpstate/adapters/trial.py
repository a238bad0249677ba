"""The trial of one site over its host's shell (ports.Trial): the safety net's own parts, and
probe/trial.sh behind them. What a failed try means is left to planning.fitness.
"""

import hashlib
import re
import secrets
import shlex
from collections.abc import Callable
from importlib.resources import files
from urllib.parse import urlsplit

from wpstate.adapters.safety_net_answers import Answer, read_answer
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import definitions, entering, run_bundle
from wpstate.model.fitness import Room, Tried
from wpstate.model.observed import ObservedState
from wpstate.model.problem import WpstateError
from wpstate.model.site import Host, Site
from wpstate.ports import CommandResult, HostShell, Placed

_TRIAL_S = 120.0
_QUICK_S = 30.0
_NEED = re.compile(r"[a-z_]{1,32}")
_NOWHERE = "printf 'tried=room\\tno\\t%s\\nend=ok\\n' \"cannot write into $HOME/.wpstate\""
_NO_TAR = "printf 'tried=tools\\tno\\ttar cannot unpack\\nend=ok\\n'; rmdir -- \"$run_dir\""


class SshTrial:
    """For one thread."""

    def __init__(
        self,
        site: Site,
        observed: ObservedState,
        shell: HostShell,
        send_file: Callable[[Host, str, bytes], None],
    ) -> None:
        """`send_file` puts bytes at a path by sftp; it raises WpstateError."""
        self._site = site
        self._observed = observed
        self._shell = shell
        self._send_file = send_file
        self._run = f"trial-{secrets.token_hex(6)}"
        self._folder = ""
        self._found: tuple[Tried, ...] = ()

    def once(self, room: Room) -> tuple[Tried, ...]:
        return self._tried(self._upload(room, "once"))

    def begin(self, room: Room, token: str) -> Placed:
        name = f"wpstate-{secrets.token_hex(12)}.php"
        digest = hashlib.sha256(token.encode()).hexdigest()
        answer = self._upload(room, "begin", name, digest)
        self._found = self._tried(answer)
        folders = answer.texts("folder")
        if folders and not (folders[0].startswith("/") and folders[0].endswith(self._run)):
            raise untrusted(self._site.id, "the trial's folder has an odd name")
        self._folder = folders[0] if folders else ""
        return Placed(name, f"{self._folder}/net.sh" if self._folder else None)

    def tried(self) -> tuple[Tried, ...]:
        if not self._folder:
            return self._found
        return (*self._found, self._sftp(), *self._tried(self._ask("look")))

    def end(self) -> None:
        if self._folder:
            self._ask("end")
            self._folder = ""

    def _sftp(self) -> Tried:
        # The login that sftp gives may not enter the folder of the site's owner.
        folder = "/tmp" if self._site.host.run_as else self._folder  # noqa: S108  a random name
        try:
            self._send_file(self._site.host, f"{folder}/.{self._run}", b"wpstate\n")
        except WpstateError as error:
            return Tried("sftp", False, error.problems[0].found or error.problems[0].what)
        return Tried("sftp", True, "a file was sent")

    def _upload(self, room: Room, *words: str) -> Answer:
        command = (
            f"{entering(self._site.host.wp_path, self._run)}"
            f'{{ mkdir -p "$run_dir" && cd "$run_dir" || {{ {_NOWHERE}; exit 0; }}; }} && '
            f"{{ tar -xf - || {{ {_NO_TAR}; exit 0; }}; }} && "
            f'exec sh "$run_dir/net.sh" {shlex.join(words)}'
        )
        return self._read(self._shell.run(command, self._bundle(room), timeout_s=_TRIAL_S), "trial")

    def _ask(self, verb: str) -> Answer:
        command = shlex.join(("exec", "sh", f"{self._folder}/net.sh", verb))
        return self._read(self._shell.run(command, timeout_s=_QUICK_S), verb)

    def _read(self, result: CommandResult, verb: str) -> Answer:
        return read_answer(result, verb, self._site.id)

    def _tried(self, answer: Answer) -> tuple[Tried, ...]:
        found = []
        for line in answer.texts("tried"):
            need, verdict, text = (*line.split("\t", 2), "", "")[:3]
            if _NEED.fullmatch(need) is None or verdict not in ("ok", "no"):
                raise untrusted(self._site.id, "a trial of an unknown need")
            found.append(Tried(need, verdict == "ok", text))
        return tuple(found)

    def _bundle(self, room: Room) -> bytes:
        probe = files("wpstate") / "probe"
        settings = {
            "run": self._run,
            "php": self._site.host.php,
            "wp_path": self._site.host.wp_path,
            "url_host": urlsplit(self._site.url).netloc,
            "client": self._site.host.database_client,
            "room_bytes": str(room.size_bytes),
            "room_files": str(room.files),
        }
        paths, database = self._observed.paths, self._observed.database
        if paths is not None:
            settings |= {
                "config": paths.config,
                "content": paths.content,
                "plugins": paths.plugins,
                "uploads": paths.uploads,
            }
        if database is not None:
            settings["prefix"] = database.prefix
        if any(ord(char) < 32 for value in settings.values() for char in value):
            raise untrusted(self._site.id, "a path holds a control character")
        program = definitions() + "\n" + (probe / "trial.sh").read_text("utf-8")
        return run_bundle(program, settings, {"trial.php": (probe / "trial.php").read_bytes()})
