"""Fleets of one client each, with profiles and catalog out of one repository at a commit."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from tests.builders import NOW, observed, version
from wpstate.adapters.fleet_files import read_fleet
from wpstate.adapters.git_fleet import GitFleet
from wpstate.adapters.git_objects import GitObjects
from wpstate.adapters.shared_files import with_shared
from wpstate.adapters.site_index import FileIndex
from wpstate.cli import exit_codes
from wpstate.cli.main import run
from wpstate.desired.compose import compose
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import InvalidDesiredState, Refused
from wpstate.model.proposal import Proposal
from wpstate.model.site import SiteId
from wpstate.planning.build import build
from wpstate.ports import Change
from wpstate.proposing import fleet_branches
from wpstate.report.proposal_text import proposal_lines
from wpstate.report.rendered import FORMS, Shown, rendered, summary
from wpstate.workflows.propose import Compared, compared, propose

_CARE = "offer: Care\nplugins: {akismet: approved}\n"
_LOCK = "plugins:\n  akismet:\n    5.7.2:\n      sha256: " + "a" * 64 + "\n"


@dataclass(frozen=True)
class Repository:
    folder: Path

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, "utf-8")

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        argv = ("git", "-c", "user.name=A", "-c", "user.email=a@wpstate.invalid", *words)
        ran = subprocess.run(argv, cwd=self.folder, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    def compose(self) -> Fleet:
        return compose(with_shared(self.folder, dict(read_fleet(self.folder))))


def _new(folder: Path, files: Mapping[str, str]) -> Repository:
    made = Repository(folder)
    for path, text in files.items():
        made.write(path, text)
    made.git("init", "-q", "-b", "main")
    made.commit()
    return made


@pytest.fixture
def base(tmp_path: Path) -> Repository:
    return _new(
        tmp_path / "agency-base",
        {
            "catalog.yml": "plugins:\n  akismet: 5.7.2\n",
            "catalog.lock.yml": _LOCK,
            "profiles/care.yml": _CARE,
            "README.md": "Care plans\n",
        },
    )


def _client(base: Repository, name: str, number: int, commit: str = "") -> Repository:
    """A client with two sites, in a repository of its own."""
    sites = {
        f"sites/{name}-{site}.yml": f"url: https://{name}-{site}.example\nclient: {name}\n"
        "profiles: [care]\n"
        for site in ("shop", "press")
    }
    lines = "".join(
        f"    {name}-{site}: {{ansible_host: {name}.host.example, ansible_user: u-{name}, "
        f"wp_path: /home/{name}/{site}}}\n"
        for site in ("shop", "press")
    )
    return _new(
        base.folder.parent / f"client-{number}",
        {
            "fleet.yml": _fleet(name, commit or base.git("rev-parse", "HEAD")),
            "hosts.yml": f"all:\n  hosts:\n{lines}",
            **sites,
        },
    )


def _fleet(name: str, commit: str, path: str = "../agency-base") -> str:
    return f"name: {name}\nshared: {{path: {path}, commit: {commit}}}\n"


def _akismet(fleet: Fleet) -> set[str | None]:
    return {m.want.version for d in fleet.sites for m in d.managed}


def _compared(client: Repository, tmp_path: Path, base: str = "main") -> Compared:
    with GitObjects(client.folder) as objects:
        history = GitFleet(objects, client.folder)
        return compared(history, FileIndex(tmp_path / "index.json"), base, "HEAD", date.min)


def test_what_is_shared_counts_at_its_commit_alone(base: Repository) -> None:
    client = _client(base, "baker", 1)
    base.write("catalog.yml", "plugins:\n  akismet: 5.7.3\n")
    base.write("profiles/care.yml", "offer: Other\n")
    assert _akismet(client.compose()) == {"5.7.2"}
    newer = base.commit()
    assert _akismet(client.compose()) == {"5.7.2"}
    base.write("profiles/care.yml", _CARE)
    newer = base.commit()
    client.write("fleet.yml", _fleet("baker", newer))
    assert _akismet(client.compose()) == {"5.7.3"}
    assert {d.offer for d in client.compose().sites} == {"Care"}


def test_raising_the_commit_is_a_proposal_that_reaches_its_sites(
    base: Repository, tmp_path: Path
) -> None:
    client = _client(base, "baker", 1)
    base.write("catalog.yml", "plugins:\n  akismet: 5.7.3\n")
    newer = base.commit()
    client.git("checkout", "-q", "-b", "proposal")
    client.write("fleet.yml", _fleet("baker", newer))
    client.commit()
    found = _compared(client, tmp_path)
    assert found.changed == ("baker-press", "baker-shop")
    assert (_akismet(found.base), _akismet(found.head)) == ({"5.7.2"}, {"5.7.3"})


def test_a_proposal_reads_no_repository_that_its_base_does_not_name(
    base: Repository, tmp_path: Path
) -> None:
    other = _client(base, "mayor", 2)
    client = _client(base, "baker", 1)
    client.git("checkout", "-q", "-b", "proposal")
    client.write("fleet.yml", _fleet("baker", other.git("rev-parse", "HEAD"), "../client-2"))
    client.commit()
    with pytest.raises(Refused) as refused:
        _compared(client, tmp_path)
    assert [problem.slug for problem in refused.value.problems] == ["proposal.shared"]
    # Nor one where the base names none.
    client.git("checkout", "-q", "main")
    client.write("fleet.yml", "name: baker\n")
    client.write("profiles/care.yml", _CARE)
    client.write("catalog.yml", "plugins:\n  akismet: 5.7.2\n")
    client.commit()
    client.git("checkout", "-q", "-B", "proposal")
    client.git("rm", "-q", "-r", "profiles", "catalog.yml")
    client.write("fleet.yml", _fleet("baker", base.git("rev-parse", "HEAD")))
    client.commit()
    with pytest.raises(Refused) as refused:
        _compared(client, tmp_path)
    assert [problem.slug for problem in refused.value.problems] == ["proposal.shared"]


def test_what_is_not_there_or_there_twice_is_told(base: Repository) -> None:
    client = _client(base, "baker", 1)
    head = base.git("rev-parse", "HEAD")
    for text, slug in (
        (_fleet("baker", "0" * 40), "fleet.shared"),
        (_fleet("baker", head, "../nothing-there"), "fleet.shared"),
    ):
        client.write("fleet.yml", text)
        with pytest.raises(InvalidDesiredState) as told:
            client.compose()
        assert [problem.slug for problem in told.value.problems] == [slug]
    client.write("fleet.yml", _fleet("baker", head))
    client.write("profiles/care.yml", "offer: Own\n")
    with pytest.raises(InvalidDesiredState) as told:
        client.compose()
    assert [problem.slug for problem in told.value.problems] == ["fleet.shared_twice"]


def test_a_fleet_may_have_a_lock_of_its_own(base: Repository) -> None:
    client = _client(base, "baker", 1)
    client.write("catalog.lock.yml", _LOCK.replace("a" * 64, "b" * 64))
    artifacts = {m.artifact.sha256 for d in client.compose().sites for m in d.managed if m.artifact}
    assert artifacts == {"b" * 64}


def test_what_is_shared_is_proposed_where_it_is(base: Repository) -> None:
    client = _client(base, "baker", 1)
    change = Change(
        "wpstate/bump/akismet", "x", "", {"catalog.yml": b"plugins: {akismet: 5.7.3}\n"}
    )
    with fleet_branches(client.folder) as (branches, _):
        assert "catalog.yml" in branches.texts("HEAD")
        with pytest.raises(Refused) as refused:
            branches.write("HEAD", change)
    assert [problem.slug for problem in refused.value.problems] == ["branch.shared"]


def test_no_report_of_a_clients_repository_tells_of_another_client(
    base: Repository, tmp_path: Path
) -> None:
    """By construction: one repository, one client. Both are on one machine, planned one after the
    other with what it remembers of site files."""
    baker, mayor = _client(base, "baker", 1), _client(base, "mayor", 2)
    base.write("catalog.yml", "plugins:\n  akismet: 5.7.3\n")
    newer = base.commit()
    for client, own, others in ((baker, "baker", "mayor"), (mayor, "mayor", "baker")):
        client.git("checkout", "-q", "-b", "proposal")
        client.write("fleet.yml", _fleet(own, newer))
        client.commit()
        made = propose(_compared(client, tmp_path), _seen_as_before)
        told = _all_reports(made)
        assert own in told
        assert others not in told
        assert "client-" not in told
        assert "2 of 2 to change" in told


def _seen_as_before(fleet: Fleet, names: tuple[SiteId, ...]) -> Plan:
    chosen = [desired for desired in fleet.sites if desired.site.id in names]
    old = {"plugins.akismet": version("5.7.2"), "plugins.strange": version("1.0")}
    pairs = [(desired, replace(observed(old), site=desired.site.id)) for desired in chosen]
    return build("p-1", fleet.name, pairs, revision=None, dirty=False, now=NOW)


def _all_reports(made: Proposal) -> str:
    shown = Shown(made.plan, made, {}, "", None)
    texts = [rendered(shown, form) for form in FORMS]
    table = "".join(part.text for line in proposal_lines(made) for part in line)
    return "\n".join([*texts, summary(shown), table])


def test_commands_read_what_is_shared(
    base: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    client = _client(base, "baker", 1)
    where = ("--fleet", str(client.folder))
    assert run(["validate", *where]) == exit_codes.DONE
    assert run(["explain", "baker-shop", *where]) == exit_codes.DONE
    assert "profiles/care.yml:2" in capsys.readouterr().out
    assert run(["lock", "--check", *where]) == exit_codes.DONE
    client.git("checkout", "-q", "-b", "proposal")
    base.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    client.write("fleet.yml", _fleet("baker", base.commit()))
    client.commit()
    # No key is pinned: whoever is looked at is not reached.
    assert run(["plan", *where, "--base", "main", "--head", "HEAD"]) == exit_codes.REFUSED
    assert "baker-shop" in capsys.readouterr().out
