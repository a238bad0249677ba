"""What one playbook run is given: a private folder with inventory, variables and environment.

Nothing of the user's own Ansible (ansible.cfg, group_vars, ~/.ansible) takes part, and no text of
a fleet or a site is ever a template.
"""

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wpstate.model.problem import Problem, Refused
from wpstate.model.site import Account, Site
from wpstate.model.state import Json
from wpstate.shipped import shipped

KEEP_FROM_ENVIRONMENT = ("LANG", "LC_ALL", "SSH_AUTH_SOCK", "TZ")
NO_PYTHON = "/nonexistent/wpstate-needs-no-python"
SETTINGS = "[defaults]\ninternal_poll_interval = 0.005\n"
"""Ansible would look a thousand times a second whether a host has answered."""
ADDRESS = re.compile(r"[A-Za-z0-9_.:%\[\]][A-Za-z0-9_.:%\[\]-]*")
USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@-]*\$?")


@dataclass(frozen=True, slots=True)
class Connection:
    """How hosts are reached, as adapters.ssh reaches them."""

    known_hosts: tuple[Path, ...]
    key_file: Path | None = None
    """This key alone is offered; without one, the agent's and the user's default keys."""


def unsafe_yaml(data: Json) -> str:
    """JSON-able data as YAML in which Ansible takes no string for a template.

    Extra variables are trusted templates (ansible-core 2.19); `!unsafe` takes that trust away from
    all below it. It stands before the whole and not before each string: of `!unsafe "6.10"` that
    version makes the number 6.1. Keys must be plain words. Raises ValueError on anything else.
    """
    return f"!unsafe {_flow(data)}\n"


def _flow(value: object) -> str:
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", key):
                raise ValueError(f"not a plain word as a key: {key!r}")
        return "{" + ", ".join(f'"{k}": {_flow(v)}' for k, v in value.items()) + "}"
    raise ValueError(f"not JSON: {type(value).__name__}")


def _escaped(char: str) -> str:
    if " " <= char <= "~" and char not in '"\\':
        return char
    if "\ud800" <= char <= "\udfff":  # half a surrogate pair is no character
        char = "\ufffd"
    return f"\\U{ord(char):08x}"


def make_private_dir() -> Path:
    """A fresh 0700 folder, in memory where the system offers it: it will hold the run's token."""
    memory = Path("/dev/shm")  # noqa: S108 - not a file of ours there, a fresh folder
    place = memory if os.access(memory, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="wpstate-", dir=place))


def drop_private_dir(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def plain_account(site: Site) -> Account:
    """Raises Refused (`host.address`) for what ssh would read as an option."""
    account = site.host.account
    if all(ADDRESS.fullmatch(a.address) and USER.fullmatch(a.user) for a in account.way):
        return account
    raise Refused(
        [
            Problem(
                "host.address",
                "the host's address or account is not a plain name",
                key=site.id,
                found=str(account),
            )
        ]
    )


def write_request(
    private: Path, name: str, site: Site, variables: Json, connection: Connection, *, check: bool
) -> Path:
    """Write inventory, variables and the shim's request below `private`; returns the request.

    Raises Refused (`host.address`).
    """
    account = plain_account(site)
    inventory: Json = {
        "ansible_connection": "ssh",
        "ansible_host": account.address,
        "ansible_port": account.port,
        "ansible_user": account.user,
        "ansible_python_interpreter": NO_PYTHON,
        "gate_room": str(private),
        "site_url": site.url,
        "site_run_as": site.host.run_as,
    }
    _write(private / "inventory.yml", f"all: {{hosts: {{site: {unsafe_yaml(inventory)}}}}}\n")
    _write(private / "vars.yml", unsafe_yaml(variables))
    _write(private / "ansible.cfg", SETTINGS)
    (private / "ssh").mkdir(mode=0o700)
    os.mkfifo(private / "gate", 0o600)
    os.mkfifo(private / "waiting", 0o600)
    request = {
        "private_dir": str(private),
        "playbook": str(shipped("playbooks") / f"{name}.yml"),
        "inventory": str(private / "inventory.yml"),
        "cmdline": f"-e @{private}/vars.yml --diff" + (" --check" if check else ""),
    }
    _write(private / "request.json", json.dumps(request))
    return private / "request.json"


def environment(private: Path, connection: Connection, account: Account) -> dict[str, str]:
    """The shim's whole environment: Ansible's settings and nothing of ours."""
    return environment_of_server() | {
        "HOME": str(private),
        "TMPDIR": str(private),
        "ANSIBLE_HOME": str(private / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(private / "ansible"),
        "ANSIBLE_CONFIG": str(private / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(private / "none"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(private / "ssh"),
        "ANSIBLE_SSH_ARGS": shlex.join(ssh_args(connection, account)),
    }


def environment_of_server() -> dict[str, str]:
    """What all runs have in common."""
    kept = {name: os.environ[name] for name in KEEP_FROM_ENVIRONMENT if name in os.environ}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return {
        "LANG": "C.UTF-8",
        **kept,
        "PATH": path,
        "ANSIBLE_ROLES_PATH": str(shipped("roles")),
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_INJECT_FACT_VARS": "false",
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_FORKS": "1",
        # Of six only this one is asked for, and each is read and parsed.
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_TIMEOUT": "10",
        # A command whose connection broke may have run: never send it twice.
        "ANSIBLE_SSH_RETRIES": "0",
    }


def ssh_args(connection: Connection, account: Account) -> list[str]:
    """OpenSSH's options (ssh_config(5)); no file of the user's is read but keys and known hosts."""
    options = {"ControlMaster": "auto", "ControlPersist": "900s", **_options(connection)}
    return [*_words(options), *_through(connection, account)]


def _options(connection: Connection) -> dict[str, str]:
    options = {
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "3",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": " ".join(map(_path, connection.known_hosts)),
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "BatchMode": "yes",
        "ClearAllForwardings": "yes",
        "ForwardAgent": "no",
    }
    if connection.key_file is not None:
        key = {"IdentitiesOnly": "yes", "IdentityAgent": "none"}
        options |= key | {"IdentityFile": _path(connection.key_file)}
    return options


def _path(path: Path) -> str:
    """ssh takes `%` for its own in names of files, too."""
    return f'"{path}"'.replace("%", "%%")


def _words(options: dict[str, str]) -> list[str]:
    words = ["-F", "none"]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return words


def _through(connection: Connection, account: Account) -> list[str]:
    """The way through the jump host. Not ProxyJump: its ssh would get none of our options."""
    jump = account.jump
    if jump is None:
        return []
    there = f"[{account.address}]:{account.port}"
    words = ["ssh", *_words(_options(connection)), *_through(connection, jump)]
    words += ["-p", str(jump.port), "-l", jump.user, "-W", there, "--", jump.address]
    # A shell reads it, after ssh has taken `%` for its own.
    return ["-o", f"ProxyCommand={shlex.join(words).replace('%', '%%')}"]


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
