"""Run a PHP script of ours on the host: one command, the script and its data by standard input.

Ansible's own way to run a module writes the module and its arguments to the host's disk and takes
five round trips; this takes one, needs no temporary file and no Python, and leaves the run's
token nowhere. What the scripts do is left to the roles' files.
"""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from secrets import token_hex
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

PHP_OPTIONS = (
    "display_errors=stderr",
    "log_errors=0",
    "opcache.enable_cli=0",
    "xdebug.mode=off",
)
LONGEST_ANSWER = 1 << 20
OUR_KEYS = frozenset(
    {"changed", "failed", "msg", "refused", "diff"}
    | {"php", "swapped", "beside", "gone", "unknown", "artifacts", "boot"}
)
"""All that the scripts of the roles answer with."""
LONGEST_COMPLAINT = 2000


class ActionModule(ActionBase):
    """Arguments: `scripts` (files joined in order), `data`, `attach` (files sent as text in
    `data.attached`), `with_token`. The answer's keys become the task's result, with all that is
    secret masked."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = self._task.args
        facts = dict(task_vars["wpstate"])
        token = facts.pop("token", "")
        hidden = [token, *facts.pop("secrets", ())]
        request = {**facts, **args.get("data", {})}
        request["check"] = self._task.check_mode
        request["diff"] = self._task.diff
        request["attached"] = {name: self._text(name) for name in args.get("attach", ())}
        if args.get("with_token"):
            request["token"] = token
        nonce = token_hex(16)
        command = shlex.join(("php" if not facts["php"] else facts["php"], *_options()))
        if task_vars.get("site_run_as"):
            command = f"sudo -n -u {shlex.quote(task_vars['site_run_as'])} -H -- {command}"
        # PHP dies with 255, which ssh keeps for its own trouble ("unreachable").
        command = f"{command}; code=$?; [ $code -ne 255 ] || code=254; exit $code"
        scripts = ("answer.php", *args["scripts"])
        program = _program(request, nonce, [self._text(name) for name in scripts])
        ran = self._low_level_execute_command(command, in_data=program, sudoable=False)
        answer = _answer(ran["stdout"], nonce)
        if answer is None:
            # Whole words first: of one that is cut nobody would know that it is a secret's.
            said = _without([ran["stderr"] or ran["stdout"]], hidden)[0]
            complaint = said[-LONGEST_COMPLAINT:].strip()
            answer = {
                "failed": True,
                "msg": f"PHP on the host gave no answer (exit {ran['rc']}): {complaint}",
            }
        result.update(_ours(_without(answer, hidden)))
        return result

    def _text(self, name: str) -> str:
        return Path(self._find_needle("files", name)).read_text()


def _options() -> list[str]:
    return [word for option in PHP_OPTIONS for word in ("-d", option)]


def _program(request: dict[str, Any], nonce: str, scripts: list[str]) -> bytes:
    data = base64.b64encode(json.dumps(request).encode()).decode()
    head = (
        f"<?php\n$wpstate_nonce = '{nonce}';\n"
        f"$wpstate_request = json_decode( base64_decode( '{data}' ), true );\n"
    )
    for script in scripts:
        if not script.startswith("<?php\n"):
            raise AnsibleActionFail("a script must start with <?php")
        head += script.removeprefix("<?php\n")
    return head.encode()


def _answer(stdout: str, nonce: str) -> dict[str, Any] | None:
    """The framed answer, wherever noise stands around it; None unless it is whole."""
    _, found, rest = stdout.rpartition(f"\n{nonce} ")
    length, _, text = rest.partition("\n")
    if not found or not length.isdecimal() or int(length) > LONGEST_ANSWER:
        return None
    data = text.encode(errors="surrogateescape")[: int(length)]
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _ours(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, or a failure where it has a key that no script of ours gives.

    Ansible acts upon keys of a result: `add_host` would give this host another connection, and so
    run commands of the host's on the controller (ansible-core 2.19.14, plugins/strategy).
    """
    foreign = sorted(set(answer) - OUR_KEYS)
    if not foreign:
        return answer
    named = ", ".join(foreign)[:LONGEST_COMPLAINT]
    return {"failed": True, "msg": f"the host's answer holds what no script of ours says: {named}"}


def _without(value: Any, secrets: list[str]) -> Any:
    """The answer with secrets masked, should a site have printed one, also as JSON writes it."""
    if isinstance(value, str):
        for secret in filter(None, secrets):
            quoted = json.dumps(secret)[1:-1]
            for form in (secret, quoted, quoted.replace("/", "\\/")):
                value = value.replace(form, "***")
        return value
    if isinstance(value, dict):
        return {_without(k, secrets): _without(v, secrets) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(item, secrets) for item in value]
    return value
