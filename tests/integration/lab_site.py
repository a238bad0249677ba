"""A lab site in a test's hands: its files as root sees them, its freeze written by hand."""

import hashlib
import json
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab_lease import lease, used

LAB_ROOT = Path("/var/lib/wpstate-lab")
CHECKOUT = Path(__file__).parents[2]
SAFETYNET = CHECKOUT / "wpstate" / "safetynet"


@dataclass(frozen=True)
class LabSite:
    name: str
    port: int
    path: Path
    database: str
    prefix: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def plugins(self) -> Path:
        return self.path / "wp-content" / "plugins"

    def freeze(self, token: str, at_s: int | None = None, manner: str | None = None) -> None:
        """Write `.maintenance` as the safety net does: the constant code, one line, a rename."""
        self._place("maintenance.php", ".maintenance", token, at_s, manner)

    def place_beacon(self, token: str, at_s: int | None = None) -> str:
        name = f"wpstate-{hashlib.sha256(token.encode()).hexdigest()[:24]}.php"
        self._place("beacon.php", name, token, at_s)
        return f"{self.url}/{name}"

    def thaw(self) -> None:
        (self.path / ".maintenance").unlink(missing_ok=True)
        for beacon in self.path.glob("wpstate-*.php"):
            beacon.unlink()

    def swap(self, slug: str, version: str, *, mtime_s: int | None = None) -> None:
        """Put a version of a plugin in place by two renames, as apply does."""
        new, old = self.plugins / f".new-{slug}", self.plugins / f".old-{slug}"
        with zipfile.ZipFile(LAB_ROOT / "wporg" / "plugins" / f"{slug}.{version}.zip") as archive:
            archive.extractall(new)
        owner = (self.path / "index.php").stat()
        for file in (new, *new.rglob("*")):
            shutil.chown(file, owner.st_uid, owner.st_gid)
        if mtime_s is not None:
            subprocess.run(
                ["find", new, "-type", "f", "-exec", "touch", "-d", f"@{mtime_s}", "{}", "+"],
                check=True,
            )
        (self.plugins / slug).rename(old)
        (new / slug).rename(self.plugins / slug)
        shutil.rmtree(old)
        new.rmdir()

    def command(self, line: str) -> tuple[int, str]:
        """Run a line of sh as the site's account; exit code and all that it said."""
        line = line.format(cli=LAB_ROOT / "cache" / "wp-cli.phar", wp=self.path)
        argv = ("runuser", "-l", self.path.owner(), "-s", "/bin/sh", "-c", line)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def mails(self) -> str:
        sink = LAB_ROOT / "log" / "mail" / self.name
        return sink.read_text() if sink.exists() else ""

    def rows(self, statement: str) -> str:
        command = ["mariadb", "--socket", LAB_ROOT / "run" / "mysqld.sock", "-N", self.database]
        return subprocess.run(
            command, input=statement, text=True, capture_output=True, check=True
        ).stdout

    def _place(
        self, code: str, name: str, token: str, at_s: int | None, manner: str | None = None
    ) -> None:
        line = {
            "at": int(time.time()) if at_s is None else at_s,
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "run": "test",
        } | ({} if manner is None else {"manner": manner})
        text = (
            f"{(SAFETYNET / code).read_text()}# wpstate {json.dumps(line, separators=(',', ':'))}\n"
        )
        owner = (self.path / "index.php").stat()
        temporary = self.path / f"{name}.new"
        temporary.write_text(text)
        shutil.chown(temporary, owner.st_uid, owner.st_gid)
        temporary.rename(self.path / name)


@contextmanager
def borrowed(name: str, *, reset: bool = False) -> Iterator[LabSite]:
    """The site for one test alone; thawed after it, and put back for the next where `reset`."""
    with lease(name):
        site = as_lab_site(name)
        try:
            yield site
        finally:
            site.thaw()
            if not reset:
                used(name).unlink(missing_ok=True)


def as_lab_site(name: str) -> LabSite:
    for line in (LAB_ROOT / "etc" / "sites.tsv").read_text().splitlines():
        found, _, port, _, _, path, database, prefix = line.split("\t")
        if found == name:
            return LabSite(name, int(port), Path(path), database, prefix)
    raise AssertionError(f"the lab has no site {name}: script/lab up")
