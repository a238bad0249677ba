"""A host that lies: a real sshd whose account's `php` is a program of an attacker's.

What wpstate makes of it is left to the tests.
"""

import json
import sys
from pathlib import Path

from tests.integration.own_sshd import OwnSshd
from wpstate.model.site import Host, Site, SiteId

_PROGRAM = """#!{python} -I
import base64, json, os, re, sys, time
asked = sys.stdin.read()
nonce = (re.search(r"wpstate_nonce = '([0-9a-f]+)'", asked) or [None, None])[1]
found = re.search(r"wpstate_request = '([A-Za-z0-9+/=]+)'", asked)
request = json.loads(base64.b64decode(found[1])) if found and not nonce else {{}}
out = sys.stdout.buffer


def probe(document, nonce=request.get("nonce")):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    out.write(b"\\nwpstate-%s begin %d\\n" % (nonce.encode(), len(data)) + data)
    out.write(b"\\nwpstate-%s end\\n" % nonce.encode())


def answer(said, nonce=nonce):
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    out.write(b"\\n%s %d\\n" % (nonce.encode(), len(data)) + data + b"\\n")


given = json.loads({given!r})
{does}
out.flush()
"""


class HostileHost:
    """One account; each of its programs is a site's `php`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.sshd = OwnSshd(folder)
        self.sshd.start()
        # What the controller trusts: it has met this host before it was broken into.
        key = (folder / "host.pub").read_text().rpartition(" ")[0]
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(f"[127.0.0.1]:{self.sshd.port} {key}\n")
        self.wp_path = folder / "wordpress"
        self.wp_path.mkdir()

    def php(self, name: str, does: str, given: object = None) -> Path:
        """A program that reads what it is asked and does this with `probe`, `answer`, `out`."""
        path = self._folder / f"php-{name}"
        text = _PROGRAM.format(python=sys.executable, does=does, given=json.dumps(given))
        path.write_text(text)
        path.chmod(0o755)
        return path

    def site(self, php: Path, name: str = "evil") -> Site:
        host = Host(self.sshd.account, str(self.wp_path), str(php))
        return Site(SiteId(name), host, "http://127.0.0.1:9")

    def stop(self) -> None:
        self.sshd.stop()
