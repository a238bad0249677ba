"""Bring files to the host over the shell channel. Ansible's copy needs Python on the host.

A file that is already there with the right sha256, or was unpacked (`.done`), is not sent again.
Checking what arrived is left to the script that unpacks it.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Arguments: `files`, a list of {file: path here, sha256}, and `folder`. There each file is
    named by its sha256."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._run_as = task_vars.get("site_run_as")
        folder = self._task.args["folder"]
        files = self._task.args["files"]
        listed = self._sh(
            f"cd {shlex.quote(folder)} 2>/dev/null && {{ sha256sum -- *.zip; ls; }} 2>/dev/null; :"
        )
        there = set(listed["stdout"].splitlines())
        missing = [
            f
            for f in files
            if there.isdisjoint({"{0}  {0}.zip".format(f["sha256"]), f"{f['sha256']}.done"})
        ]
        result.update(changed=bool(missing), uploaded=[f["sha256"] for f in missing])
        if not self._task.check_mode:
            for file in missing:
                self._send(Path(file["file"]), folder, file["sha256"] + ".zip")
        return result

    def _send(self, source: Path, folder: str, name: str) -> None:
        target = shlex.quote(f"{folder}/{name}")
        sent = self._sh(
            f"umask 077 && mkdir -p {shlex.quote(folder)} && "
            f"cat > {target}.part && mv {target}.part {target}",
            source.read_bytes(),
        )
        if sent["rc"] != 0:
            raise AnsibleActionFail(f"could not upload {name}: {sent['stderr'][-500:].strip()}")

    def _sh(self, script: str, stdin: bytes = b"\n") -> dict[str, Any]:
        command = script
        if self._run_as:
            command = f"sudo -n -u {shlex.quote(self._run_as)} -H -- sh -c {shlex.quote(script)}"
        answer: dict[str, Any] = self._low_level_execute_command(
            command, in_data=stdin, sudoable=False
        )
        return answer
