"""Takes each safeguard away in a copy of the tree and demands that its test fails.

    python -m tests.mutants [NAME...]

The tree is that of the last commit. A test that fails in the whole tree already proves nothing,
and is told too. Exit code 1 where a safeguard can go and nobody notices.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab_versions import FLEET
from tests.mutants.patches import CHECKOUT, Mutant, mutants

FAILED = 1
"""pytest's exit code where tests ran and failed; another code proves nothing (pytest 9)."""


def main(names: list[str]) -> int:
    chosen = [mutant for mutant in mutants() if not names or mutant.name in names]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _copy(tree)
        _, said = _run(tree, *dict.fromkeys(mutant.test for mutant in chosen))
        for mutant in chosen:
            began_s = time.monotonic()
            with _without(mutant, tree):
                code, _ = _run(tree, mutant.test)
            told = "caught" if code == FAILED else "SURVIVED"
            if mutant.test.partition("::")[2] in said:
                told = "PROVES NOTHING: its test fails in the whole tree too"
            survivors += told != "caught"
            print(f"{mutant.name:28} {told:10} {time.monotonic() - began_s:5.0f} s  {mutant.test}")
            sys.stdout.flush()
    print(f"{len(chosen)} safeguards taken away, {len(chosen) - survivors} noticed.")
    return 1 if survivors else 0


def _copy(tree: Path) -> None:
    tree.mkdir()
    archive = subprocess.Popen(("git", "archive", "HEAD"), cwd=CHECKOUT, stdout=subprocess.PIPE)
    subprocess.run(("tar", "-x"), cwd=tree, stdin=archive.stdout, check=True)
    if archive.wait() != 0:
        raise SystemExit("git archive failed")


@contextmanager
def _without(mutant: Mutant, tree: Path) -> Iterator[None]:
    argv = ("git", "apply", "--unidiff-zero", str(mutant.patch))
    subprocess.run(argv, cwd=tree, check=True)
    try:
        yield
    finally:
        subprocess.run((*argv, "--reverse"), cwd=tree, check=True)


def _run(tree: Path, *tests: str) -> tuple[int, str]:
    """pytest's exit code, and its lines about what failed.

    The tree's own wpstate is what the tests run and start.
    """
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        "WPSTATE_FLEET": str(FLEET),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("WPSTATE_FAULTS", None)
    argv = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *tests)
    done = subprocess.run(argv, cwd=tree, env=environment, capture_output=True, text=True)
    failed = re.findall(r"^(?:FAILED|ERROR) .*$", done.stdout, re.MULTILINE)
    return done.returncode, "\n".join(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
