"""Run ansible-runner in a process of its own that ends all it started when told to, or orphaned.

ansible-runner's cancel and timeout leave Ansible's workers, their ssh and the remote command
alive (ansible-core 2.19 workers call setsid), and a playbook outlives its killed controller. This
process adopts every orphan below it (PR_SET_CHILD_SUBREAPER, Linux) and kills them all. Standard
input is the leash: end of file or any byte ends everything and drops the run's private folder,
which holds its token. Standard output takes one JSON line an event. It is run by path, by itself or
by ansible_server.py, and imports nothing of wpstate. Usage: ansible_shim.py REQUEST.json
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
KEPT = {
    "runner_on_ok": "ok",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "unreachable",
    "runner_on_skipped": "skipped",
    "runner_on_start": "start",
}
LONGEST_LINE = 1 << 21
ENDING = threading.Lock()


def main(request_file: str) -> int:
    request = json.loads(Path(request_file).read_text())
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    events = os.fdopen(os.dup(1), "w", buffering=1)
    # ansible-runner prints inside its library; the pipe is for events alone.
    os.dup2(2, 1)
    private = request["private_dir"]
    threading.Thread(target=_hold_leash, args=(private,), daemon=True).start()
    try:
        status = _run(request, events)
    finally:
        _kill_descendants()
        ENDING.acquire()  # once the leash is let go, its thread alone ends this process
    _send(events, {"event": "end", "status": status})
    return 0


def _run(request: dict[str, Any], events: Any) -> str:
    import ansible_runner  # late: 0.16 s, and the leash must be held first

    def forward(event: dict[str, Any]) -> bool:
        if event["event"] == "playbook_on_stats":
            # All is done; the 0.3 s that Ansible takes to leave need not be waited for.
            _send(events, {"event": "end", "status": "done"})
        sort = KEPT.get(event["event"])
        data = event.get("event_data", {})
        if sort is not None and data.get("task_action") != "ansible.builtin.validate_argument_spec":
            line = {"event": sort, "task": data.get("task", ""), "res": data.get("res") or {}}
            _send(events, line)
        elif sort in {"failed", "unreachable"}:
            message = str((data.get("res") or {}).get("msg", ""))
            line = {"event": "failed", "task": data.get("task", ""), "res": {"msg": message}}
            _send(events, line)
        return False  # nothing of it on disk

    runner = ansible_runner.run(
        private_data_dir=request["private_dir"],
        playbook=request["playbook"],
        inventory=request["inventory"],
        cmdline=request["cmdline"],
        event_handler=forward,
        quiet=True,
        suppress_env_files=True,
        settings={"pexpect_timeout": 0.2, "pexpect_use_poll": True},
    )
    if runner.status != "successful":
        tail = runner.stdout.read()[-2000:] if runner.stdout else ""
        _send(events, {"event": "output", "text": tail})
    return str(runner.status)


def _send(events: Any, line: dict[str, Any]) -> None:
    text = json.dumps(line)
    if len(text) > LONGEST_LINE:
        text = json.dumps({**line, "res": {"failed": True, "msg": "the answer is too long"}})
    with contextlib.suppress(BrokenPipeError):
        events.write(text + "\n")


def _hold_leash(private: str) -> None:
    os.read(0, 1)
    ENDING.acquire()
    _kill_descendants()
    shutil.rmtree(private, ignore_errors=True)
    os._exit(70)


def _kill_descendants(limit_s: float = 5.0) -> None:
    """Kill until nobody is left; orphans become our children, so each round finds them."""
    until = time.monotonic() + limit_s
    while (pids := _descendants(os.getpid())) and time.monotonic() < until:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _descendants(root: int) -> list[int]:
    """Every living process below root, from /proc (proc(5): field 3 is the state, 4 the parent)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    todo = [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
