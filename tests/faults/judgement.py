"""What the oracle says of a site after a fault: as before, as planned, or between.

It looks at files and tables as root, at pages by curl, and at what was recorded by reading it. The
plan's own words for a good update stand here a second time, on purpose.
"""

import hashlib
import json
import re
import secrets
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.e2e.site import LAB
from tests.faults.fault import Fault
from tests.faults.moments import journal_lines
from tests.faults.scene import Scene, at_work
from tests.oracle.whole import Whole, unlike

PLANNED = "1.1"


class State(StrEnum):
    BEFORE = "before"
    PLANNED = "planned"
    BETWEEN = "between"
    HELD = "held"
    """Not put back, because the snapshot is harmed; as the update left it, and told."""


TRUE_OF = {
    State.BEFORE: {"rolled_back", "failed", "refused", "untouched"},
    State.PLANNED: {"applied"},
}
"""Which outcomes tell the truth about a site; nothing is true of one that is between."""


@dataclass(frozen=True, slots=True)
class Judgement:
    state: State
    outcome: str
    violations: tuple[str, ...]


def judge(scene: Scene, before: Whole, fault: Fault, update: str) -> Judgement:
    after = scene.site.whole()
    changed = unlike(before, after)
    outcomes = _recorded(scene, fault)
    if changed and fault.refused_rollback and outcomes[-1:] == ["needs_attention"]:
        return Judgement(State.HELD, outcomes[-1], tuple(_other_files(scene, after, update)))
    state, violations = State.BEFORE, []
    if changed:
        strange = [*_strange(scene, changed), *_other_files(scene, after, PLANNED)]
        state = State.BETWEEN if strange else State.PLANNED
        violations += strange[:20]
    violations += _not_open(scene, {State.BEFORE: "1.0", State.PLANNED: PLANNED}.get(state, ""))
    if not (fault.changes_the_site and state is State.PLANNED):
        violations += _untrue(scene, fault, state, outcomes)
    violations += scene.complaints
    return Judgement(state, outcomes[-1] if outcomes else "", tuple(violations))


def _strange(scene: Scene, changed: list[str]) -> Iterator[str]:
    """Paths and rows that a good update does not explain."""
    plugin = re.escape(str(_plugin(scene)))
    prefix = re.escape(scene.site.prefix)
    rows = re.compile(
        rf"^[-+] (?:{prefix}guestbook\t.*|[\w]+\.{prefix}(?:guestbook|options)\t\d+"
        rf"|{prefix}options\t\d+\t(?:lab_guestbook_\w+|_(?:site_)?transient_\S+|cron"
        rf"|active_plugins|recently_activated)\t.*"
        rf"|{prefix}options\tCREATE TABLE .*)$"
    )
    tree = re.compile(rf"^[-+] (?:f \d+ \d+ \S+ |d \d+ |[0-9a-f]{{64}}  )\./{plugin}(?:/|$)")
    for line in changed:
        if not (tree.match(line) or rows.match(line)):
            yield f"strange: {line}"


def _other_files(scene: Scene, after: Whole, version: str) -> Iterator[str]:
    """What the plugin's folder has that its zip has not, or the other way round."""
    file = rf"^([0-9a-f]{{64}})  \./{re.escape(str(_plugin(scene)))}/(.*)$"
    have = {name: digest for digest, name in re.findall(file, after.tree, re.MULTILINE)}
    want = _files_of(version)
    if have != want:
        yield f"not the files of {version}: {sorted(have.items() ^ want.items())[:4]}"


def _plugin(scene: Scene) -> Path:
    return scene.site.plugins.relative_to(scene.site.root) / "lab-guestbook"


def _files_of(version: str) -> dict[str, str]:
    with zipfile.ZipFile(LAB / f"wporg/plugins/lab-guestbook.{version}.zip") as archive:
        return {
            name.removeprefix("lab-guestbook/"): hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if not name.endswith("/")
        }


