"""The fleet folder of a simulated fleet: as many site files as asked, each of which asks what the
recorded site is, so that all that answer are in sync.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.simulated.answers import RECORDED
from wpstate.adapters.fleet_files import read_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.site import Site

_PROFILE = """\
offer: Simulated
core: {core}
{plugins}options:
  posts_per_page: 10
  thread_comments_depth: 5
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """One simulated site: where its account is."""

    name: str
    address: str
    port: int
    user: str

    @property
    def wp_path(self) -> str:
        return f"/home/{self.user}/{self.name}"


def write_folder(folder: Path, sites: Sequence[Placed]) -> None:
    """A fleet of these sites that answer as recorded.json says."""
    (folder / "profiles").mkdir(parents=True)
    (folder / "sites").mkdir()
    site = _recorded_site()
    core, plugins = site["core"]["version"], _active_plugins(site)
    (folder / "fleet.yml").write_text("name: simulated\nfreeze: {at_most: 60s}\n")
    asked = _plugins(dict.fromkeys(plugins, "approved"))
    (folder / "profiles/simulated.yml").write_text(_PROFILE.format(core=core, plugins=asked))
    approved = _plugins({slug: plugin["version"] for slug, plugin in plugins.items()})
    (folder / "catalog.yml").write_text(f"core: {core}\n{approved}")
    (folder / "catalog.lock.yml").write_text(_lock(site))
    hosts = [
        f"    {at.name}: {{ansible_host: {at.address}, ansible_port: {at.port}, "
        f"ansible_user: {at.user}, wp_path: {at.wp_path}}}\n"
        for at in sites
    ]
    (folder / "hosts.yml").write_text("all:\n  hosts:\n" + "".join(hosts))
    for at in sites:
        (folder / f"sites/{at.name}.yml").write_text(
            f"client: simulated\nurl: http://{at.name}.example\nprofiles: [simulated]\n"
        )


def questions(site: Site) -> DesiredState:
    """What the simulated fleet asks of each site, of this one."""
    with tempfile.TemporaryDirectory() as made:
        write_folder(Path(made), [Placed(site.id, "127.0.0.1", 22, "nobody")])
        return replace(compose(read_fleet(Path(made))).sites[0], site=site)


def _recorded_site() -> dict[str, Any]:
    if not RECORDED.exists():  # while it is made
        return {"core": {"version": "7.1.1", "db_version": 1}, "plugins": []}
    return dict(json.loads(RECORDED.read_text("utf-8"))["site"])


def _active_plugins(site: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {
        plugin["file"].partition("/")[0].removesuffix(".php"): plugin
        for plugin in site["plugins"]
        if plugin["active"]
    }


def _plugins(words: Mapping[str, str]) -> str:
    lines = "".join(f"  {slug}: {word}\n" for slug, word in words.items())
    return f"plugins:\n{lines}" if lines else ""


def _lock(site: dict[str, Any]) -> str:
    """No byte of these is ever fetched: nothing is changed on a simulated site."""
    lines = "".join(
        f"  {slug}:\n    {plugin['version']}:\n      sha256: {0:064x}\n"
        f"      identity: {{author: {json.dumps(plugin['author'])}, "
        f"text_domain: {plugin['text_domain']}}}\n"
        for slug, plugin in _active_plugins(site).items()
    )
    version, database = site["core"]["version"], site["core"]["db_version"]
    core = f"core:\n  {version}:\n    sha256: {0:064x}\n    database: {database}\n"
    return f"{core}plugins:\n{lines}" if lines else core
