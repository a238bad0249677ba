"""Planted secrets go where they are meant to go, and are found nowhere else."""

import base64
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, Ran
from tests.e2e.site import LAB, Site
from tests.faults.conftest import FULL
from tests.integration.test_secrets import program, vault

pytestmark = pytest.mark.xdist_group("shop")

# What a site hears it may send back: here as a warning on each page, once the plugin is new.
ECHO = """<?php
if ( PHP_SAPI !== 'cli' ) {
    file_put_contents( '%s', json_encode( getallheaders() ) . "\\n", FILE_APPEND );
    $plugin = file_get_contents( __DIR__ . '/../plugins/lab-guestbook/lab-guestbook.php' );
    if ( preg_match( '/Version:\\s*1\\.1/', $plugin ) ) {
        add_action( 'wp_footer', function () {
            $names = array( 'Authorization', 'X-File', 'X-Command', 'X-Vault', 'X-Wpstate-Token' );
            $heard = array_intersect_key( getallheaders(), array_flip( $names ) );
            echo "\\nWarning: " . implode( ' ', $heard ) . " in heard.php on line 1\\n";
        } );
    }
}
"""
LOOK = """look:
  auth: {user: agency, password: {secret: {env: WPSTATE_SECRET_SHOP}}}
  headers:
    X-File: {secret: {file: clients/shop}}
    X-Command: {secret: {command: shop.sh}}
    X-Vault: {secret: {vault: secrets.vault.yml#shop}}
"""
BEARER = "downloads: \\1, auth: {bearer: {secret: {env: WPSTATE_SECRET_MIRROR}}}}"


class Planted:
    """Ten secrets, each a text that stands nowhere else."""

    def __init__(self, fleet: Fleet, site: Site) -> None:
        names = ("basic", "file", "command", "vault", "vault password", "mirror")
        self.words = {name: f"w0rd-{secrets.token_hex(12)}" for name in names}
        w = self.words
        folder = fleet.home / "secrets"
        (folder / "clients").mkdir(parents=True)
        (folder / "clients" / "shop").write_text(w["file"] + "\n")
        (fleet.home / "secrets" / "word").write_text(w["command"] + "\n")
        program(folder / "shop.sh", f"cat {folder}/word")
        self.password_file = folder / "vault-password"
        self.password_file.write_text(w["vault password"])
        vault(fleet.folder / "secrets.vault.yml", f"shop: {w['vault']}\n", self.password_file)
        file = fleet.site_file("shop")
        file.write_text(file.read_text() + LOOK)
        text = (fleet.folder / "fleet.yml").read_text()
        text, done = re.subn(r'downloads: ("[^"]+")}', BEARER, text)
        assert done
        (fleet.folder / "fleet.yml").write_text(text)
        self.heard = site.state.parents[1] / "heard"
        self.heard.unlink(missing_ok=True)
        site.write("wp-content/mu-plugins/heard.php", ECHO % self.heard)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WPSTATE_SECRET_SHOP": self.words["basic"],
            "WPSTATE_SECRET_MIRROR": self.words["mirror"],
            "WPSTATE_VAULT_PASSWORD_FILE": str(self.password_file),
        }

    def learn(self, site: Site) -> None:
        """What only the run and the site know."""
        heard = self.heard.read_text()
        for name in ("basic", "file", "command", "vault"):
            word = self.words[name]
            coded = base64.b64encode(f"agency:{word}".encode()).decode()
            assert (coded if name == "basic" else word) in heard, f"{name} never reached the site"
        assert self.words["mirror"] not in heard
        (token,) = set(re.findall(r'"X-Wpstate-Token":"([0-9a-f]{64})"', heard))
        self.words["token"] = token
        config = (site.wp_path / "wp-config.php").read_text()
        self.words["database"] = re.findall(r"DB_PASSWORD', '([^']+)'", config)[0]
        self.words["salt"] = re.findall(r"AUTH_KEY', *'([^']+)'", config)[0]
        self.words["basic, coded"] = base64.b64encode(
            f"agency:{self.words['basic']}".encode()
        ).decode()
        key = (LAB / "keys" / "controller_ed25519").read_text().splitlines()
        self.words["ssh key"] = key[2]

    def found_in(self, text: str) -> list[str]:
        return [name for name, word in self.words.items() if word in text]


