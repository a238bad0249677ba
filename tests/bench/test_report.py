"""The bench's own arithmetic and its page: no site is touched."""

import json
import os
import re
import sys
from pathlib import Path

from tests.bench.decide import Decided, decide, make
from tests.bench.many_measures import InSync, Looks, Many, Update, WayBack
from tests.bench.measures import Frozen, RolledBack
from tests.bench.process_tree import watched
from tests.bench.report import BEGIN, END, Few, Measured, as_json, table, write_into
from tests.bench.timing import Timing, by_turns

ONE = Timing((1.0,))
ONE_TWO = Timing((1.0, 2.0))
FEW = Few(
    help=Timing((0.1,)),
    plan=ONE,
    nine_calls=Timing((3.6,)),
    eval_file=Timing((0.5,)),
    empty_ansible=ONE,
    frozen=(Frozen("small", Timing((4.0,)), 5.0, (("freeze", 0.5),)),),
    rolled_back=RolledBack(Timing((1.5,)), Timing((4.5,))),
    decided=(Decided(1_000, 2.0, 80 << 20), Decided(10_000, 22.0, 200 << 20)),
)
MANY = Many(
    looks=Looks(Timing((2.0, 3.0)), ONE_TWO, Timing((100.0, 150.0)), Timing((20.0, 30.0))),
    in_sync=(
        InSync(10, Timing((0.5,)), 90 << 20),
        InSync(200, Timing((5.0,)), 100 << 20),
        InSync(1_000, Timing((10.0,)), 100 << 20, simulated=True),
        InSync(10_000, Timing((120.0,)), 200 << 20, simulated=True),
    ),
    update=Update(
        apply=Timing((10.0, 12.0)),
        expert=Timing((20.0, 40.0)),
        frozen_s=Timing((3.0, 5.0)),
        frozen_most_s=Timing((4.0, 6.0)),
        slow_frozen_s=Timing((9.0, 15.0)),
        memory_bytes=250 << 20,
        phases_s=(("lock", 0.2), ("verify", 0.8)),
    ),
    way_back=WayBack(Timing((30.0,)), 2.5),
)
MEASURED = Measured(rounds=1, load=(0.5, 1.0), few=FEW, many=None)
FLEET = Measured(rounds=2, load=(0.5, 1.0), few=None, many=MANY)


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


def test_the_fleet_is_told_in_ratios_of_the_same_round() -> None:
    told = " ".join(table(FLEET).split())
    assert "50× quicker than nine calls a site, 10× than one `eval-file` a site" in told
    assert "1.8× the floor" in told
    assert "200 in sync 5.00 s (5.00 … 5.00) 100 MiB; 0.50× the time a site of 10 sites" in told
    assert "aim ≤ 12 s, ≤ 300 MiB" in told
    assert "10,000 simulated in sync 120.00 s" in told
    assert "200 MiB; 1.20× the time a site of 1,000 sites aim ≤ 5 min, linear" in told
    assert "0.40× the expert's playbook; 250 MiB" in told
    assert "median of 19 sites 4.00 s (3.00 … 5.00) most 5.0 s" in told
    assert "3.0× the others'" in told
    assert "20 sites, four at once: lock 0.2, verify 0.8" in told
    assert as_json(FLEET)["ratios"] == {
        "many_nine_calls_to_observe": 50.0,
        "many_eval_file_to_observe": 10.0,
        "observe_to_floor": 1.75,
        "apply_to_expert": 0.4,
    }


def test_memory_is_that_of_the_whole_tree() -> None:
    hold = "x = bytearray(60 << 20); import time; time.sleep(1)"
    alone = watched((sys.executable, "-c", hold), dict(os.environ))
    below = f"import subprocess, sys; {hold}; subprocess.run([sys.executable, '-c', {hold!r}])"
    tree = watched((sys.executable, "-c", below), dict(os.environ))
    assert alone.memory_bytes > 60 << 20
    assert tree.memory_bytes > 120 << 20


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
