"""script/bench's measuring half: runs the measures, prints them, keeps them where asked."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.bench import measures, report
from tests.bench.decide import decided
from tests.bench.many_measures import measure_many
from tests.bench.places import PERFORMANCE, prepare


def main() -> int:
    asked = argparse.ArgumentParser(prog="script/bench")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--huge", action="store_true", help="also a site with 4 GB of tables")
    half = asked.add_mutually_exclusive_group()
    half.add_argument("--no-fleet", action="store_true", help="without the fleet of 200 sites")
    half.add_argument("--only-fleet", action="store_true", help="the fleet of 200 sites alone")
    asked.add_argument("--format", choices=("table", "json"), default="table")
    asked.add_argument("--write", action="store_true", help=f"write {PERFORMANCE.name}")
    told = asked.parse_args()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="wpstate-bench-") as folder:
        home = Path(folder)
        env = prepare(home)
        many = None if told.no_fleet else measure_many(home, env, told.rounds)
        few = None if told.only_fleet else _few(env, home, told.rounds, huge=told.huge)
        load = (load_before, os.getloadavg()[0])
        measured = report.Measured(rounds=told.rounds, load=load, few=few, many=many)
    if told.format == "json":
        print(json.dumps(report.as_json(measured), indent=2))
    else:
        print(report.table(measured))
    if told.write:
        report.write_into(PERFORMANCE, measured)
    return 0


def _few(env: dict[str, str], home: Path, rounds: int, *, huge: bool) -> report.Few:
    plan = measures.plan_times(env, home, rounds)
    frozen, empty = measures.frozen_times(env, home, rounds, huge=huge)
    return report.Few(
        help=measures.help_time(env, rounds),
        plan=plan["plan"],
        nine_calls=plan["nine_calls"],
        eval_file=plan["eval_file"],
        empty_ansible=empty,
        frozen=frozen,
        rolled_back=measures.rollback_times(env, home, rounds),
        decided=tuple(decided(sites) for sites in (1_000, 10_000)),
    )


if __name__ == "__main__":
    sys.exit(main())
