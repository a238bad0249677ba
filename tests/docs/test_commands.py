"""Commands, their help and what the README says of them are one."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.docs.pages import REPOSITORY, page, wpstate_command
from wpstate.cli import exit_codes
from wpstate.cli.main import COMMANDS, EPILOG

_HEAVY = ("ansible", "ansible_runner", "apprise", "fabric", "git", "httpx2", "jsonschema",
          "msgspec", "paramiko", "rich", "yaml")  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_the_list_says(name: str) -> None:
    command = importlib.import_module(f"wpstate.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.short_help == COMMANDS[name]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_works_and_has_an_example(name: str) -> None:
    helped = wpstate_command(name, "--help", cwd=REPOSITORY)
    assert helped.returncode == 0
    (examples,) = re.findall(r"Examples:\n(.*)", helped.stdout, re.DOTALL)
    assert f"wpstate {name}" in examples


def test_no_module_of_a_command_is_forgotten() -> None:
    own = {"__init__", "collector", "exit_codes", "failures", "main", "names", "options", "output"}
    own |= {"live_table", "progress_lines", "reports", "site_run", "stderr", "telling", "watching"}
    own |= {"approvals", "backup_removal", "failed_passes", "service", "service_pass", "statuses"}
    modules = {path.stem for path in (REPOSITORY / "wpstate" / "cli").glob("*.py")}
    assert modules - own == set(COMMANDS)


@pytest.mark.parametrize("words", [("--help",), ("plan", "--help"), ("apply", "--help")])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    program = (
        "import sys; from wpstate.cli.main import run; code = run(sys.argv[1:]);"
        f"print('LOADED', *(name for name in {_HEAVY!r} if name in sys.modules)); sys.exit(code)"
    )
    ran = subprocess.run(
        (sys.executable, "-c", program, *words), capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].split() == ["LOADED"]


def test_the_readme_lists_the_commands() -> None:
    rows = re.findall(r"^\| `wpstate ([a-z]+)` \| (.+) \|$", page("README.md"), re.MULTILINE)
    assert rows == list(COMMANDS.items())


@pytest.mark.parametrize("text", [EPILOG, page("README.md")], ids=["--help", "README"])
def test_exit_codes_are_told_alike(text: str) -> None:
    (told,) = re.findall(r"Exit codes: (.*?)\.(?:\s|$)", text, re.DOTALL)
    codes = [int(code) for code in re.findall(r"(?:^|[,\s])(\d+) ", told)]
    values = [
        value for name, value in vars(exit_codes).items() if name.isupper() and name[0] != "_"
    ]
    assert codes == sorted(values)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    printed = wpstate_command("completion", shell, cwd=REPOSITORY)
    assert "_WPSTATE_COMPLETE" in printed.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("wpstate pl", {"plan"}),
        ("wpstate plan bo", {"boutique"}),
        ("wpstate plan boutique ca", {"cabinet"}),
        ("wpstate plan --only plugins.woo", {"plugins.woocommerce"}),
        ("wpstate apply --only cor", {"core.*", "core.version", "core.locale"}),
        ("wpstate explain mai", {"mairie"}),
        ("wpstate acknowledge bou", {"boutique"}),
        ("wpstate bump woo", {"woocommerce"}),
        ("wpstate outdated cor", {"core"}),
    ],
)
def test_names_complete_from_the_fleet(typed: str, offered: set[str]) -> None:
    words = typed.split()
    environment = {"_WPSTATE_COMPLETE": "bash_complete", "COMP_WORDS": typed,
                   "COMP_CWORD": str(len(words) - 1)}  # fmt: skip
    example = REPOSITORY / "inventories" / "example"
    answered = wpstate_command(cwd=example, environment=environment).stdout.splitlines()
    assert {
        line.removeprefix("plain,") for line in answered if line.startswith("plain,")
    } == offered


@pytest.mark.parametrize("typed", ["wpstate apply ca", "wpstate show ca"])
def test_plan_files_are_left_to_the_shell(typed: str) -> None:
    environment = {"_WPSTATE_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": "2"}
    example = REPOSITORY / "inventories" / "example"
    answered = wpstate_command(cwd=example, environment=environment).stdout.splitlines()
    assert "file,ca" in answered
    assert ("plain,cabinet" in answered) == ("apply" in typed)


def test_completion_outside_of_a_fleet_is_silent(tmp_path: Path) -> None:
    environment = {"_WPSTATE_COMPLETE": "bash_complete", "COMP_WORDS": "wpstate plan b",
                   "COMP_CWORD": "2"}  # fmt: skip
    answered = wpstate_command(cwd=tmp_path, environment=environment)
    assert (answered.stdout.strip(), answered.stderr) == ("", "")


def test_an_unknown_command_names_the_nearest() -> None:
    told = wpstate_command("plam", cwd=REPOSITORY)
    assert told.returncode == exit_codes.USAGE
    assert "No such command 'plam'. Did you mean 'plan'?" in told.stderr
