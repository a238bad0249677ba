"""The lab's sites and accounts, as tests reach them. `script/lab up` builds them."""

import os
import pwd
import shutil
from pathlib import Path

import yaml

from tests.lab_versions import FLEET
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh import SshShells
from wpstate.model.site import Account, Host, Site, SiteId

LAB = Path("/var/lib/wpstate-lab")
HOME_OF_LAYOUT = LAB / "homes" / "wpl-layout"
CONTROLLER = Path(os.environ.get("WPSTATE_HOME", LAB / "controller"))
KEY_FILE = Path(os.environ.get("WPSTATE_SSH_KEY", LAB / "keys" / "controller_ed25519"))
_SITES = (
    *("atelier", "blog", "shop", "opcache", "pagecache"),
    *("redis", "moved", "above", "getenv", "badhost"),
)
PORTS = {name: 18101 + at for at, name in enumerate(_SITES)}


def shells() -> SshShells:
    return SshShells(KnownHosts(CONTROLLER / "known_hosts"), KEY_FILE)


def site(name: str, *, wp_path: str | None = None, php: str = "", like: str = "") -> Site:
    """A site of the lab; with `like`, another one in that site's account."""
    everything = yaml.safe_load((FLEET / "hosts.yml").read_text())["all"]
    said = {**everything.get("vars", {}), **everything["hosts"][like or name]}
    account = Account(said["ansible_host"], int(said["ansible_port"]), said["ansible_user"])
    host = Host(account, wp_path or said["wp_path"], php=php or said.get("php", "php"))
    return Site(SiteId(name), host, f"http://127.0.0.1:{PORTS[like or name]}")


def give_to(account: str, path: Path) -> None:
    """Make the account the owner of a whole tree."""
    owner = pwd.getpwnam(account)
    for entry in (path, *path.rglob("*")):
        os.chown(entry, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def small_copy(name: str, folder: Path) -> Path:
    """What the probe reads of a site and no more: a folder that a test may break."""
    real = Path(site(name).host.wp_path)
    wp = folder / "public"
    (wp / "wp-includes").mkdir(parents=True)
    shutil.copy2(real / "wp-includes/version.php", wp / "wp-includes")
    shutil.copy2(real / "wp-settings.php", wp)
    shutil.copytree(real / "wp-content/plugins", wp / "wp-content/plugins", symlinks=True)
    config = real / "wp-config.php"
    shutil.copy2(config if config.exists() else real.parent / "wp-config.php", wp)
    return wp
