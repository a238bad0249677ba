"""Reads the patches: a head that says what they take away, then a diff for git apply."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parents[1]


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    safeguard: str
    promise: str
    """An anchor of docs/guarantees.md."""
    test: str
    """As pytest names it; the one test that must fail without the safeguard."""
    patch: Path

    @property
    def test_file(self) -> Path:
        return CHECKOUT / self.test.partition("::")[0]

    @property
    def test_name(self) -> str:
        return self.test.partition("::")[2].partition("[")[0]


def mutants() -> tuple[Mutant, ...]:
    """All of them, by name."""
    return tuple(_read(patch) for patch in sorted(FOLDER.glob("*.patch")))


def _read(patch: Path) -> Mutant:
    head = patch.read_text("utf-8").partition("\n\n")[0]
    said = dict(re.findall(r"^(Safeguard|Promise|Test): (.+)$", head, re.MULTILINE))
    return Mutant(patch.stem, said["Safeguard"], said["Promise"], said["Test"], patch)
