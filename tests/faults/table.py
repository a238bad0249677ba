"""The matrix as a table: fault by phase, and how many sites ended as before or as planned.

    python -m tests.faults.table RESULTS [--write]

prints what the tests noted in RESULTS, and with --write puts it into docs/guarantees.md.
"""

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.judgement import Judgement
from tests.faults.matrix import Case

RESULTS = "WPSTATE_FAULTS_RESULTS"
"""The environment names the file; without it nothing is noted."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "guarantees.md"
BEGIN, END = "<!-- the matrix: script/faults --write -->", "<!-- end of the matrix -->"
PHASES = (
    "bytes", "lock", "verify", "stage", "freeze", "drain", "snapshot", "apply", "observe",
    "post-check", "confirm", "rollback", "rollback again", "record", "thaw", "release", "",
)  # fmt: skip
_SIGNS = {"before": "←", "planned": "→", "held": "◆", "between": "✗"}


def note(case: Case, judgement: Judgement) -> None:
    results = os.environ.get(RESULTS)
    if not results:
        return
    line = {
        "fault": case.fault.name,
        "then": case.then,
        "phase": case.where,
        "site": case.site,
        "case": str(case),
        "state": judgement.state.value,
        "outcome": judgement.outcome,
        "violations": judgement.violations,
    }
    # One write, so that two workers' lines do not mix (O_APPEND, write(2)).
    with open(results, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def table(results: list[dict[str, str]], today: str) -> str:
    cells: dict[str, dict[str, Counter[str]]] = {}
    for result in results:
        row = cells.setdefault(_row(result), {})
        sign = "✗" if result["violations"] else _SIGNS[result["state"]]
        row.setdefault(result["phase"], Counter())[sign] += 1
    phases = [phase for phase in PHASES if any(phase in row for row in cells.values())]
    lines = [
        f"{today}: {len(results)} runs, "
        f"{sum(1 for result in results if result['violations'])} violations.",
        "",
        "| fault | " + " | ".join(phase or "none" for phase in phases) + " |",
        "| --- |" + " :---: |" * len(phases),
    ]
    for name, row in cells.items():
        shown = (_cell(row.get(phase, Counter())) for phase in phases)
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def _row(result: dict[str, str]) -> str:
    ends = {"recover": "`recover`", "watchdog": "watchdog", "apply": "next apply"}
    if result["fault"] == "controller killed":
        return f"{result['fault']}; {ends[result['then']]}"
    return result["fault"]


def _cell(counted: Counter[str]) -> str:
    return " ".join(f"{n} {sign}" for sign, n in sorted(counted.items())) or "·"


def main(words: list[str]) -> int:
    lines = Path(words[0]).read_text("utf-8").splitlines()
    results = [json.loads(line) for line in lines]
    text = table(results, f"{datetime.now(UTC):%Y-%m-%d}")
    print(text)
    broken = [result for result in results if result["violations"]]
    for result in broken:
        print(f"\nviolation: {result['case']}", *result["violations"], sep="\n  ")
    if "--write" in words:
        document = DOCUMENT.read_text("utf-8")
        head, _, rest = document.partition(BEGIN)
        _, _, tail = rest.partition(END)
        DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", "utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
