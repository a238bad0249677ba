"""A host is gone: people hear of it once, for all its sites; who knows says so and hears no more;
and whether they could be told changes nothing about the pass."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.fleet import Fleet, new_fleet
from tests.receivers import Web, web

_SITES = ("atelier", "blog", "shop")
_TELL = """tell:
  to:
    agency: {secret: {env: WPSTATE_SECRET_AGENCY}}
    desk: {secret: {env: WPSTATE_SECRET_DESK}}
  tickets: desk
  digest: daily 08:00 Europe/Paris
  heartbeat: {secret: {env: WPSTATE_SECRET_BEAT}}
"""


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as running:
        yield running


@pytest.fixture
def gone(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet whose host answers on no port."""
    fleet = new_fleet(tmp_path)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        hosts = fleet.folder / "hosts.yml"
        port = f"ansible_port: {closed.getsockname()[1]}"
        hosts.write_text(hosts.read_text().replace("ansible_port: 22022", port))
        with (fleet.folder / "fleet.yml").open("a") as file:
            file.write(_TELL)
        yield fleet


def test_one_message_for_a_host_until_somebody_knows(gone: Fleet, server: Web) -> None:
    base = f"127.0.0.1:{server.port}"
    addresses = {
        "WPSTATE_SECRET_AGENCY": f"json://hunter2@{base}/agency",
        "WPSTATE_SECRET_DESK": f"json://{base}/desk",
        "WPSTATE_SECRET_BEAT": f"http://{base}/beat/hunter2",
    }
    ran = gone.wpstate("reconcile", "--once", *_SITES, code=3, **addresses)
    assert "Told: lab: Site down: the host does not answer" in ran.err
    assert sorted(path for _, path, _ in server.requests) == ["/agency", "/beat/hunter2", "/desk"]
    (message,) = [body["message"] for _, path, body in server.requests if path == "/agency"]
    assert all(f"  {site}" in message for site in _SITES)
    gone.wpstate("reconcile", "--once", *_SITES, "--dry-run", code=3, **addresses)
    assert len(server.requests) == 3
    gone.wpstate("reconcile", "--once", *_SITES, code=3, **addresses)
    assert [path for _, path, _ in server.requests[3:]] == ["/beat/hunter2"]

    (lasting,) = gone.wpstate("acknowledge", "--list", "--format", "json").json
    assert sorted(lasting["sites"]) == [*_SITES]
    cause = lasting["cause"]
    completed = gone.wpstate(_WPSTATE_COMPLETE="bash_complete", COMP_CWORD="2",
                             COMP_WORDS="wpstate acknowledge site_do")  # fmt: skip
    assert completed.out.strip() == f"plain,{cause}"
    words = ("--until", "3d", "--why", "the host moves")
    told = gone.wpstate("acknowledge", cause, *words).out
    assert "until" in told
    assert "the host moves" in told
    planned = gone.wpstate("plan", "atelier", code=3).out
    assert "on 3 sites: acknowledged by" in planned
    assert "nothing of this name" in gone.wpstate("acknowledge", "bakery", *words, code=64).err
    gone.wpstate("acknowledge", cause, "--until", "3d", code=64)
    gone.wpstate("acknowledge", cause, "--withdraw")
    gone.wpstate("acknowledge", cause, "--withdraw", code=64)

    for file in gone.home.rglob("*"):
        assert not file.is_file() or b"hunter2" not in file.read_bytes()
    assert "hunter2" not in ran.out + ran.err


def test_a_service_tells_too(gone: Fleet, server: Web) -> None:
    address = f"json://127.0.0.1:{server.port}/agency"
    running = gone.start("reconcile", "--every", "1h", WPSTATE_SECRET_AGENCY=address)
    assert running.stderr
    while "the next pass begins" not in running.stderr.readline():
        assert running.poll() is None
    running.terminate()
    running.communicate()
    assert {path for _, path, _ in server.requests} == {"/agency"}


def test_a_pass_is_a_pass_though_nobody_could_be_told(gone: Fleet) -> None:
    ran = gone.wpstate("reconcile", "--once", "atelier", code=3, WPSTATE_SECRET_AGENCY="hunter2")
    assert ran.slugs() == {"notice.unsent", "notice.heartbeat"}
    assert "Pass: 0 of 1 sites in sync." in ran.out
    assert "the variable is not set" in ran.err
    assert "hunter2" not in ran.out + ran.err
