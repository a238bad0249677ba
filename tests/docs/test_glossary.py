"""The glossary's words are the code's words, and what it forbids names nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import DOCUMENTS, REPOSITORY, page
from wpstate.model.run import Outcome, Phase

_CODE = ("wpstate", "tests", "playbooks", "roles")


def _forbidden() -> set[str]:
    (line,) = re.findall(r"^Names of nothing here: (.*?)\.$", page("docs/glossary.md"), re.M | re.S)
    return set(re.findall(r"`([a-z]+)`", line))


def _identifiers(file: Path) -> Iterator[str]:
    yield file.stem
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name


def _words(identifier: str) -> set[str]:
    """`ProbeObserver`, `probe_observer` → probe, observer; a plural counts as its word."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)}
    return words | {word.removesuffix("s") for word in words}


def test_forbidden_words_name_nothing() -> None:
    forbidden = _forbidden()
    assert {"manager", "helper", "util"} <= forbidden
    for folder in _CODE:
        for file in (REPOSITORY / folder).rglob("*.py"):
            for name in _identifiers(file):
                assert not _words(name) & forbidden, f"{file.relative_to(REPOSITORY)}: {name}"


def test_a_forbidden_word_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "site_manager.py"
    file.write_text("class SiteHelpers:\n    def run(self, utils): ...\n")
    found = set().union(*map(_words, _identifiers(file)))
    assert {"manager", "helper", "util"} <= found


def test_folders_and_files_bear_no_forbidden_word() -> None:
    for path in (*REPOSITORY.glob("*/**/*.yml"), *REPOSITORY.glob("*/**/*.sh")):
        if not any(part.startswith(".") for part in path.relative_to(REPOSITORY).parts):
            assert not _words(path.stem) & _forbidden(), path


def test_outcomes_and_phases_are_told() -> None:
    words, life = page("docs/glossary.md"), page("docs/lifecycle.md")
    assert all(f"`{outcome.value}`" in words for outcome in Outcome)
    assert all(f"{phase.value}" in life for phase in Phase if phase is not Phase.DONE)


def test_each_word_once() -> None:
    told = re.findall(r"^\| ([a-z`(][^|]*?) \|", page("docs/glossary.md"), re.MULTILINE)
    words = [
        word.strip("` ") for row in told for word in re.split(r",| and ", row) if word != "word"
    ]
    assert len(words) == len(set(words)), words


def test_documents_are_about_wpstate_alone() -> None:
    for name in (*DOCUMENTS, "CHANGELOG.md"):
        assert not re.search(r"/(work|tmp/crew)/|\bTODO\b|\bFIXME\b", page(name)), name
