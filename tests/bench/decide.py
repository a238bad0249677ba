"""Deciding alone: a generated fleet's folder and recorded answers of its sites, to a plan of each.

    python -m tests.bench.decide FOLDER SITES

prints one line of JSON: CPU seconds and the most memory of a process of its own. Nothing is looked
at; what `wpstate plan` does beside is measured elsewhere.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from wpstate.adapters.fleet_files import read_fleet
from wpstate.cli.collector import look_seldom
from wpstate.desired.compose import compose
from wpstate.planning.build import build
from wpstate.resources.observation import observed_states

PLUGINS = 40
SITES_OF_AN_ACCOUNT = 50
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_SEED = 1


@dataclass(frozen=True, slots=True)
class Decided:
    sites: int
    cpu_s: float
    memory_bytes: int


def decided(sites: int) -> Decided:
    """Make a fleet of so many sites and decide about it in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="wpstate-bench-") as folder:
        make(Path(folder), sites)
        argv = (sys.executable, "-m", "tests.bench.decide", folder, str(sites))
        ran = subprocess.run(argv, check=True, capture_output=True, text=True)
    told = json.loads(ran.stdout)
    return Decided(sites, told["cpu_s"], told["memory_bytes"])


def make(folder: Path, sites: int) -> None:
    """A fleet of two profiles and sites with differences of their own, 40 plugins on each, and
    what the probe would have answered: three in four in sync, the others one version behind."""
    random = Random(_SEED)
    slugs = [f"plugin-{number:02}" for number in range(PLUGINS)]
    (folder / "profiles").mkdir()
    (folder / "sites").mkdir()
    (folder / "fleet.yml").write_text("name: many\n")
    lines = "".join(f"  {slug}: 1.{number}.1\n" for number, slug in enumerate(slugs))
    (folder / "catalog.yml").write_text(f"core: 7.1.1\nplugins:\n{lines}")
    (folder / "catalog.lock.yml").write_text(_lock(slugs))
    for name, part in (("base", slugs[:20]), ("more", slugs[20:34])):
        extends = "extends: base\n" if name == "more" else "core: approved\n"
        lines = "".join(f"  {slug}: approved\n" for slug in part)
        (folder / "profiles" / f"{name}.yml").write_text(f"{extends}plugins:\n{lines}")
    hosts = []
    for number in range(sites):
        name = f"site-{number:05}"
        account = number // SITES_OF_AN_ACCOUNT
        hosts.append(
            f"    {name}: {{ansible_host: host-{account:04}.example, ansible_user: client, "
            f"wp_path: /home/client/{name}}}\n"
        )
        (folder / "sites" / f"{name}.yml").write_text(_site(name, slugs, random))
    (folder / "hosts.yml").write_text("all:\n  hosts:\n" + "".join(hosts))
    (folder / ".answers").mkdir()
    for start in range(0, sites, SITES_OF_AN_ACCOUNT):
        names = [f"site-{n:05}" for n in range(start, min(sites, start + SITES_OF_AN_ACCOUNT))]
        text = json.dumps(_document(names, slugs, random))
        (folder / ".answers" / f"{start:05}.json").write_text(text)


def decide(folder: Path) -> int:
    """Validate, compose and plan; how many changes all plans hold."""
    fleet = compose(read_fleet(folder))
    by_id = {desired.site.id: desired for desired in fleet.sites}
    changes = 0
    for file in sorted((folder / ".answers").iterdir()):
        first = int(file.stem)
        names = list(by_id)[first : first + SITES_OF_AN_ACCOUNT]
        seen = observed_states(file.read_text(), names, NOW)
        pairs = [(by_id[name], state) for name, state in seen.items()]
        plan = build(f"p-{first}", fleet.name, pairs, revision=None, dirty=False, now=NOW)
        assert not any(state.faults for state in seen.values())
        changes += sum(len(site.changes) for site in plan.sites)
    return changes


def _site(name: str, slugs: list[str], random: Random) -> str:
    own = "".join(f"  {slug}: approved\n" for slug in slugs[34:])
    pinned = random.choice(slugs[:34])
    return (
        f"client: client-{name}\nurl: https://{name}.example\nprofiles: [more]\nplugins:\n{own}"
        f"  {pinned}: {{version: 1.0.9, why: newer ones lose the footer}}\n"
        f"checks: {{/: Welcome, /contact/: Contact}}\n"
    )


def _lock(slugs: list[str]) -> str:
    plugins = "".join(
        f"  {slug}:\n    1.{number}.1:\n      sha256: {number:064x}\n"
        f"      identity: {{author: Somebody, text_domain: {slug}}}\n"
        for number, slug in enumerate(slugs)
    )
    core = f"core:\n  7.1.1:\n    sha256: {7:064x}\n    database: 61833\n"
    return f"{core}plugins:\n{plugins}"


def _document(names: list[str], slugs: list[str], random: Random) -> dict[str, object]:
    return {"format": 1, "php": "8.2.29", "sites": [_answer(n, slugs, random) for n in names]}


def _answer(name: str, slugs: list[str], random: Random) -> dict[str, object]:
    behind = random.choice(slugs) if random.random() < 0.25 else ""
    root = f"/home/client/{name}"
    return {
        "id": name,
        "took_s": 0.01,
        "core": {"version": "7.1.1", "db_version": 61833, "locale": None},
        "paths": {
            "wp": root, "config": f"{root}/wp-config.php", "content": f"{root}/wp-content",
            "plugins": f"{root}/wp-content/plugins", "uploads": f"{root}/wp-content/uploads",
            "state": f"/home/client/.wpstate/{name}",
        },
        "database": {
            "prefix": "wp_", "name": name, "table_count": 12, "size_bytes": 5_000_000,
            "large_tables": [], "foreign_tables": [], "server_version": "10.11",
        },
        "options": {"home": f"https://{name}.example", "db_version": "61833", "WPLANG": ""},
        "plugins": [
            {
                "file": f"{slug}/{slug}.php", "active": True, "name": slug.title(),
                "version": f"1.{number}.{0 if slug == behind else 1}",
                "requires_wp": "6.2", "requires_php": "7.4",
                "author": "Somebody", "text_domain": slug, "update_uri": "",
            }
            for number, slug in enumerate(slugs)
        ],
        "frozen_by": None,
        "free_bytes": 10_000_000_000,
        "code_bytes": 110_000_000,
        "faults": [],
    }  # fmt: skip


def main() -> int:
    look_seldom()  # as each command does
    began_s = time.process_time()
    decide(Path(sys.argv[1]))
    cpu_s = time.process_time() - began_s
    memory_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"cpu_s": round(cpu_s, 3), "memory_bytes": memory_bytes}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
