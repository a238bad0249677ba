"""Secrets from the places where they are kept, each a real one."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from wpstate.adapters.downloads import download
from wpstate.adapters.secrets import KeptSecrets, taken_from
from wpstate.model.problem import Failed, Refused
from wpstate.model.secret import Secret, SecretHeader, SecretReference

WORD = "correct horse battery staple"


@pytest.fixture
def kept(tmp_path: Path) -> KeptSecrets:
    (tmp_path / "secrets" / "clients").mkdir(parents=True)
    (tmp_path / "fleet").mkdir()
    (tmp_path / "password").write_text("vault word\n")
    return KeptSecrets(
        tmp_path / "secrets",
        environment={"WPSTATE_SECRET_A": WORD, "WPSTATE_SECRET_LINES": "a\nb"},
        fleet_folder=tmp_path / "fleet",
        vault_password=tmp_path / "password",
    )


def revealed(kept: KeptSecrets, source: str, name: str) -> str:
    return kept.reveal(SecretReference(source, name)).reveal()


def refused(kept: KeptSecrets, source: str, name: str) -> str:
    with pytest.raises(Refused) as caught:
        kept.reveal(SecretReference(source, name))
    (problem,) = caught.value.problems
    assert "horse" not in repr(problem)
    assert "vault word" not in repr(problem)
    return problem.slug


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)


def vault(path: Path, text: str, password: Path) -> None:
    """As `ansible-vault encrypt` writes it."""
    command = Path(sys.executable).with_name("ansible-vault")
    words = ("encrypt", "--vault-password-file", password, "--output", path, "-")
    environment = {"PATH": os.environ["PATH"], "HOME": str(path.parent), "LANG": "C.UTF-8"}
    subprocess.run(
        (command, *words), input=text, text=True, check=True, capture_output=True, env=environment
    )


def test_from_the_environment(kept: KeptSecrets) -> None:
    assert revealed(kept, "env", "WPSTATE_SECRET_A") == WORD
    assert refused(kept, "env", "WPSTATE_SECRET_B") == "secret.missing"
    assert refused(kept, "env", "WPSTATE_SECRET_LINES") == "secret.value"


def test_no_program_inherits_what_was_taken_from_the_environment() -> None:
    environment = {"WPSTATE_SECRET_A": WORD, "WPSTATE_HOME": "/h", "PATH": "/bin"}
    assert taken_from(environment) == {"WPSTATE_SECRET_A": WORD}
    assert environment == {"WPSTATE_HOME": "/h", "PATH": "/bin"}


def test_from_a_file(kept: KeptSecrets, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "clients" / "gate").write_text(f"{WORD}\n")
    (tmp_path / "secrets" / "two").write_text(f"{WORD}\n{WORD}\n")
    (tmp_path / "secrets" / "out").symlink_to(tmp_path / "password")
    assert revealed(kept, "file", "clients/gate") == WORD
    assert refused(kept, "file", "nothing") == "secret.missing"
    assert refused(kept, "file", "clients") == "secret.missing"
    assert refused(kept, "file", "two") == "secret.value"
    assert refused(kept, "file", "out") == "secret.missing"


def test_from_a_command(kept: KeptSecrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WPSTATE_SECRET_OTHER", "not for programs")
    folder = tmp_path / "secrets"
    program(folder / "gate", f"test -z \"$WPSTATE_SECRET_OTHER\" && echo '{WORD}'")
    program(folder / "fails", f"echo '{WORD}'; echo '{WORD}' >&2; exit 3")
    (folder / "data").write_text(WORD)
    assert revealed(kept, "command", "gate") == WORD
    assert refused(kept, "command", "fails") == "secret.missing"
    assert refused(kept, "command", "data") == "secret.missing"
    assert refused(kept, "command", "nothing") == "secret.missing"


def test_a_secret_is_fetched_once(kept: KeptSecrets, tmp_path: Path) -> None:
    program(tmp_path / "secrets" / "gate", f"echo x >> {tmp_path}/asked; echo '{WORD}'")
    for _ in range(3):
        assert revealed(kept, "command", "gate") == WORD
    assert (tmp_path / "asked").read_text() == "x\n"


def test_from_a_vault(kept: KeptSecrets, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet"
    vault(fleet / "all.yml", f"gate: {WORD}\nnumber: 5\n", tmp_path / "password")
    (tmp_path / "other").write_text("another word\n")
    vault(fleet / "other.yml", f"gate: {WORD}\n", tmp_path / "other")
    (fleet / "plain.yml").write_text(f"gate: {WORD}\n")
    (fleet / "link.yml").symlink_to(tmp_path / "other")
    assert WORD not in (fleet / "all.yml").read_text()
    assert revealed(kept, "vault", "all.yml#gate") == WORD
    assert refused(kept, "vault", "all.yml#number") == "secret.missing"
    assert refused(kept, "vault", "all.yml#other") == "secret.missing"
    assert refused(kept, "vault", "other.yml#gate") == "secret.vault"
    assert refused(kept, "vault", "plain.yml#gate") == "secret.vault"
    assert refused(kept, "vault", "nothing.yml#gate") == "secret.missing"
    assert refused(kept, "vault", "link.yml#gate") == "secret.missing"


class _Mirror(http.server.BaseHTTPRequestHandler):
    """Serves those who say the word, and leads away those who ask for /away."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == f"Bearer {WORD}"
        self.send_response(302 if self.path == "/away" else 200 if known else 403)
        if self.path == "/away":
            self.send_header("Location", "http://localhost:9/elsewhere")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_mirror_hears_the_word_and_no_error_repeats_it(mirror: str) -> None:
    kept = SecretReference("env", "WPSTATE_SECRET_A")
    auth = SecretHeader("Authorization", kept, bearer=True).filled(Secret(WORD))
    got = BytesIO()
    assert download(f"{mirror}/a.zip", got.write, at_most_bytes=9, within_s=5, auth=auth)
    assert got.getvalue() == b"bytes"
    for path, given in (("a.zip", None), ("away", auth)):
        with pytest.raises(Failed) as caught:
            download(f"{mirror}/{path}", got.write, at_most_bytes=9, within_s=5, auth=given)
        assert WORD not in repr(caught.value.problems)
