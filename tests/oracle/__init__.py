"""An oracle of its own for a lab site: OpenSSH's client, find, sha256sum and the database client.

It imports nothing of wpstate, so that it cannot share wpstate's mistakes.
"""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

_LAB = Path("/var/lib/wpstate-lab")
_HOME = os.environ.get("WPSTATE_HOME", str(_LAB / "controller"))
_KEY = os.environ.get("WPSTATE_SSH_KEY", str(_LAB / "keys/controller_ed25519"))


@dataclass(frozen=True)
class LabSite:
    name: str
    account: str
    prefix: str = "wp_"
    neighbour: str = ""
    """The longer prefix of another site in the same database."""

    @property
    def wp_path(self) -> str:
        return f"{_LAB}/homes/{self.account}/www/{self.name}"

    def sh(self, script: str, *arguments: str, check: bool = True) -> str:
        """Run a script as the site's account; what it printed."""
        done = subprocess.run(
            (
                "ssh", "-q", "-p", "22022", "-i", _KEY, "-o", "IdentitiesOnly=yes",
                "-o", f"UserKnownHostsFile={_HOME}/known_hosts", "-o", "BatchMode=yes",
                f"{self.account}@127.0.0.1", shlex.join(("sh", "-s", "--", *arguments)),
            ),
            input=script, capture_output=True, encoding="utf-8", errors="surrogateescape",
            check=False, timeout=120,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statements: str) -> str:
        """Run statements as the site's database user."""
        return self.sh(
            "c=$1/wp-config.php; of() { sed -n \"s/^define( '$1', '\\(.*\\)' );/\\1/p\" \"$c\"; }\n"
            'export MYSQL_PWD="$(of DB_PASSWORD)"; a=$(of DB_HOST)\n'
            'exec mariadb --no-defaults -N -B -h "${a%:*}" -P "${a#*:}" -u "$(of DB_USER)" '
            '--default-character-set=utf8mb4 "$(of DB_NAME)" -e "$2"\n',
            self.wp_path,
            statements,
        )

    def tree(self) -> str:
        return self.sh(_script("tree.sh"), self.wp_path)

    def tables(self) -> str:
        arguments = (f"{self.wp_path}/wp-config.php", self.prefix, self.neighbour)
        return self.sh(_script("tables.sh"), *filter(None, arguments))

    def reset(self) -> None:
        """Put the lab's site back to how the build left it."""
        lab = Path(__file__).parents[2] / "script" / "lab"
        subprocess.run((lab, "reset", self.name), check=True, capture_output=True, timeout=60)


def _script(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
