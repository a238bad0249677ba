"""What `--format json` prints is what schemas/ says, on success and on failure."""

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.docs.pages import REPOSITORY, page
from tests.e2e.fleet import Fleet, new_fleet
from tests.e2e.site import lab_site
from tests.e2e.test_a_living_site_is_imported import forget
from tests.lab_lease import lease
from wpstate.cli.main import COMMANDS
from wpstate.report.contract import schemas

_FOLDER = REPOSITORY / "schemas"
_OUTPUTS = {name for name, _ in schemas()} | {"problems", "explain"}


def _read(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.schema.json").read_text("utf-8"))


def _fits(name: str, document: Any) -> None:
    registry: Registry[Any] = Registry().with_resources(
        (f"{each}.schema.json", Resource.from_contents(_read(each))) for each in _OUTPUTS
    )
    problems = Draft202012Validator(_closed(_read(name)), registry=registry).iter_errors(document)
    assert [f"{p.json_path}: {p.message}" for p in problems] == []


def _closed(part: Any) -> Any:
    """The schema with nothing beside the named properties, and none of them left out."""
    if isinstance(part, Mapping):
        closed = {key: _closed(below) for key, below in part.items()}
        if "properties" in closed:
            closed |= {"additionalProperties": False, "required": [*closed["properties"]]}
        return closed
    return [_closed(below) for below in part] if isinstance(part, list) else part


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The lab's fleet, in which git asks one plugin's update of the site `getenv`."""
    made = new_fleet(tmp_path_factory.mktemp("json"))
    made.pin("getenv", "akismet", "approved")
    subprocess.run(("git", "init", "-q", "-b", "main"), cwd=made.folder, check=True)
    made.commit("One update")
    with lease("getenv"):
        yield made


def test_generated_schemas_are_those_of_the_types() -> None:
    """Regenerate them with script/schemas."""
    for name, text in schemas():
        assert (_FOLDER / f"{name}.schema.json").read_text("utf-8") == text, "run script/schemas"


def test_validate(fleet: Fleet) -> None:
    _fits("fleet-list", fleet.wpstate("validate", "--format", "json").json)


def test_outdated(fleet: Fleet) -> None:
    told = fleet.wpstate("outdated", "--no-look", "--format", "json").json
    _fits("outdated", told)
    assert "akismet" in [each["slug"] for each in told]


def test_bump(fleet: Fleet) -> None:
    """The lab's newest guestbook, of a catalog that may have any."""
    text = (fleet.folder / "fleet.yml").read_text("utf-8")
    (fleet.folder / "fleet.yml").write_text(
        f"{text}bump: {{cool_down: {{major: none}}}}\n", "utf-8"
    )
    fleet.commit("No cool-down")
    words = ("--no-look", "--no-push", "--format", "json")
    told = fleet.wpstate("bump", "lab-guestbook", *words).json
    _fits("bumps", told)
    assert [each["branch"] for each in told] == ["wpstate/bump/plugins/lab-guestbook"]
    fleet.git("reset", "-q", "--hard", "HEAD~1")


def test_explain(fleet: Fleet) -> None:
    _fits("explain", fleet.wpstate("explain", "getenv", "--format", "json").json)


def test_observe(fleet: Fleet) -> None:
    seen = fleet.wpstate("observe", "getenv", "--format", "json").json
    _fits("observed", seen)
    assert seen[0]["resources"]["core.version"]["version"]


def test_import(fleet: Fleet) -> None:
    place = forget(fleet, lab_site("getenv"))
    told = fleet.wpstate("import", place, "--as", "getenv", "--format", "json").json
    _fits("audits", told)
    assert told[0]["site"] == "getenv"
    written = fleet.folder / "audits" / "getenv.json"
    assert json.loads(written.read_text("utf-8")) == told
    fleet.git("checkout", "-q", ".")
    fleet.git("clean", "-fdq")


def test_doctor(fleet: Fleet) -> None:
    found = fleet.wpstate("doctor", "getenv", "--format", "json").json
    _fits("fitness", found)
    assert found[0]["fit"] == "full"


def test_plan_and_show(fleet: Fleet) -> None:
    planned = fleet.wpstate("plan", "getenv", "--format", "json", "--out", "a.plan").json
    _fits("plan", planned)
    assert [c["address"] for c in planned["sites"][0]["changes"]] == ["plugins.akismet"]
    _fits("plan", fleet.wpstate("show", "a.plan", "--format", "json").json)


def test_a_proposal(fleet: Fleet) -> None:
    """Going back from the update that the last commit asks for."""
    fleet.pin("getenv", "akismet", "absent")
    fleet.commit("Another wish")
    proposed = fleet.wpstate("plan", "--base", "HEAD~1", "--format", "json").json
    _fits("proposal", proposed)
    assert [site["site"] for site in proposed["plan"]["sites"]] == ["getenv"]
    assert proposed["radius"]["sites"] == 1
    fleet.git("reset", "-q", "--hard", "HEAD~1")


def test_backup_and_restore(fleet: Fleet, tmp_path: Path) -> None:
    before = (fleet.folder / "fleet.yml").read_text("utf-8")
    secret = {"WPSTATE_SECRET_BACKUPS": "correct horse battery staple"}
    declared = (
        f"repositories: {{here: {{kind: local, address: {tmp_path}/kept,"
        " password: {secret: {env: WPSTATE_SECRET_BACKUPS}}}}\n"
        "backup: {scope: [database]}\n"
    )
    (fleet.folder / "fleet.yml").write_text(f"{before}{declared}", "utf-8")
    for verb in ("run", "list"):
        told = fleet.wpstate(*("backup", verb, "getenv"), "--format", "json", **secret).json
        _fits("backups", told)
        assert [one["site"] for one in told] == ["getenv"]
    assert (
        fleet.wpstate("backup", "run", "getenv", "--due", "--format", "json", **secret).json == []
    )
    verified = fleet.wpstate("backup", "verify", "getenv", "--format", "json", **secret).json
    _fits("verified-backups", verified)
    to = ("--at", "latest", "--to", str(tmp_path / "back"))
    restored = fleet.wpstate(*("restore", "getenv"), *to, "--format", "json", **secret).json
    _fits("restored-backup", restored)
    assert restored["dump_bytes"] == told[0]["dump_bytes"]
    pruned = fleet.wpstate("backup", "prune", "--format", "json", **secret).json
    _fits("pruned-backups", pruned)
    assert [one["kept"] for site in pruned for one in site["backups"]] == [True]
    forgotten = fleet.wpstate(
        "backup", "forget-client", "layout", "--yes", "--format", "json", **secret
    ).json
    _fits("forgotten-client", forgotten)
    (fleet.folder / "fleet.yml").write_text(before, "utf-8")


def test_what_was_asked_then(fleet: Fleet) -> None:
    then = fleet.wpstate("at", "HEAD", "getenv", "--format", "json").json
    _fits("then", then)
    assert "plugins.akismet" in [each["address"] for each in then["resources"]]


def test_facts_and_what_a_plan_says_of_them(fleet: Fleet) -> None:
    feeds = REPOSITORY / "tests" / "cases" / "feeds"
    document = json.loads((feeds / "wordfence.json").read_text("utf-8"))
    software = next(iter(document.values()))["software"][0]
    software |= {"slug": "akismet", "affected_versions": {}}
    (fleet.folder / "feed.json").write_text(json.dumps(document), "utf-8")
    before = (fleet.folder / "fleet.yml").read_text("utf-8")
    named = f"{before}facts: {{wordfence: {{file: feed.json}}, wpscan: {{file: none.json}}}}\n"
    (fleet.folder / "fleet.yml").write_text(named, "utf-8")
    updated = fleet.wpstate("facts", "update", "--format", "json", code=1).json
    _fits("facts", updated)
    assert [feed["error"] is None for feed in updated] == [True, False]
    planned = fleet.wpstate("plan", "getenv", "--format", "json", code=3).json
    _fits("plan", planned)
    assert [f["address"] for f in planned["sites"][0]["findings"]] == ["plugins.akismet"]
    assert [feed["feed"] for feed in planned["feeds"]] == ["wordfence", "wpscan"]
    (fleet.folder / "fleet.yml").write_text(before, "utf-8")


def test_apply_runs_and_show(fleet: Fleet) -> None:
    """A plan that git has left behind: a whole run that changes nothing."""
    fleet.wpstate("plan", "getenv", "--out", "stale.plan")
    fleet.pin("getenv", "akismet", "absent")
    applied = fleet.wpstate("apply", "stale.plan", "--format", "json", code=3).json
    fleet.pin("getenv", "akismet", "approved")
    _fits("runs", applied)
    assert applied[0]["outcome"] == "refused"
    assert applied[0]["reasons"][0]["slug"] in ("plan.stale", "run.locked")
    listed = fleet.wpstate("runs", "--format", "json").json
    _fits("runs", listed)
    _fits("run", fleet.wpstate("show", listed[0]["id"], "--format", "json").json)


@pytest.mark.parametrize(
    ("words", "code", "slug"),
    [
        (("plan", "nosuch"), 64, "usage.site"),
        (("plan", "--nonsense"), 64, "usage.command"),
        (("nonsense",), 64, "usage.command"),
        (("apply", "getenv"), 64, "usage.command"),
        (("show", "nosuch"), 64, "usage.show"),
        (("explain", "getenv", "nosuch"), 64, "usage.key"),
        (("validate", "--fleet", "sites"), 65, "fleet.missing_file"),
        (("apply", "fleet.yml"), 3, "plan.unreadable"),
    ],
)
def test_failures(fleet: Fleet, words: tuple[str, ...], code: int, slug: str) -> None:
    failed = fleet.wpstate(*words, "--format", "json", code=code)
    _fits("problems", failed.json)
    assert slug in {problem["slug"] for problem in failed.json["problems"]}
    assert "Traceback" not in failed.err


def test_reconcile(fleet: Fleet) -> None:
    for words in (("reconcile", "--once"), ("reconcile", "--once", "--dry-run")):
        passed = fleet.wpstate(*words, "getenv", "--format", "json").json
        _fits("pass", passed)
        assert [each["standing"] for each in passed["sites"]] == ["reported"]


def test_drift_that_is_written(fleet: Fleet) -> None:
    """An administrator whom nobody lists is drift without a run before."""
    site, before = lab_site("getenv"), fleet.site_file("getenv").read_text("utf-8")
    fleet.site_file("getenv").write_text(f"{before}admins: [agency]\n", "utf-8")
    fleet.commit("Its administrators")
    site.wp("user", "create", "eve", "eve@x.example", "--role=administrator")
    try:
        words = ("exempt", "getenv", "users.eve", "--until", "2099-12-31", "--owner", "Ana")
        exempt = fleet.wpstate(*words, "--format", "json").json
        _fits("drift", exempt)
        assert exempt["branch"] == "wpstate/exempt/getenv/users.eve"
        adopted = fleet.wpstate("adopt", "getenv", "--write", "--format", "json").json
        _fits("drift", adopted)
        assert [one["address"] for one in adopted["told"]] == ["users.eve"]
        reverted = fleet.wpstate("revert", "getenv", "users.eve", "--format", "json", code=3)
        _fits("problems", reverted.json)
    finally:
        site.wp("user", "delete", "eve", "--yes")
        fleet.git("reset", "-q", "--hard", "HEAD~1")


def test_patch(fleet: Fleet, tmp_path: Path) -> None:
    alone = new_fleet(tmp_path)
    alone.keep("getenv")
    _fits("patching", alone.wpstate("patch", "akismet", "5.7.2", "--format", "json").json)


def test_acknowledge(fleet: Fleet) -> None:
    """What lasts after a pass over a host that answers on no port."""
    hosts = (fleet.folder / "hosts.yml").read_text("utf-8")
    text = (fleet.folder / "fleet.yml").read_text("utf-8")
    (fleet.folder / "hosts.yml").write_text(hosts.replace("port: 22022", "port: 1"), "utf-8")
    tell = "tell: {to: {nobody: {secret: {file: nothing}}}}\n"
    (fleet.folder / "fleet.yml").write_text(f"{text}{tell}", "utf-8")
    fleet.commit("A host that is gone")
    fleet.wpstate("reconcile", "--once", "getenv", code=3)
    known = ("acknowledge", "getenv", "--until", "1d", "--why", "it moves")
    for words in (("acknowledge", "--list"), known):
        told = fleet.wpstate(*words, "--format", "json").json
        _fits("acknowledged", told)
    assert [(each["sort"], [*each["sites"]]) for each in told] == [("site_down", ["getenv"])]
    assert told[0]["acknowledged"][0]["why"] == "it moves"
    (fleet.folder / "hosts.yml").write_text(hosts, "utf-8")
    (fleet.folder / "fleet.yml").write_text(text, "utf-8")
    fleet.commit("A host that is back")


def test_recover_unlock_and_release(fleet: Fleet) -> None:
    """On a site that nobody holds."""
    for words in (("recover", "getenv"), ("unlock", "getenv")):
        ended = fleet.wpstate(*words, "--format", "json").json
        _fits("runs", ended)
        assert ended == []
    left = fleet.wpstate("release", "getenv", "--format", "json").json
    _fits("quarantine", left)
    assert left["released"] == []


def test_a_run_has_no_markdown(fleet: Fleet) -> None:
    run = fleet.last_run("getenv")["id"]
    assert "markdown" in fleet.wpstate("show", run, "--format", "markdown", code=64).err


def test_a_bug_is_json_too(tmp_path: Path) -> None:
    """The ledger holds a run that is none, which nobody foresaw."""
    broken = new_fleet(tmp_path)
    broken.wpstate("runs")
    with closing(sqlite3.connect(broken.home / "ledger.sqlite3")) as ledger, ledger:
        ledger.execute("INSERT INTO run VALUES ('r', 'shop', '2026', 'applied', '{}')")
    failed = broken.wpstate("runs", "--format", "json", code=1)
    _fits("problems", failed.json)
    assert failed.json["problems"][0]["slug"] == "wpstate.bug"
    assert "Please report it with this trace." in failed.err


def test_the_document_names_every_command_and_schema() -> None:
    rows = re.findall(
        r"^\| `wpstate ([a-z]+)` \| .* \| (.*) \|$", page("docs/json.md"), re.MULTILINE
    )
    assert {name for name, _ in rows} == {name for name in COMMANDS if _prints_json(name)}
    assert {s for _, cell in rows for s in re.findall(r"`([a-z-]+)`", cell)} == _OUTPUTS - {
        "event",
        "problems",
    }


def test_every_command_with_json_is_tried_here() -> None:
    told = Path(__file__).read_text("utf-8")
    for name in filter(_prints_json, COMMANDS):
        if name != "rollback":  # prints a run, as show does
            assert f'("{name}"' in told, name


def _prints_json(command: str) -> bool:
    return '"json"' in (REPOSITORY / "wpstate" / "cli" / f"{command}.py").read_text("utf-8")
