"""Hold the playbook, warm, until the controller opens the gate. Does nothing on the host.

Two named pipes lie in the run's private folder: a byte into `waiting` says that the playbook is
here; a byte out of `gate` lets it go on. The controller holds `gate` open for writing, so its
death reads as end of file and the playbook gives up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        room = Path(self._task.args["room"])
        with (room / "gate").open("rb", buffering=0) as gate:
            with (room / "waiting").open("wb", buffering=0) as waiting:
                waiting.write(b".")
            if not gate.read(1):
                raise AnsibleActionFail("nobody is left to open the gate")
        result["changed"] = False
        return result
