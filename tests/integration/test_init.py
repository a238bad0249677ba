"""`wpstate init`: what it writes validates at once, over nothing, and what it writes for a forge
gives no stranger a key."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from wpstate import __version__
from wpstate.cli import exit_codes
from wpstate.cli.main import run

_SHA = re.compile(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}")


@pytest.fixture(params=[None, "github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> str | None:
    return request.param  # type: ignore[no-any-return]


def begun(tmp_path: Path, forge: str | None, *more: str) -> Path:
    words = ("--ci", forge) if forge else ()
    assert run(["init", str(tmp_path / "My Fleet!"), *words, *more]) == exit_codes.DONE
    return tmp_path / "My Fleet!"


def test_it_validates_at_once(
    tmp_path: Path, forge: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = begun(tmp_path, forge)
    assert "Fleet my-fleet: 1 site, valid." in capsys.readouterr().out
    assert run(["validate", "--fleet", str(folder)]) == exit_codes.DONE
    texts = [f.read_text() for f in folder.rglob("*") if f.is_file() and f.suffix != ".json"]
    assert not any(word in text for text in texts for word in ("VERSION", "name: FLEET"))


def test_its_name_may_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun(tmp_path, None, "--name", "agency")
    assert "Fleet agency: 1 site, valid." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Agency", "a/b", "-a", "x" * 64, "a\nmode: apply"])
def test_a_name_is_a_name(tmp_path: Path, name: str) -> None:
    assert run(["init", str(tmp_path / "new"), "--name", name]) == exit_codes.USAGE
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "there", ["sites/example.yml", ".github/workflows/wpstate.yml", "fleet.yml"]
)
def test_it_writes_over_nothing(
    tmp_path: Path, there: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    (folder / there).parent.mkdir(parents=True)
    (folder / there).write_text("mine")
    assert run(["init", str(folder), "--ci", "github"]) == exit_codes.USAGE
    assert "usage.init" in capsys.readouterr().err
    assert (folder / there).read_text() == "mine"
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / there]


@pytest.mark.parametrize("dangling", [True, False])
def test_it_follows_no_link_out_of_the_folder(tmp_path: Path, dangling: bool) -> None:
    folder, outside = tmp_path / "new", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "fleet.yml" if dangling else folder / "sites").symlink_to(
        outside / "x" if dangling else outside
    )
    assert run(["init", str(folder)]) == exit_codes.USAGE
    assert list(outside.iterdir()) == []


def test_editors_find_the_schema_that_each_file_names(tmp_path: Path) -> None:
    """And each file fits it, with nothing but what lies there."""
    folder = begun(tmp_path, None)
    schemas = folder / ".wpstate" / "schema"
    registry: Registry[Any] = Registry().with_resources(
        (path.relative_to(schemas).as_posix(), Resource.from_contents(json.loads(path.read_text())))
        for path in schemas.rglob("*.json")
    )
    for file in (*folder.glob("*.yml"), *folder.glob("*/*.yml")):
        (named,) = re.findall(r"^# yaml-language-server: \$schema=(.*)$", file.read_text(), re.M)
        schema = (file.parent / named).resolve()
        asked = {"$ref": schema.relative_to(schemas).as_posix()}
        data = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
        assert list(Draft202012Validator(asked, registry=registry).iter_errors(data)) == []
    settings = json.loads((folder / ".vscode" / "settings.json").read_text())
    assert all((folder / path).is_file() for path in settings["yaml.schemas"])


def _workflows(tmp_path: Path) -> dict[str, Any]:
    folder = begun(tmp_path, "github") / ".github" / "workflows"
    return {
        path.stem: yaml.load(path.read_text(), Loader=yaml.BaseLoader) for path in folder.iterdir()
    }


def test_github_actions_are_pinned_and_no_text_of_a_pull_request_is_in_a_script(
    tmp_path: Path,
) -> None:
    for workflow in _workflows(tmp_path).values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert _SHA.fullmatch(step.get("uses", "a/b@" + "0" * 40).split(" ")[0])
                assert "${{" not in step.get("run", "")
                if "checkout" in step.get("uses", ""):
                    assert step["with"]["persist-credentials"] == "false"
                    assert "ref" not in step["with"], "the base is checked out, never a proposal"


def test_a_fork_on_github_gets_validation_and_no_key(tmp_path: Path) -> None:
    workflows = _workflows(tmp_path)
    validate, main = workflows["wpstate-validate"], workflows["wpstate"]
    assert (validate["on"], validate["permissions"]) == ({"pull_request": ""}, {"contents": "read"})
    assert "secrets." not in json.dumps(validate)
    assert "pull_request" not in main["on"]
    plan, apply = main["jobs"]["plan"], main["jobs"]["apply"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in plan["if"]
    assert apply["if"] == "github.event_name != 'pull_request_target'"
    assert main["permissions"] == {}
    assert apply["permissions"] == {
        "contents": "read", "deployments": "write", "statuses": "write",
    }  # fmt: skip


def test_applying_is_one_at_a_time_and_never_cancelled(tmp_path: Path) -> None:
    github = _workflows(tmp_path)["wpstate"]["jobs"]["apply"]["concurrency"]
    assert github == {"group": "wpstate-apply", "cancel-in-progress": "false"}
    folder = begun(tmp_path / "other", "gitlab")
    jobs = yaml.load((folder / ".gitlab-ci.yml").read_text(), Loader=yaml.BaseLoader)
    assert (jobs["apply"]["interruptible"], jobs["apply"]["resource_group"]) == (
        "false", "wpstate-apply",
    )  # fmt: skip
    (plan,) = jobs["plan"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in plan["if"]
    assert jobs["plan"]["artifacts"]["access"] == "developer"
    assert jobs["variables"]["WPSTATE"] == f"wpstate=={__version__}"


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_each_command_of_the_templates_is_one_of_ours(tmp_path: Path, forge: str) -> None:
    """With options that it knows: `--help` after them is answered."""
    folder = begun(tmp_path, forge)
    files = (
        (folder / ".github").rglob("*.yml") if forge == "github" else [folder / ".gitlab-ci.yml"]
    )
    text = "\n".join(file.read_text() for file in files)
    joined = re.sub(r"(?<=[\w\"])( \\)?\n +(?=--)", " ", text)
    commands = re.findall(
        r"^\s*(?:- (?:run: )?)?wpstate ((?:plan|validate|lock|reconcile).*)$", joined, re.M
    )
    assert len(commands) >= 4
    for words in commands:
        asked = [word.strip('"') for word in words.split()]
        assert run([*asked, "--help"]) == exit_codes.DONE, words
