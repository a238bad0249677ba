"""What the safety net's program is told about one run, its site and its controller."""

import re
from urllib.parse import urlsplit

from wpstate.adapters import controller_process
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import bundle
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site


def upload(
    site: Site, observed: ObservedState, run: str, controller: str, *, attended: bool
) -> bytes:
    """The program with its settings, as a tar. Raises Failed (`net.untrusted`)."""
    paths, database = observed.paths, observed.database
    settings = {
        "run": run,
        "controller": re.sub(r"[^A-Za-z0-9_.@:-]", "_", controller)[:100],
        "php": site.host.php,
        "wp_path": site.host.wp_path,
        "url": site.url,
        "url_host": urlsplit(site.url).netloc,
        "config": paths.config if paths else "",
        "content": paths.content if paths else "",
        "plugins": paths.plugins if paths else "",
        "uploads": paths.uploads if paths else "",
        "prefix": database.prefix if database else "",
        "client": site.host.database_client,
        "machine": controller_process.machine(),
        "process": controller_process.process(),
        "attended": "yes" if attended else "",
    }
    for name, value in settings.items():
        if any(ord(char) < 32 for char in value):
            raise untrusted(site.id, f"{name} holds a control character")
    return bundle(settings, database.foreign_tables if database else ())
