"""Forks ansible_shim.py for one run after another from a process that has imported ansible-runner
and Ansible: their imports take half of the processor time of a short playbook.

Each run is as it would be by itself: a session of its own, its own environment, the shim above
Ansible, which is forked where ansible-runner would have started `ansible-playbook`. Imported is
with settings that are the same for all runs; where that failed, each shim starts from nothing.
It is run by path and imports nothing of wpstate.
Usage: ansible_server.py CONTROL SETTINGS, the number of a socket for fork_server.serve, and what
ansible.cfg says; a job's words are {"request": of ansible_shim, "environment": the whole of it}.
"""

import contextlib
import functools
import gc
import importlib.util
import os
import pty
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

PLUGINS = {
    "action": ("validate_argument_spec",),
    "cache": ("memory",),
    # Without ansible-runner's own: it settles as it is loaded where its events go.
    "callback": ("default", "junit", "minimal", "oneline", "tree"),
    "inventory": ("yaml",),
    "strategy": ("linear",),
}
NOWHERE = "/nonexistent/wpstate-prepared"
"""In the place of a run's own folder, as long as there is no run."""


def main() -> int:
    fork_server, shim = _beside("fork_server"), _beside("ansible_shim")
    control = socket.socket(fileno=int(sys.argv[1]))
    prepared = False
    with contextlib.suppress(BaseException):  # no room for temporary files, say
        _import_ansible()
        prepared = True
    gc.collect()
    gc.freeze()  # what all runs share is never written to by a collection
    job = fork_server.serve(control)
    if job is None:
        os._exit(0)
    code = 1
    try:
        # Whoever began the server may have held these back (interrupts.deaf_at_first): Ansible ends
        # its workers and ssh with them.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if not prepared:
            _begin_by_itself(job.words["request"], job.words["environment"])
        _belong_to_the_run(job.words["environment"])
        code = shim.main(job.words["request"])
    finally:
        # What Ansible's modules would clear away at an exit is not this process's own.
        os._exit(code)


def _beside(name: str) -> ModuleType:
    """A file of this folder, whose other files must not come before the standard library's."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _import_ansible() -> None:
    """With the settings that ansible-runner will give to each run: Ansible reads them but once."""
    import ansible_runner
    import pexpect

    callbacks = Path(ansible_runner.__file__).parent / "display_callback" / "callback"
    folder = tempfile.mkdtemp(prefix="wpstate-")
    os.chdir(folder)
    Path("ansible.cfg").write_text(sys.argv[2])
    os.environ |= {
        "HOME": NOWHERE,
        "ANSIBLE_HOME": NOWHERE,
        "ANSIBLE_COLLECTIONS_PATH": NOWHERE,
        "ANSIBLE_CONFIG": f"{folder}/ansible.cfg",
        "ANSIBLE_LOCAL_TEMP": folder,
        "ANSIBLE_CALLBACK_PLUGINS": str(callbacks),
        "ANSIBLE_STDOUT_CALLBACK": "awx_display",
    }
    import ansible.cli.playbook
    import ansible.executor.playbook_executor
    from ansible.plugins import loader

    for each, names in PLUGINS.items():
        for name in names:
            getattr(loader, f"{each}_loader").get(name, class_only=True)
    # Of these Ansible loads all that there are.
    for each in ("become", "connection", "shell", "vars"):
        list(getattr(loader, f"{each}_loader").all(class_only=True))
    _remember_what_is_builtin(Path(ansible.__file__).parent)
    os.chdir("/")
    shutil.rmtree(folder)
    pexpect.spawn = _forked_class()


def _remember_what_is_builtin(ansible: Path) -> None:
    """Where Ansible's own plugins are: 2,000 lines of YAML, which each run would read anew. A later
    Ansible that keeps them elsewhere reads them as before."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        from ansible.utils.collection_loader import _collection_finder as finder

        parse = finder._meta_yml_to_dict
        parsed = functools.cache(lambda text: parse(text, None))
        parsed((ansible / "config" / "ansible_builtin_runtime.yml").read_bytes())
        finder._meta_yml_to_dict = lambda text, _whose: parsed(text)


def _begin_by_itself(request: str, environment: dict[str, str]) -> NoReturn:
    """As ansible_start begins one without a server."""
    os.chdir(Path(request).parent)
    shim = str(Path(__file__).with_name("ansible_shim.py"))
    os.execve(sys.executable, (sys.executable, "-I", shim, request), environment)  # noqa: S606


def _belong_to_the_run(environment: dict[str, str]) -> None:
    from ansible import constants

    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    own = Path(environment["ANSIBLE_HOME"])
    constants.ANSIBLE_HOME = str(own)
    own.mkdir(mode=0o700, exist_ok=True)
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix="local-", dir=own)
    os.chdir(environment["HOME"])


def _forked_class() -> Any:
    import pexpect
    import ptyprocess

    class Forked(pexpect.spawn):  # type: ignore[misc, name-defined, unused-ignore]
        """`ansible-playbook`, forked where it would have been started."""

        def _spawnpty(self, args: list[bytes], **given: Any) -> Any:
            pid, terminal = pty.fork()
            if pid == 0:
                _be_ansible([word.decode() for word in args], **given)
            process = ptyprocess.PtyProcess(pid, terminal)
            process.setecho(bool(given["echo"]))
            return process

    return Forked


def _be_ansible(
    words: list[str], *, env: dict[str, str], cwd: str, preexec_fn: Callable[[], None], **_: Any
) -> NoReturn:
    code = 1
    try:
        preexec_fn()
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2:
                with contextlib.suppress(OSError):
                    os.close(int(name))
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        sys.argv = words
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        from ansible.cli.playbook import main as ansible_playbook

        ansible_playbook(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  told where `ansible-playbook` would tell it
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