@contextmanager
def watched(seen: dict[str, str], own: int) -> Iterator[None]:
    """Command lines and environments of every process meanwhile, ours left out.

    A process that was just forked is still its parent, program and environment, until it runs
    its own; and ours may itself be `env` still when this begins.
    """
    over = threading.Event()

    def watch() -> None:
        program = b""
        while not over.wait(0.1):
            with suppress(OSError):
                program = Path(f"/proc/{own}/cmdline").read_bytes()
            for process in Path("/proc").glob("[0-9]*"):
                if process.name in (str(own), str(os.getpid())):
                    continue
                with suppress(OSError):
                    if (process / "cmdline").read_bytes() == program:
                        continue
                for name in ("cmdline", "environ"):
                    with suppress(OSError):
                        text = (process / name).read_bytes().decode("utf-8", "replace")
                        seen[f"{name} {text}"] = process.name

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def files_below(folder: Path, but: tuple[Path, ...] = ()) -> Iterator[Path]:
    for path in folder.rglob("*"):
        kept_out = any(path.is_relative_to(other) for other in but)
        if path.is_file() and not path.is_symlink() and not kept_out:
            yield path


def test_ten_secrets_are_found_nowhere(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    (fleet.home / "artifacts").unlink()  # bytes are fetched anew, with what the mirror asks
    planted = Planted(fleet, site)
    fleet.pin("shop", "lab-guestbook", "1.1")
    told: list[Ran] = []

    def asked(*words: str, code: int = 0) -> Ran:
        told.append(fleet.wpstate(*words, code=code, **planted.environment))
        return told[-1]

    asked("validate")
    asked("explain", "shop")
    asked("plan", "shop", "--out", str(fleet.folder / "shop.plan"))
    seen: dict[str, str] = {}
    running = fleet.start(
        "apply", str(fleet.folder / "shop.plan"), "--allow-dirty", **planted.environment
    )
    with watched(seen, running.pid):
        out, err = running.communicate(timeout=120)
    told.append(Ran(running.returncode, out, err))
    assert running.returncode == 4, out + err
    assert "php_warning" in out
    assert "Warning: *** *** *** Basic *** [token] in heard.php" in out, out
    for words in (("runs",), ("show", fleet.last_run("shop")["id"]), ("observe", "shop")):
        asked(*words)
        asked(*words, "--format", "json")
    if FULL:
        (site.wp_path / "wp-content/mu-plugins/heard.php").unlink()
        asked("release", "shop")
        asked("apply", "shop", "--yes", "--format", "json")
        asked("rollback", "shop", "--yes", "--format", "json", code=4)

    planted.learn(site)
    assert len(planted.words) >= 10
    for ran in told:
        assert planted.found_in(ran.out + ran.err) == []
    assert {at: pid for at, pid in seen.items() if planted.found_in(at)} == {}
    kept = fleet.home / "secrets"
    for path in (*files_below(fleet.folder), *files_below(fleet.home, (kept,))):
        assert planted.found_in(path.read_bytes().decode("latin-1")) == [], path
    # A snapshot holds the site's own wp-config.php; nothing else of a run is left on its host.
    del planted.words["database"], planted.words["salt"]
    for path in files_below(site.state):
        assert planted.found_in(path.read_bytes().decode("latin-1")) == [], path
    for folder in (Path("/dev/shm"), Path("/tmp")):
        for left in folder.glob("wpstate-*"):
            for path in files_below(left):
                assert planted.found_in(path.read_bytes().decode("latin-1")) == [], path
    planted.heard.unlink()


def test_a_secret_that_is_not_there_refuses_before_anything_is_changed(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    file = fleet.site_file("shop")
    file.write_text(file.read_text() + LOOK)
    before = site.whole()
    refused = fleet.wpstate("apply", "shop", "--yes", code=3)
    assert refused.slugs() == {"secret.missing"}
    site.assert_as(before)
