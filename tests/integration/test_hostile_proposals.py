"""Proposals that want more than a change: each makes no connection but to what the base names, and
runs nothing but `git cat-file`.

A case prepares the branch `proposal`; `evil` listens on loopback for whoever is led there, and
`canary` is a file that any program of the proposal would write.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import desired, managed, replace, version
from tests.integration.proposing import Listener, Repository, hosts, new_repository, watched
from wpstate.adapters.kept_files import FleetFiles
from wpstate.cli import exit_codes
from wpstate.desired.compose import compose
from wpstate.proposing import BasedWiring


@dataclass(frozen=True)
class Scene:
    repository: Repository
    own: Listener
    evil: Listener
    canary: Path

    @property
    def program(self) -> str:
        return f"touch {self.canary}"

    def entry(self, mode: str, name: bytes, object_id: str) -> None:
        """The base's tree with one more entry, whatever its name."""
        listed = self.repository.git("ls-tree", "main").splitlines()
        known = [
            (line.split()[0], line.split("\t")[1].encode(), line.split()[2]) for line in listed
        ]
        kept = [(m.lstrip("0"), n, i) for m, n, i in known if n != name]
        self.repository.commit_tree(self.repository.raw_tree(*kept, (mode, name, object_id)))

    def folder(self, name: bytes, *entries: tuple[str, bytes, str]) -> None:
        self.entry("40000", name, self.repository.raw_tree(*entries))

    def append(self, path: str, text: str) -> None:
        self.repository.write(path, self.repository.read(path) + text)
        self.repository.commit()

    def configured(self, *pairs: tuple[str, str]) -> None:
        for key, value in pairs:
            self.repository.git("config", key, value)


Prepare = Callable[[Scene], None]


def parent_name(scene: Scene) -> None:
    scene.folder(b"sites", ("100644", b"..", scene.repository.blob("x")))


def slashed_name(scene: Scene) -> None:
    scene.folder(b"sites", ("100644", b"../../evil.yml", scene.repository.blob("x")))


def git_folder(scene: Scene) -> None:
    config = scene.repository.blob(f"[core]\n\tfsmonitor = {scene.program}\n")
    scene.folder(b".GIT", ("100644", b"config", config))


def link_to_the_machine(scene: Scene) -> None:
    scene.entry("120000", b"fleet.yml", scene.repository.blob("/etc/passwd"))


def link_among_sites(scene: Scene) -> None:
    scene.folder(b"sites", ("120000", b"shop.yml", scene.repository.blob("../../../etc/passwd")))


def link_for_a_folder(scene: Scene) -> None:
    scene.entry("120000", b"profiles", scene.repository.blob("/root"))


def link_among_code(scene: Scene) -> None:
    scene.folder(b"files", ("120000", b"x.php", scene.repository.blob("/etc/shadow")))


def submodule_for_sites(scene: Scene) -> None:
    scene.entry("160000", b"sites", scene.repository.git("rev-parse", "main"))


def submodule_with_a_program(scene: Scene) -> None:
    scene.repository.write(
        ".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "{scene.program}"\n'
    )
    module = scene.repository.git("rev-parse", "main")
    scene.repository.git("update-index", "--add", "--cacheinfo", f"160000,{module},x")
    scene.repository.git("add", ".gitmodules")
    scene.repository.git("commit", "-q", "-m", "x")


def filters(scene: Scene) -> None:
    scene.configured(("filter.x.smudge", scene.program), ("filter.x.clean", scene.program))
    scene.configured(("filter.x.process", scene.program))
    scene.repository.write(".gitattributes", "*.yml filter=x\n")
    tree = scene.repository.blob("*.yml filter=x diff=x\n")
    scene.entry("100644", b".gitattributes", tree)


def textconv_and_diff(scene: Scene) -> None:
    scene.configured(("diff.x.textconv", scene.program), ("diff.external", scene.program))
    scene.entry("100644", b".gitattributes", scene.repository.blob("*.yml diff=x\n"))


def hooks(scene: Scene) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        hook = scene.repository.folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{scene.program}\n")
        hook.chmod(0o755)
    scene.configured(("core.hooksPath", str(scene.repository.folder / ".git" / "hooks")))


def file_system_monitor(scene: Scene) -> None:
    scene.configured(("core.fsmonitor", scene.program), ("core.sshCommand", scene.program))


def partial_clone(scene: Scene) -> None:
    scene.configured(
        ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"),
        ("remote.origin.url", f"ext::sh -c '{scene.program}'"), ("protocol.ext.allow", "always"),
        ("remote.origin.promisor", "true"),
    )  # fmt: skip
    scene.entry("100644", b"fleet.yml", "1" * 40)


