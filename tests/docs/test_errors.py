"""docs/errors.md names every problem and every exit code of the code, and no other."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.docs.pages import REPOSITORY, page
from wpstate.cli import exit_codes
from wpstate.resources.registry import KIND

_SLUG = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
# Texts of the same shape: addresses of resources, other keys, files, hosts of the web.
_OTHERS = re.compile(
    rf"({'|'.join(KIND)}|reconcile|updates|tell|bump)\..*"
    r"|ansible\.builtin"
    r"|backup\.(age|drill|every|max_age|repository|scope|zone)"
    r"|.*\.(cfg|com|conf|css|html|json|net|org|php|py|sh|sql|sqlite3|txt|yml)"
)


def _in_python() -> Iterator[str]:
    for file in (REPOSITORY / "wpstate").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _SLUG.fullmatch(node.value) and not _OTHERS.fullmatch(node.value):
                    yield node.value
            elif isinstance(node, ast.Call) and _named(node.func) == "Fault" and node.args:
                yield from _faults(node.args[0])
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_FAULTS":
                assert isinstance(node.value, ast.Dict)
                for value in node.value.values:
                    yield from _faults(value)


def _named(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _faults(code: ast.expr) -> Iterator[str]:
    """The codes among the literals of an expression; `{…}["code"]` and `dict.get` hold none."""
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != "code":
            yield f"observe.{node.value}"


def _in_shell() -> Iterator[str]:
    for file in (REPOSITORY / "wpstate" / "safetynet").glob("*.sh"):
        yield from re.findall(r"\bfail ([a-z]+\.[a-z_]+)", file.read_text("utf-8"))


def _in_php() -> Iterator[str]:
    codes = re.compile(r"(?:'code' +=> |wpstate_fault\( )'([a-z_]+)'")
    for file in (REPOSITORY / "wpstate" / "probe").glob("*.php"):
        yield from (f"observe.{code}" for code in codes.findall(file.read_text("utf-8")))


def _in_schemas() -> Iterator[str]:
    for file in (REPOSITORY / "schemas").rglob("*.json"):
        yield from _slugs_below(json.loads(file.read_text("utf-8")))


def _slugs_below(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("slug"), str) and "what" in part:
            yield part["slug"]
        part = list(part.values())
    if isinstance(part, list):
        for below in part:
            yield from _slugs_below(below)


def test_every_problem_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `([a-z]+\.[a-z0-9_]+)` \|", page("docs/errors.md"), re.MULTILINE)
    in_code = {*_in_python(), *_in_shell(), *_in_php(), *_in_schemas()}
    assert len(documented) == len(set(documented)), "a slug stands twice"
    assert set(documented) - in_code == set(), "documented, and gone from the code"
    assert in_code - set(documented) == set(), "in the code, and not documented"


def test_every_line_says_what_and_mend() -> None:
    for row in re.findall(r"^\| `[a-z]+\..*$", page("docs/errors.md"), re.MULTILINE):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3, row
        assert all(cells), row


def test_what_the_host_may_answer_is_what_the_controller_knows() -> None:
    from wpstate.adapters.safety_net_problems import SAID

    assert {*_in_shell()} <= set(SAID)


def test_exit_codes_are_those_of_the_code() -> None:
    documented = re.findall(r"^\| (\d+) \|", page("docs/errors.md"), re.MULTILINE)
    in_code = [
        value for name, value in vars(exit_codes).items() if name.isupper() and name[0] != "_"
    ]
    assert sorted(map(int, documented)) == sorted(in_code)
    (order,) = re.findall(r"the gravest counts: ([\d, ]+)\.", page("docs/errors.md"))
    assert [int(code) for code in order.split(",")] == list(exit_codes._GRAVEST_FIRST)


def test_the_example_is_what_the_command_prints(tmp_path: Path) -> None:
    from tests.docs.pages import wpstate_command

    for file in (REPOSITORY / "inventories" / "example").rglob("*.yml"):
        copy = tmp_path / file.relative_to(REPOSITORY / "inventories" / "example")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text("utf-8").replace("version: 3.7.3", "version: latest"))
    checked = wpstate_command("validate", cwd=tmp_path)
    (example,) = re.findall(r"```\n(error\[.*?)```", page("docs/errors.md"), re.DOTALL)
    assert checked.stderr == example
    assert checked.returncode == exit_codes.INVALID
