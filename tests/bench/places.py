"""Where the bench finds things, and the environment that it gives to what it measures."""

import os
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent.parent
BASELINES = BENCH / "baselines"
FLEET = BENCH / "fleet"
PERFORMANCE = CHECKOUT / "docs" / "performance.md"
LAB_ROOT = Path("/var/lib/wpstate-lab")
WP_CLI = LAB_ROOT / "cache" / "wp-cli.phar"
KEY = LAB_ROOT / "keys" / "controller_ed25519"
WPSTATE = Path(sys.executable).with_name("wpstate")
ANSIBLE = Path(sys.executable).with_name("ansible-playbook")
PORT = 22122
ACCOUNT = "wpl-bench"


def wp_path(site: str) -> Path:
    return LAB_ROOT / "bench" / "home" / "www" / site


def prepare(home: Path) -> dict[str, str]:
    """Fill `home` as WPSTATE_HOME and return the environment of a command that uses it."""
    host_key = (LAB_ROOT / "keys" / "host_ed25519.pub").read_text().split()
    (home / "known_hosts").write_text(f"[127.0.0.1]:{PORT} {host_key[0]} {host_key[1]}\n")
    (home / "ssh_config").write_text(
        f"Host site\n  HostName 127.0.0.1\n  Port {PORT}\n  User {ACCOUNT}\n"
        f"  IdentityFile {KEY}\n  IdentitiesOnly yes\n  BatchMode yes\n"
        f"  UserKnownHostsFile {home}/known_hosts\n  StrictHostKeyChecking yes\n"
    )
    (home / "inventory.yml").write_text(
        "all: {hosts: {site: {ansible_connection: ssh, ansible_host: site, "
        "ansible_python_interpreter: /nonexistent}}}\n"
    )
    return {
        # This checkout is measured, whatever the virtual environment has installed.
        "PYTHONPATH": str(CHECKOUT),
        "PATH": f"{WPSTATE.parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "WPSTATE_HOME": str(home),
        "WPSTATE_FLEET": str(FLEET),
        "WPSTATE_SSH_KEY": str(KEY),
        "ANSIBLE_SSH_ARGS": f"-F {home}/ssh_config -o ControlMaster=no",
        "ANSIBLE_PIPELINING": "true",
    }
