"""The bench's own arithmetic and its page: no site is touched."""

import json
import re
from pathlib import Path

from tests.bench.decide import Decided, decide, make
from tests.bench.measures import Frozen, RolledBack
from tests.bench.report import BEGIN, END, Measured, as_json, table, write_into
from tests.bench.timing import Timing, by_turns

ONE = Timing((1.0,))
MEASURED = Measured(
    rounds=1,
    load=(0.5, 1.0),
    help=Timing((0.1,)),
    plan=ONE,
    nine_calls=Timing((3.6,)),
    eval_file=Timing((0.5,)),
    empty_ansible=ONE,
    frozen=(Frozen("small", Timing((4.0,)), 5.0, (("freeze", 0.5),)),),
    rolled_back=RolledBack(Timing((1.5,)), Timing((4.5,))),
    decided=(Decided(1_000, 2.0, 80 << 20), Decided(10_000, 22.0, 200 << 20)),
)


def test_a_ratio_is_the_median_of_each_rounds_own_ratio() -> None:
    slowed_together = Timing((3.0, 30.0, 4.0)), Timing((1.0, 10.0, 2.0))
    assert slowed_together[0].ratio_to(slowed_together[1]) == 3.0


def test_things_are_measured_by_turns_and_the_first_round_does_not_count() -> None:
    called: list[str] = []

    def measure(name: str) -> float:
        called.append(name)
        return float(len(called))

    timings = by_turns({"a": lambda: measure("a"), "b": lambda: measure("b")}, 2)
    assert called == ["a", "b"] * 3
    assert timings["a"].rounds_s == (3.0, 5.0)


def test_prediction_stands_beside_measurement() -> None:
    told = " ".join(table(MEASURED).split())
    assert "as its plan predicts, small site 5.00 s (5.00 … 5.00) +25% of what was measured" in told
    assert "aim within 30%" in told
    assert "rollback of that update, small site 1.50 s" in told
    assert "visitors have the site again after 4.5 s aim ≤ 3 s" in told
    assert as_json(MEASURED)["ratios"] == {
        "nine_calls_to_plan": 3.6,
        "eval_file_to_plan": 0.5,
        "small_to_empty_ansible": 4.0,
    }


def test_only_what_was_measured_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n{BEGIN}\nold\n{END}\nAfter\n")
    write_into(page, MEASURED)
    write_into(page, MEASURED)
    text = page.read_text()
    assert text.startswith(f"# Before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nAfter\n")
    assert "old" not in text
    assert text.count("`wpstate --help`") == 1


def test_growth_is_told_against_the_smallest_fleet() -> None:
    assert "200 MiB; 1.10× the time a site of 1,000 sites" in table(MEASURED)


def test_the_generated_fleet_is_decided_about_as_it_was_made(tmp_path: Path) -> None:
    make(tmp_path, 20)
    behind = sum(
        text.count('.0", "requires_wp"') for text in _texts(tmp_path / ".answers")
    )  # each plugin that is one behind is one change, and so is each site's own pin
    assert behind > 0
    assert decide(tmp_path) == behind + 20 - _both(tmp_path)


def _texts(folder: Path) -> list[str]:
    return [file.read_text() for file in folder.iterdir()]


def _both(folder: Path) -> int:
    """Sites whose pinned plugin is the one that is behind: one change, not two."""
    both = 0
    answers = {
        site["id"]: site
        for text in _texts(folder / ".answers")
        for site in json.loads(text)["sites"]
    }
    for name, site in answers.items():
        pinned = re.search(r"(plugin-\d\d): \{version", (folder / f"sites/{name}.yml").read_text())
        assert pinned
        both += any(
            plugin["file"].startswith(pinned[1]) and plugin["version"].endswith(".0")
            for plugin in site["plugins"]
        )
    return both
