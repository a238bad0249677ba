"""What the bench found, as a table, as JSON and in docs/performance.md. Measuring is elsewhere."""

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import many_report
from tests.bench.decide import Decided
from tests.bench.many_measures import Many
from tests.bench.many_report import Row
from tests.bench.measures import Frozen, RolledBack
from tests.bench.timing import Timing

BEGIN = "<!-- measured by script/bench --write -->"
END = "<!-- end of what was measured -->"
FROZEN_AIM_S = {"small": 5.0, "heavy": 12.0, "huge": 15.0}
PREDICTION_AIM = 0.3
ROLLBACK_AIM_S = 3.0
HELP_AIM_S = 0.3
PLAN_AIM = 3.0
DECIDED_AIM_S = 20.0
DECIDED_AIM_BYTES = 600 << 20


@dataclass(frozen=True, slots=True)
class Few:
    """On a small and a heavy site, and on none at all."""

    help: Timing
    plan: Timing
    nine_calls: Timing
    eval_file: Timing
    empty_ansible: Timing
    frozen: tuple[Frozen, ...]
    rolled_back: RolledBack
    decided: tuple[Decided, ...]
    """Smallest fleet first; CPU seconds of one core, with nothing looked at."""


@dataclass(frozen=True, slots=True)
class Measured:
    rounds: int
    load: tuple[float, float]
    """One-minute load average before and after; 2 and more on two cores spoils absolute times."""
    few: Few | None
    many: Many | None
    """Of the fleet of 200 sites."""


def rows(measured: Measured) -> list[Row]:
    few = _few_rows(measured.few) if measured.few else []
    return few + (many_report.rows(measured.many) if measured.many else [])


def _few_rows(measured: Few) -> list[Row]:
    plan, nine, empty = measured.plan, measured.nine_calls, measured.empty_ansible
    found = [
        ("`wpstate --help`", measured.help, "", f"≤ {HELP_AIM_S} s"),
        (
            "`wpstate plan SITE`, in sync",
            plan,
            f"{nine.ratio_to(plan):.1f}× quicker than nine calls, "
            f"{measured.eval_file.ratio_to(plan):.1f}× than one `eval-file`",
            f"{PLAN_AIM:.0f}× quicker than nine calls",
        ),
        ("baseline: nine WP-CLI calls", nine, "", ""),
        ("baseline: one `wp eval-file`", measured.eval_file, "", ""),
        ("baseline: an empty Ansible run", empty, "", ""),
    ]
    for one in measured.frozen:
        found.append(
            (
                f"visitors wait, {one.site} site",
                one.measured,
                f"{one.measured.ratio_to(empty):.1f}× an empty Ansible run",
                f"≤ {FROZEN_AIM_S[one.site]:.0f} s",
            )
        )
        off = one.predicted_s / one.measured.median_s - 1
        found.append(
            (
                f"as its plan predicts, {one.site} site",
                Timing((one.predicted_s,)),
                f"{off:+.0%} of what was measured",
                f"within {PREDICTION_AIM:.0%}",
            )
        )
    back = measured.rolled_back
    found.append(
        (
            "rollback of that update, small site",
            back.restored,
            f"visitors have the site again after {back.open_again.median_s:.1f} s",
            f"≤ {ROLLBACK_AIM_S:.0f} s",
        )
    )
    smallest = measured.decided[0]
    for one in measured.decided:
        growth = one.cpu_s / smallest.cpu_s / (one.sites / smallest.sites)
        found.append(
            (
                f"validate, compose, plan {one.sites:,} sites",
                Timing((one.cpu_s,)),
                f"{one.memory_bytes >> 20} MiB; {growth:.2f}× the time a site of "
                f"{smallest.sites:,} sites",
                f"≤ {DECIDED_AIM_S:.0f} s, ≤ {DECIDED_AIM_BYTES >> 20} MiB",
            )
        )
    return found


def table(measured: Measured) -> str:
    lines = [f"{machine()}, {measured.rounds} rounds, {_load(measured)}", ""]
    for what, timing, compared, aim in rows(measured):
        low, high = min(timing.rounds_s), max(timing.rounds_s)
        lines.append(
            f"{what.replace('`', ''):32} {timing.median_s:6.2f} s  ({low:.2f} … {high:.2f})"
        )
        lines += [f"{'':32} {text}" for text in (compared, f"aim {aim}" if aim else "") if text]
    lines += ["", *(f"{sites}: {seconds}" for sites, seconds in _all_phases(measured))]
    return "\n".join(lines)


def as_json(measured: Measured) -> dict[str, object]:
    few, many = measured.few, measured.many
    ratios: dict[str, float] = {}
    if few:
        empty = few.empty_ansible
        ratios |= {
            "nine_calls_to_plan": few.nine_calls.ratio_to(few.plan),
            "eval_file_to_plan": few.eval_file.ratio_to(few.plan),
            **{f"{f.site}_to_empty_ansible": f.measured.ratio_to(empty) for f in few.frozen},
        }
    if many:
        ratios |= many_report.ratios(many)
    return {"machine": machine(), **asdict(measured), "ratios": ratios}


def write_into(page: Path, measured: Measured) -> None:
    """Replace what stands between the page's two marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [
        f"{machine()}, {datetime.now(UTC):%Y-%m-%d}, medians of {measured.rounds} rounds, "
        f"{_load(measured)}.",
        "",
        "| what | median | least … most | in the same run | aim |",
        "| --- | ---: | --- | --- | --- |",
    ]
    for what, timing, compared, aim in rows(measured):
        spread = f"{min(timing.rounds_s):.2f} … {max(timing.rounds_s):.2f}"
        lines.append(f"| {what} | {timing.median_s:.2f} s | {spread} | {compared} | {aim} |")
    lines += ["", "Where a run's time goes, in seconds:", ""]
    lines += [f"- {sites}: {seconds}" for sites, seconds in _all_phases(measured)]
    page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")


def machine() -> str:
    names = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    }
    cpu = ", ".join(sorted(names)) or platform.machine()
    return f"{os.cpu_count()} cores of {cpu}"


def _load(measured: Measured) -> str:
    return f"load {measured.load[0]:.1f} before, {measured.load[1]:.1f} after"


def _all_phases(measured: Measured) -> list[tuple[str, str]]:
    few, many = measured.few, measured.many
    found = [(f"{one.site} site", _phases(one)) for one in few.frozen] if few else []
    return found + ([("20 sites, four at once", many_report.phases(many))] if many else [])


def _phases(one: Frozen) -> str:
    return ", ".join(f"{name} {took_s:.1f}" for name, took_s in one.phases_s)
