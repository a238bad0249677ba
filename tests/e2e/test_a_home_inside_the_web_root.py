"""An account whose home is the web root itself: its state folder is hidden there, and a run is made
only where the web server proves that it gives nothing of it away."""

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import LAB, Site
from tests.oracle.whole import unlike

pytestmark = pytest.mark.xdist_group("atelier")

_NGINX = LAB / "etc" / "nginx.conf"
_SERVES = """<?php
// As a web server does that runs as the account itself.
$file = __DIR__ . '/../atelier' . strtok( $_SERVER['REQUEST_URI'], '?' );
is_file( $file ) ? readfile( $file ) : http_response_code( 404 );
"""


@pytest.fixture
def site(take: Take, fleet: Fleet, tmp_path: Path) -> Iterator[Site]:
    """The atelier, reached by an sshd that gives its account the web root for a home."""
    (found,) = take("atelier")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    text = (LAB / "etc" / "sshd_config").read_text("utf-8")
    text = re.sub(r"^Port .*$", f"Port {port}", text, flags=re.MULTILINE)
    text = re.sub(r"^PidFile .*$", "PidFile none", text, flags=re.MULTILINE)
    config = tmp_path / "sshd_config"
    config.write_text(f"{text}Match User {found.account}\n    SetEnv HOME={found.wp_path}\n")
    with (tmp_path / "sshd.log").open("wb") as log:
        sshd = subprocess.Popen(("/usr/sbin/sshd", "-D", "-e", "-f", config), stderr=log)
    hosts = fleet.folder / "hosts.yml"
    text = hosts.read_text("utf-8")
    user = f"ansible_user: {found.account}\n"
    hosts.write_text(text.replace(user, f"{user}      ansible_port: {port}\n"), "utf-8")
    try:
        _until_it_answers(port)
        fleet.wpstate("trust", "atelier", "--yes")
        yield found
    finally:
        sshd.terminate()
        sshd.wait(5)


def _until_it_answers(port: int) -> None:
    give_up_at = time.monotonic() + 10
    while True:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


@contextmanager
def served(site: Site) -> Iterator[None]:
    """The web server gives away whatever lies in the web root."""
    script = site.root.parent / "serves" / "file.php"
    script.parent.mkdir()
    script.write_text(_SERVES, "utf-8")
    kept = _NGINX.read_text("utf-8")
    root = f"        root {site.wp_path};\n"
    location = (
        f"        location ^~ /.wpstate- {{ fastcgi_pass unix:{LAB}/run/php-atelier.sock;"
        f" fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param REQUEST_METHOD GET;"
        " fastcgi_param REQUEST_URI $request_uri; fastcgi_param REDIRECT_STATUS 200; }\n"
    )
    assert root in kept
    try:
        _NGINX.write_text(kept.replace(root, root + location), "utf-8")
        _reload()
        yield
    finally:
        _NGINX.write_text(kept, "utf-8")
        _reload()
        script.unlink()
        script.parent.rmdir()


def _reload() -> None:
    os.kill(int((LAB / "run" / "nginx.pid").read_text()), signal.SIGHUP)
    time.sleep(1)


def hidden(site: Site) -> list[Path]:
    return sorted(site.wp_path.glob(".wpstate*"))


def version_of(site: Site) -> str:
    return site.wp("plugin", "get", "lab-guestbook", "--field=version")


def test_a_run_is_made_where_it_stays_private(site: Site, fleet: Fleet) -> None:
    told = fleet.wpstate("doctor", "atelier", "--format", "json").json[0]
    assert told["fit"] == "full"
    (private,) = (one for one in told["tried"] if one["need"] == "private")
    assert private["found"] in ("answered with 403", "answered with 404")
    assert hidden(site) == []

    fleet.pin("atelier", "lab-guestbook", "1.1")
    before = site.whole()
    running = fleet.start("apply", "atelier", "--yes")
    until(running, "post-check")
    running.kill()
    running.communicate(timeout=30)
    link, folder = sorted(hidden(site), key=lambda path: not path.is_symlink())
    assert re.fullmatch(r"\.wpstate-[0-9a-f]{32}", folder.name)
    assert not link.exists(), "it leads nowhere"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "lock").is_dir()
    fleet.wpstate("recover", "atelier")
    assert version_of(site) == "1.0"
    assert [line for line in unlike(before, site.whole()) if "./.wpstate-" not in line] == []

    fleet.wpstate("apply", "atelier", "--yes")
    assert version_of(site) == "1.1"
    assert not list(folder.glob("proof-*"))
    # Another controller finds the same folder.
    fleet.forget()
    fleet.wpstate("plan", "atelier", "--detailed-exitcode", code=0)
    assert hidden(site) == sorted((link, folder))
    fleet.wpstate("rollback", "atelier", "--yes")
    assert version_of(site) == "1.0"


def test_it_is_refused_where_visitors_could_fetch_from_it(site: Site, fleet: Fleet) -> None:
    fleet.pin("atelier", "lab-guestbook", "1.1")
    with served(site):
        told = fleet.wpstate("doctor", "atelier", code=3)
        assert told.slugs() == {"host.state_public"}
        assert "location ~ /\\.wpstate { deny all; }" in told.out
        refused = fleet.wpstate("apply", "atelier", "--yes", code=3)
        assert refused.slugs() == {"host.state_public"}
        assert not re.search(r"\.wpstate-[0-9a-f]", refused.out + refused.err)
        assert hidden(site) == []
    fleet.wpstate("apply", "atelier", "--yes")
    kept = hidden(site)
    fleet.pin("atelier", "lab-guestbook", "1.0")
    with served(site):
        assert "host.state_public" in fleet.wpstate("apply", "atelier", "--yes", code=3).slugs()
    assert hidden(site) == kept
    assert version_of(site) == "1.1"


def test_the_host_itself_begins_no_run_that_nobody_proved_private(site: Site, fleet: Fleet) -> None:
    fleet.pin("atelier", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "atelier", "--yes")
    (marker,) = site.wp_path.glob(".wpstate-*/private")
    (program,) = marker.parent.glob("runs/*/net.sh")
    marker.unlink()
    acquire = ("runuser", "-u", site.account, "--", "env", f"HOME={site.wp_path}", "sh", program)
    said = subprocess.run((*acquire, "acquire"), capture_output=True, text=True).stdout
    assert said.startswith("error=net.state_public\n")
    assert not (marker.parent / "lock").exists()
