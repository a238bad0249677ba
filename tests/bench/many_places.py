"""The fleet of 200 sites as wpstate, ssh and Ansible are told of it. Making the sites is left to
many_sites.sh."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.places import BENCH, KEY, LAB_ROOT, WPSTATE

ROOT = LAB_ROOT / "bench-fleet"
PORT = 22222
ACCOUNTS = tuple(f"{number:02}" for number in range(1, 21))
SITES_OF_AN_ACCOUNT = 10
OLD, NEW, BAD = "1.0", "1.1", "2.8"
PLUGINS = tuple(f"bench-{number}" for number in range(1, 11))


@dataclass(frozen=True, slots=True)
class ManySite:
    account: str
    """Two digits."""
    last: int

    @property
    def name(self) -> str:
        return f"s{self.account}-{self.last}"

    @property
    def address(self) -> str:
        return f"127.0.1.1{self.account}"

    @property
    def user(self) -> str:
        return f"wpf-{self.account}"

    @property
    def wp_path(self) -> Path:
        return ROOT / "home" / self.user / "www" / self.name

    @property
    def url(self) -> str:
        return f"http://{self.address}:1820{self.last}"


def sites(of_each: int = SITES_OF_AN_ACCOUNT) -> Iterator[ManySite]:
    """The first so many of each account."""
    return (ManySite(account, last) for last in range(of_each) for account in ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Place:
    """A fleet's folder and all that reaches its sites, below one folder of its own."""

    home: Path
    env: Mapping[str, str]

    @property
    def fleet(self) -> Path:
        return self.home / "fleet"

    @property
    def ssh_config(self) -> Path:
        return self.home / "ssh_config"

    @property
    def inventory(self) -> Path:
        return self.home / "inventory.yml"


def prepare_many(home: Path, env: Mapping[str, str], several: Sequence[ManySite]) -> Place:
    """Fill `home`: WPSTATE_HOME, a committed fleet of these sites with the old plugin, what ssh and
    ansible-playbook need. `env`: of what measures the other sites."""
    home.mkdir()
    place = Place(
        home,
        {
            **env,
            "HOME": str(home),
            "WPSTATE_HOME": str(home),
            "WPSTATE_FLEET": str(home / "fleet"),
            "ANSIBLE_SSH_ARGS": f"-F {home}/ssh_config -o ControlMaster=auto -o ControlPersist=60",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(home / "cp"),
        },
    )
    sort, key = (LAB_ROOT / "keys" / "host_ed25519.pub").read_text().split()[:2]
    hosts = {site.account: site for site in several}.values()
    (home / "known_hosts").write_text(
        "".join(f"[{site.address}]:{PORT} {sort} {key}\n" for site in hosts)
    )
    place.ssh_config.write_text(
        "".join(
            f"Host {site.user}\n  HostName {site.address}\n  User {site.user}\n" for site in hosts
        )
        + f"Host *\n  Port {PORT}\n  IdentityFile {KEY}\n  IdentitiesOnly yes\n  BatchMode yes\n"
        f"  UserKnownHostsFile {home}/known_hosts\n  StrictHostKeyChecking yes\n"
    )
    place.inventory.write_text(
        "all:\n  hosts:\n"
        + "".join(
            f"    {s.name}: {{ansible_host: {s.user}, wp_path: {s.wp_path}, url: '{s.url}', "
            f"ansible_python_interpreter: /usr/bin/python3}}\n"
            for s in several
        )
    )
    write_fleet(place, several, {})
    return place


def write_fleet(place: Place, several: Sequence[ManySite], versions: Mapping[str, str]) -> None:
    """And lock and commit it. `versions`: of the plugin, for sites that get another one."""
    fleet = place.fleet
    for folder in ("sites", "profiles"):
        (fleet / folder).mkdir(parents=True, exist_ok=True)
    (fleet / "fleet.yml").write_text(
        "name: bench-many\n"
        'wordpress_org: {api: "http://127.0.0.1:18080", downloads: "http://127.0.0.1:18080"}\n'
        "freeze: {at_most: 60s}\nlook: {timeout: 30s}\nbrake: {share: 100%, exempt: 200}\n"
    )
    (fleet / "catalog.yml").write_text(f"core: 7.1.1\nplugins:\n  lab-guestbook: {OLD}\n")
    (fleet / "hosts.yml").write_text(
        "all:\n  hosts:\n"
        + "".join(
            f"    {s.name}: {{ansible_host: {s.address}, ansible_port: {PORT}, "
            f"ansible_user: {s.user}, wp_path: {s.wp_path}}}\n"
            for s in several
        )
    )
    theirs = "".join(f"  {slug}: client\n" for slug in ("akismet", "hello", *PLUGINS))
    (fleet / "profiles" / "care.yml").write_text(
        f"core: approved\noptions: {{blogname: Bench fleet}}\nplugins:\n"
        f"  lab-guestbook: approved\n{theirs}"
    )
    for site in several:
        asked = versions.get(site.name)
        pin = f"plugins: {{lab-guestbook: {{version: {asked}, why: bench}}}}\n" if asked else ""
        (fleet / "sites" / f"{site.name}.yml").write_text(
            f"client: bench\nurl: {site.url}\nprofiles: [care]\n{pin}checks: {{/: Bench fleet}}\n"
        )
    subprocess.run((WPSTATE, "lock"), env=dict(place.env), capture_output=True, check=True)
    if not (fleet / ".git").is_dir():
        git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(
        place,
        "-c",
        "user.name=bench",
        "-c",
        "user.email=bench@example.test",
        "commit",
        "-qm",
        "as asked",
    )


def git(place: Place, *words: str) -> None:
    subprocess.run(("git", "-C", place.fleet, *words), env=dict(place.env), check=True)


def many_sites(verb: str, *names: str) -> None:
    subprocess.run((BENCH / "many_sites.sh", verb, *names), check=True)
