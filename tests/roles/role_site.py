"""A lab site and the playbooks on it: variables as the workflows make them, WP-CLI to ask the site.

WP-CLI shares no code with wpstate: it is what the tests believe.
"""

import hashlib
import json
import pwd
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.integration.lab_site import LAB_ROOT, LabSite
from wpstate.adapters.ansible import AnsiblePlaybooks
from wpstate.adapters.ansible_files import Connection
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

TOKEN = "d1c0ffee" * 8
CONNECTION = Connection(
    (LAB_ROOT / "controller" / "known_hosts",), LAB_ROOT / "keys" / "controller_ed25519"
)


@dataclass(frozen=True)
class RoleSite:
    lab: LabSite
    run: str = "role-test"
    other_run_dir: Path | None = None
    """Where the run's folder lies instead of the site's state folder."""
    content_dir: Path | None = None
    """Where the roles are told that content lies instead of in the WordPress folder."""

    @property
    def account(self) -> pwd.struct_passwd:
        return pwd.getpwuid((self.lab.path / "index.php").stat().st_uid)

    @property
    def site(self) -> Site:
        account = Account("127.0.0.1", 22022, self.account.pw_name)
        return Site(SiteId(self.lab.name), Host(account, str(self.lab.path)), self.lab.url)

    @property
    def state_dir(self) -> Path:
        key = hashlib.sha256(str(self.lab.path).encode()).hexdigest()[:16]
        return Path(self.account.pw_dir) / ".wpstate" / key

    @property
    def run_dir(self) -> Path:
        return self.other_run_dir or self.state_dir / "runs" / self.run

    def make_run_dir(self) -> None:
        """As the safety net does when it takes the lock."""
        self.run_dir.mkdir(parents=True, mode=0o700, exist_ok=True)
        for path in (self.run_dir, *self.run_dir.parents):
            if path == Path(self.account.pw_dir):
                break
            shutil.chown(path, self.account.pw_uid, self.account.pw_gid)

    def facts(self, **other: object) -> Json:
        return {
            "run": self.run,
            "run_dir": str(self.run_dir),
            "state_dir": str(self.state_dir),
            "wp_path": str(self.lab.path),
            "content_dir": str(self.content_dir or self.lab.path / "wp-content"),
            "plugins_dir": str(self.lab.plugins),
            "php": "php",
            "token": TOKEN,
            "timeout_s": 60,
            **other,
        }

    def stage(
        self, *artifacts: Json, core_files: Json | None = None, check: bool = False
    ) -> PlaybookResult:
        stage: Json = {"artifacts": list(artifacts), "core_files": core_files}
        variables: Json = {"wpstate": self.facts(), "stage": stage}
        return playbooks().run("stage", self.site, variables, 120, check=check)

    def apply(self, variables: Json, *, check: bool = False) -> PlaybookResult:
        return playbooks().run("apply", self.site, variables, 120, check=check)

    def apply_vars(
        self, *plugins: Json, core: Json | None = None, upgrade: bool = False, **facts: object
    ) -> Json:
        return {
            "wpstate": self.facts(**facts),
            "core": core,
            "packages": list(plugins),
            "boot": {"upgrade_database": upgrade},
        }

    def in_wordpress(
        self, kind: str, asked: Json, *differences: tuple[str, str, str], check: bool = False
    ) -> PlaybookResult:
        """One kind's part of the start of WordPress; `differences` as a plan tells them."""
        variables = self.apply_vars()
        variables["kinds"] = {kind: {**asked, "in_wordpress": True}}
        told = [
            {"kind": kind, "name": f"{kind}.{name}", "before": before, "after": after}
            for name, before, after in differences
        ]
        variables["boot"] = {"upgrade_database": False, "differences": told}
        return self.apply(variables, check=check)

    def wp(self, *command: str) -> str:
        """Ask WP-CLI, as the site's account."""
        phar = str(LAB_ROOT / "cache" / "wp-cli.phar")
        argv = ("runuser", "-u", self.account.pw_name, "--", "php", phar)
        asked = (*argv, f"--path={self.lab.path}", *command)
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()

    def plugins(self) -> dict[str, tuple[str, str]]:
        """Slug to version and status, as WP-CLI lists them."""
        listed = json.loads(self.wp("plugin", "list", "--format=json"))
        return {p["name"]: (p["version"], p["status"]) for p in listed}

    def tree(self) -> dict[str, str]:
        """Every file below the site with the sha256 of its bytes, links as where they lead."""
        return {
            str(path.relative_to(self.lab.path)): str(path.readlink())
            if path.is_symlink()
            else hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.lab.path.rglob("*"))
            if path.is_symlink() or path.is_file()
        }


def boot_changed(result: PlaybookResult, kind: str) -> object:
    """The names that a kind said it changed in WordPress."""
    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    return boot["kinds"][kind]


def boot_diff(result: PlaybookResult) -> list[str]:
    """The lines of the diff that are not the same before and after, as `-old` and `+new`."""
    assert result.ok, result.failure
    diff = dict(result.results)["Start WordPress once"]["diff"]
    assert isinstance(diff, dict)
    before, after = (str(diff[end]).splitlines() for end in ("before", "after"))
    gone = [f"-{line}" for line in before if line not in after]
    return [*gone, *(f"+{line}" for line in after if line not in before)]


def playbooks() -> AnsiblePlaybooks:
    return AnsiblePlaybooks(CONNECTION)


def artifact(slug: str, version: str, **other: object) -> Json:
    core = slug == "wordpress"
    name = f"core/wordpress-{version}" if core else f"plugins/{slug}.{version}"
    file = LAB_ROOT / "wporg" / f"{name}.zip"
    return {
        "kind": "core" if core else "plugins",
        "slug": slug,
        "version": version,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "file": str(file),
        "old_files": None,
        **other,
    }


def plugin(slug: str, action: str, version: str | None, **other: object) -> Json:
    return {
        "kind": "plugins",
        "slug": slug,
        "file": f"{slug}/{slug}.php",
        "action": action,
        "version": version,
        "active": None,
        "was_active": False,
        "purge_data": False,
        **other,
    }


def theme_artifact(slug: str, version: str, **other: object) -> Json:
    file = LAB_ROOT / "wporg" / "themes" / f"{slug}.{version}.zip"
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    named = {"kind": "themes", "slug": slug, "version": version, "old_files": None}
    return {**named, "sha256": sha256, "file": str(file), **other}


def theme(slug: str, action: str, version: str | None, **other: object) -> Json:
    return {**plugin(slug, action, version), "kind": "themes", "file": None, **other}


def shipped_files(version: str) -> list[str]:
    file = LAB_ROOT / "wporg" / "core" / f"wordpress-{version}.zip"
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    return [name.removeprefix("wordpress/") for name in names if not name.endswith("/")]