def _not_open(scene: Scene, version: str) -> Iterator[str]:
    """What keeps visitors from the site in this version, and what a run has left behind."""
    if scene.locked:
        yield "the lock is still there"
    if (scene.site.wp_path / ".maintenance").exists():
        yield ".maintenance is still there"
    for left in (*scene.site.wp_path.glob("wpstate-*"), *scene.site.plugins.glob(".*")):
        yield f"left behind: {left.name}"
    # An address that nobody has asked for: nginx keeps an answer for a minute, whatever the site
    # is made of.
    for page in ("/", f"/?fresh={secrets.token_hex(4)}"):
        status, body = scene.site.curl(page)
        if status != 200 or scene.site.title not in body:
            yield f"{page} answers visitors {status}: {body[:80]!r}"
        served = re.search(r"version\">Guestbook ([\d.]+)<", body)
        kept = scene.site.name == "pagecache" and page == "/"
        if version and not kept and (served is None or served[1] != version):
            yield f"{page} is served by {served and served[1]}, not by {version}"
    give_up_at = time.monotonic() + 15
    while living := list(at_work(scene.site.state)):
        if time.monotonic() > give_up_at:
            yield f"still at work on the host: {living}"
            break
        time.sleep(0.2)


def _true_of(scene: Scene, fault: Fault, state: State) -> set[str]:
    """Who put the site back and saw no page of it may ask for attention, and must say why; so may
    a controller whose own rollback failed, and after which the host went on by itself."""
    true = TRUE_OF[state]
    if state is State.BEFORE:
        reasons = {reason["slug"] for run in _ledger(scene)[:1] for reason in run["reasons"]}
        if reasons & {"rollback.failed", "net.disk"}:
            return true | {"needs_attention"}
        unseen = {"check.after_thaw", "check.failed", "apply.failed"}
        if fault.silences_pages and reasons and reasons <= unseen:
            return true | {"needs_attention"}
    return true


def _recorded(scene: Scene, fault: Fault) -> list[str]:
    """The outcomes of this site's runs, oldest first, as host and ledger have them."""
    ledger = {run["id"]: run["outcome"] for run in _ledger(scene)}
    recorded = []
    for folder in scene.run_folders:
        summary = folder / "summary.json"
        if summary.exists():
            recorded.append(str(json.loads(summary.read_text("utf-8"))["outcome"]))
            told = ledger.get(folder.name, recorded[-1])
            # In other words, perhaps: a run that ended before it changed anything may be `failed`
            # or `refused` to its controller, and `rolled_back` to the host that let visitors in.
            if told == "needs_attention" == recorded[-1]:
                continue
            if not any({told, recorded[-1]} <= _true_of(scene, fault, s) for s in TRUE_OF):
                scene.complaints.append(f"host says {recorded[-1]}, ledger says {told}")
        elif folder.name in ledger:
            recorded.append(ledger[folder.name])
    return recorded


def _ledger(scene: Scene) -> list[dict[str, Any]]:
    """Newest first."""
    runs: list[dict[str, Any]] = scene.fleet.wpstate(
        "runs", scene.site.name, "--format", "json"
    ).json
    ids = [run["id"] for run in runs]
    if len(ids) != len(set(ids)):
        scene.complaints.append(f"the ledger has a run twice: {ids}")
    return runs


def _untrue(scene: Scene, fault: Fault, state: State, outcomes: list[str]) -> Iterator[str]:
    lines = journal_lines(scene.site.state)
    for line in lines:
        if not re.match(r"^\d+ \d{10} \S+ [a-z]+ (begin|end|fail) .*$", line):
            yield f"a torn line in the journal: {line!r}"
    begun = [line.split()[2] for line in lines if re.search(r" lock begin ", line)]
    if len(begun) != len(set(begun)):
        yield f"a run began twice: {begun}"
    if not lines:
        return
    if not outcomes:
        yield "the run is recorded nowhere"
    elif state is not State.BETWEEN and outcomes[-1] not in _true_of(scene, fault, state):
        yield f"recorded as {outcomes[-1]}, and the site is as {state}"
    confirmed = any(line.endswith(" done end confirmed") for line in lines)
    if state is State.PLANNED and not confirmed:
        yield "the site is as planned, and no run was confirmed in the journal"