def replaced_object(scene: Scene) -> None:
    """Somebody pushed refs/replace, by which git shows other bytes under the base's id."""
    scene.append("fleet.yml", "mode: apply\n")
    evil = scene.repository.git("rev-parse", "HEAD")
    scene.repository.git("replace", scene.repository.git("rev-parse", "main"), evil)


def repository_in_the_folder(scene: Scene) -> None:
    """Files that make the fleet folder itself look like a repository, with a `main` of its own."""
    inner = scene.repository.folder
    scene.append("hosts.yml", "# x\n")
    for name in ("objects", "refs/heads"):
        (inner / name).mkdir(parents=True)
    (inner / "HEAD").write_text("ref: refs/heads/main\n")
    (inner / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = {scene.program}\n")


def proxy_command(scene: Scene) -> None:
    scene.append(
        "hosts.yml", f"  vars: {{ansible_ssh_common_args: '-o ProxyCommand={scene.program}'}}\n"
    )


def local_connection(scene: Scene) -> None:
    text = scene.repository.read("hosts.yml").replace(
        "ansible_user", "ansible_connection: local, ansible_user"
    )
    scene.repository.write("hosts.yml", text)
    scene.repository.commit()


def lookup_for_a_host(scene: Scene) -> None:
    text = scene.repository.read("hosts.yml")
    asked = "\"{{ lookup('pipe', 'touch CANARY') }}\"".replace("CANARY", str(scene.canary))
    scene.repository.write("hosts.yml", text.replace("127.0.0.1", asked))
    scene.repository.commit()


def own_playbooks(scene: Scene) -> None:
    scene.repository.write(
        "playbooks/apply.yml", f"- hosts: all\n  tasks: [{{shell: {scene.program}}}]\n"
    )
    scene.repository.write("roles/core/tasks/main.yml", f"- shell: {scene.program}\n")
    scene.repository.write("callback_plugins/x.py", f"import os; os.system({scene.program!r})\n")
    scene.repository.commit()


def ansible_settings(scene: Scene) -> None:
    scene.append("fleet.yml", "")
    scene.repository.write("ansible.cfg", "[ssh_connection]\nssh_args = -o ProxyCommand=x\n")
    scene.repository.write("group_vars/all.yml", "ansible_connection: local\n")
    scene.repository.commit()


def another_host(scene: Scene) -> None:
    scene.repository.write("hosts.yml", hosts(shop=scene.evil.port, press=scene.evil.port))
    scene.append("profiles/care.yml", "mail: off\n")


def another_address(scene: Scene) -> None:
    url = f"http://127.0.0.1:{scene.evil.port}"
    scene.repository.write(
        "sites/shop.yml", f"url: {url}\nprofiles: [care]\nsecurity: {{xmlrpc: off}}\n"
    )
    scene.repository.commit()


def a_site_of_its_own(scene: Scene) -> None:
    ports = {"shop": scene.own.port, "press": scene.own.port, "mine": scene.evil.port}
    scene.repository.write("hosts.yml", hosts(**ports))
    scene.repository.write(
        "sites/mine.yml", f"url: http://127.0.0.1:{scene.evil.port}\nprofiles: [care]\n"
    )
    scene.repository.commit()


def feeds_mirrors_and_vault(scene: Scene) -> None:
    evil = f"http://127.0.0.1:{scene.evil.port}"
    scene.append(
        "fleet.yml",
        f"facts: {{wordfence: {{url: '{evil}'}}}}\nvault: {{address: '{evil}'}}\n"
        f"wordpress_org: {{api: '{evil}', downloads: '{evil}'}}\nmail: off\n",
    )


def bytes_from_an_address(scene: Scene) -> None:
    evil = f"https://127.0.0.1:{scene.evil.port}/x.zip"
    scene.append(
        "catalog.yml",
        "themes:\n  storefront: {approved: 1.0, source: vault, zips: "
        f"{{1.0: {{url: '{evil}', sha256: {'c' * 64}}}}}}}\n",
    )
    scene.append("catalog.lock.yml", f"themes:\n  storefront:\n    1.0: {{sha256: {'c' * 64}}}\n")
    more = "themes: {storefront: approved}\ncontent: {theme_files: locked}\n"
    scene.append("sites/shop.yml", more)


def another_name(scene: Scene) -> None:
    scene.repository.write("fleet.yml", "name: somebody-else\nmail: off\n")
    scene.repository.commit()


def a_secret_program(scene: Scene) -> None:
    steal = scene.repository.home / "secrets" / "steal"
    steal.parent.mkdir(parents=True)
    steal.write_text(f"#!/bin/sh\n{scene.program}\necho hunter2\n")
    steal.chmod(0o755)
    scene.append("sites/shop.yml", "options: {api_key: {secret: {command: steal}}}\n")


def a_secret_of_looks(scene: Scene) -> None:
    steal = scene.repository.home / "secrets" / "steal"
    steal.parent.mkdir(parents=True)
    steal.write_text(f"#!/bin/sh\n{scene.program}\necho hunter2\n")
    steal.chmod(0o755)
    scene.append(
        "sites/shop.yml",
        "look: {auth: {bearer: {secret: {command: steal}}}}\nmail: off\n",
    )


def huge_file(scene: Scene) -> None:
    scene.append("sites/shop.yml", "# " + "x" * (5 << 20) + "\n")


def bomb_of_trees(scene: Scene) -> None:
    blob = scene.repository.blob("x")
    inner = scene.repository.raw_tree(*(("100644", f"{n:05}".encode(), blob) for n in range(2000)))
    scene.folder(b"more", *(("40000", f"{n:05}".encode(), inner) for n in range(2000)))


def bomb_of_yaml(scene: Scene) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    scene.append("sites/shop.yml", "\n".join(lines) + "\n")


def deep_yaml(scene: Scene) -> None:
    scene.append("sites/shop.yml", f"notes: {'[' * 100_000}\n")


def other_case(scene: Scene) -> None:
    scene.folder(b"Sites", ("100644", b"shop.yml", scene.repository.blob("url: http://x\n")))


def broken_tree(scene: Scene) -> None:
    scene.entry("100644", b"sites", scene.repository.blob("no folder"))


_TREE = (parent_name, slashed_name, git_folder)
_LINKS = (link_to_the_machine, link_among_sites, link_for_a_folder, link_among_code,
          submodule_for_sites)  # fmt: skip
CASES: dict[Prepare, tuple[int, str | None]] = {
    **dict.fromkeys(_TREE, (exit_codes.INVALID, "revision.name")),
    **dict.fromkeys(_LINKS, (exit_codes.INVALID, "revision.link")),
    submodule_with_a_program: (exit_codes.DONE, None),
    filters: (exit_codes.DONE, None),
    textconv_and_diff: (exit_codes.DONE, None),
    hooks: (exit_codes.DONE, None),
    file_system_monitor: (exit_codes.DONE, None),
    partial_clone: (exit_codes.INVALID, "revision.lacking"),
    replaced_object: (exit_codes.DONE, "proposal.policy"),
    repository_in_the_folder: (exit_codes.DONE, None),
    proxy_command: (exit_codes.INVALID, "desired.unknown_key"),
    local_connection: (exit_codes.INVALID, "desired.unknown_key"),
    lookup_for_a_host: (exit_codes.INVALID, "hosts.address"),
    own_playbooks: (exit_codes.DONE, None),
    ansible_settings: (exit_codes.INVALID, "fleet.look_alike"),
    another_host: (exit_codes.REFUSED, "proposal.host"),
    another_address: (exit_codes.REFUSED, "proposal.address"),
    a_site_of_its_own: (exit_codes.DONE, "not in the base yet"),
    feeds_mirrors_and_vault: (exit_codes.REFUSED, "proposal.policy"),
    bytes_from_an_address: (exit_codes.REFUSED, None),
    another_name: (exit_codes.REFUSED, "proposal.policy"),
    a_secret_program: (exit_codes.DONE, "names a secret"),
    a_secret_of_looks: (exit_codes.REFUSED, "proposal.policy"),
    huge_file: (exit_codes.INVALID, "revision.too_large"),
    bomb_of_trees: (exit_codes.INVALID, "fleet.too_many_files"),
    bomb_of_yaml: (exit_codes.INVALID, "yaml.alias"),
    deep_yaml: (exit_codes.INVALID, "yaml.too_large"),
    other_case: (exit_codes.INVALID, "fleet.look_alike"),
    broken_tree: (exit_codes.INVALID, "hosts.no_site"),
}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    own, evil = Listener(), Listener()
    repository = new_repository(tmp_path / "fleet", tmp_path / "home", own)
    yield Scene(repository, own, evil, tmp_path / "canary")
    own.close()
    evil.close()


@pytest.mark.parametrize("prepare", CASES, ids=lambda prepare: prepare.__name__)
def test_it_reaches_and_runs_nothing(
    prepare: Prepare, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = CASES[prepare]
    prepare(scene)
    scene.canary.unlink(missing_ok=True)  # git itself, as we prepared, may have run one
    with watched() as seen:
        got = scene.repository.plan("--base", "main", "--head", "proposal", "--format", "json")
    out, err = capsys.readouterr()
    assert got == code, out + err
    assert told is None or told in out, out
    assert "Traceback" not in err, err
    assert not scene.canary.exists()
    assert all(_only_reads(words) for words in seen.started), seen.started
    assert scene.evil.count == 0
    assert {to for to in seen.connected if isinstance(to, tuple)} <= {("127.0.0.1", scene.own.port)}
    if code != exit_codes.REFUSED:
        assert (scene.own.count, seen.connected) == (0, []), "nobody had to be asked"
    else:
        assert scene.own.count > 0, "the sites that change are looked at where the base says"
    assert "hunter2" not in out + err


def _only_reads(words: tuple[str, ...]) -> bool:
    return words[0] == "git" and bool({"cat-file", "version"} & set(words))


@pytest.mark.parametrize(
    "name",
    [
        "--upload-pack=touch CANARY", "--exec=touch", "-cCANARY", "--output=CANARY", "-", "--",
        "main..proposal", "HEAD:fleet.yml", "@{-1}", "@{upstream}", "^{/x}", "main^{tree}",
        "../../etc/passwd", "refs/../../config", "main\nproposal", "main proposal", "", "nosuch",
        "0" * 40, "config", "a" * 300,
    ],
)  # fmt: skip
@pytest.mark.parametrize("which", ["--base", "--head"])
def test_a_name_is_a_name_and_never_an_option(
    name: str, which: str, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ("--base", "main") if which == "--head" else ("--head", "proposal")
    given = f"{which}={name.replace('CANARY', str(scene.canary))}"
    with watched() as seen:
        got = scene.repository.plan(given, *other, "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert got == exit_codes.USAGE
    assert {problem["slug"] for problem in told["problems"]} == {"usage.revision"}
    assert not scene.canary.exists()
    assert all(_only_reads(words) for words in seen.started), seen.started
    assert seen.connected == []


def test_a_tag_cannot_take_the_place_of_a_branch(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """git itself would take the tag, whose rules the author of the proposal wrote."""
    scene.append("fleet.yml", "mode: apply\n")
    scene.repository.git("update-ref", "refs/remotes/origin/main", "main")
    scene.repository.git("tag", "origin/main", "proposal")
    assert scene.repository.plan("--base", "origin/main", "--format", "json") == exit_codes.USAGE
    assert "refs/tags/origin/main or refs/remotes/origin/main" in capsys.readouterr().out
    whole = "refs/remotes/origin/main"
    assert scene.repository.plan("--base", whole, "--format", "json") == exit_codes.DONE
    assert "mode" in capsys.readouterr().out


def test_bytes_that_only_the_proposal_names_are_not_fetched(scene: Scene) -> None:
    """Kept files of a theme are compared with its zip while a site is looked at."""
    paths = ("fleet.yml", "catalog.yml", "hosts.yml", "sites/shop.yml", "sites/press.yml",
             "profiles/care.yml")  # fmt: skip
    base = compose({path: scene.repository.read(path) for path in paths})
    evil = f"http://127.0.0.1:{scene.evil.port}/x.zip"
    theme = managed("themes.storefront", version("1.0"))
    assert theme.artifact
    asked = desired(replace(theme, artifact=replace(theme.artifact, source=evil)))
    based = BasedWiring(scene.repository.folder, fleet=base)
    assert based.kept_files().of_theme(asked, "storefront", "1.0") is None
    assert scene.evil.count == 0
    unguarded = FleetFiles(scene.repository.folder, based.artifacts, ())
    assert unguarded.of_theme(asked, "storefront", "1.0") is None
    assert scene.evil.count > 0, "the test would not notice"


def test_an_environment_of_another_repository_is_not_heard(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.append("sites/press.yml", "client: mayor\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert scene.repository.plan("--base", "main", "--head", "proposal") == exit_codes.DONE


def test_outside_of_git_there_are_no_revisions(
    tmp_path: Path, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = Repository(tmp_path / "alone", scene.repository.home)
    alone.write("fleet.yml", "name: x\n")
    assert alone.plan("--base", "main", "--format", "json") == exit_codes.USAGE
    assert "usage.repository" in capsys.readouterr().out
    assert os.environ["WPSTATE_HOME"] == str(scene.repository.home)
