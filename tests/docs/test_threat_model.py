"""docs/threat-model.md promises nothing that no test proves."""

import ast
import re

from tests.docs.pages import REPOSITORY, page

_PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _tests_in(file: str) -> set[str]:
    tree = ast.parse((REPOSITORY / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_proof_exists() -> None:
    proofs = _PROOF.findall(page("docs/threat-model.md"))
    assert len(proofs) > 30
    assert [f"{file}::{test}" for file, test in proofs if test not in _tests_in(file)] == []


def test_every_promise_names_its_proof() -> None:
    promised, _, _ = page("docs/threat-model.md").partition("## Not promised")
    rows = re.findall(r"^\| (?!promise|---)(.*)$", promised, re.MULTILINE)
    assert len(rows) > 15
    assert [row for row in rows if not _PROOF.search(row)] == []
