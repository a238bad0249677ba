"""What was found on the fleet of 200 sites, as rows of the bench's table."""

from tests.bench.many_measures import InSync, Many
from tests.bench.timing import Timing

Row = tuple[str, Timing, str, str]
"""What, seconds, how it compares in this run, what is aimed at."""

NINE_CALLS_AIM = 40.0
FLOOR_AIM = 2.0
IN_SYNC_AIM_S = 12.0
MEMORY_AIM_BYTES = 300 << 20
SIMULATED_AIM_S = 300.0
EXPERT_AIM = 0.5
FROZEN_AIM_S = 4.0


def rows(many: Many) -> list[Row]:
    looks = many.looks
    observe = looks.observe
    return [
        (
            "`wpstate observe`, 200 sites",
            observe,
            f"{looks.nine_calls.ratio_to(observe):.0f}× quicker than nine calls a site, "
            f"{looks.eval_file.ratio_to(observe):.0f}× than one `eval-file` a site, "
            f"{observe.ratio_to(looks.floor):.1f}× the floor",
            f"{NINE_CALLS_AIM:.0f}× quicker than nine calls, ≤ {FLOOR_AIM:.0f}× the floor",
        ),
        ("baseline: nine WP-CLI calls a site, 200 sites, from 10", looks.nine_calls, "", ""),
        ("baseline: one `wp eval-file` a site, 200 sites, from 10", looks.eval_file, "", ""),
        ("baseline: the floor, one `php -r` an account", looks.floor, "", ""),
        *_in_sync(many.in_sync),
        *_update(many),
        (
            "a bad update of 8 sites, found and put back",
            many.way_back.whole,
            f"visitors have a site again {many.way_back.open_again_s:.1f} s after the verdict "
            "(median)",
            "",
        ),
    ]


def _in_sync(passes: tuple[InSync, ...]) -> list[Row]:
    found: list[Row] = []
    for one in passes:
        alike = [each for each in passes if each.simulated == one.simulated]
        least = alike[0]
        growth = one.took.median_s / least.took.median_s / (one.sites / least.sites)
        aim = ""
        if one.simulated and one is alike[-1]:
            aim = f"≤ {SIMULATED_AIM_S / 60:.0f} min, linear"
        elif not one.simulated and one.sites == 200:
            aim = f"≤ {IN_SYNC_AIM_S:.0f} s, ≤ {MEMORY_AIM_BYTES >> 20} MiB"
        sort = " simulated" if one.simulated else ""
        compared = f"{one.memory_bytes >> 20} MiB"
        if one is not least:
            compared += f"; {growth:.2f}× the time a site of {least.sites:,} sites"
        found.append(
            (f"`wpstate reconcile --once`, {one.sites:,}{sort} in sync", one.took, compared, aim)
        )
    return found


def _update(many: Many) -> list[Row]:
    update = many.update
    return [
        (
            "`wpstate apply`, one plugin on 20 sites",
            update.apply,
            f"{update.apply.ratio_to(update.expert):.2f}× the expert's playbook; "
            f"{update.memory_bytes >> 20} MiB",
            f"≤ {EXPERT_AIM}× the expert's playbook",
        ),
        ("baseline: an expert's playbook, the same 20 sites", update.expert, "", ""),
        (
            "visitors wait, median of 19 sites",
            update.frozen_s,
            f"most {update.frozen_most_s.median_s:.1f} s",
            f"≤ {FROZEN_AIM_S:.0f} s",
        ),
        (
            "visitors wait, the 20th, whose pages take 1.5 s more",
            update.slow_frozen_s,
            f"{update.slow_frozen_s.ratio_to(update.frozen_s):.1f}× the others'",
            "longer by itself alone",
        ),
    ]


def ratios(many: Many) -> dict[str, float]:
    looks, update = many.looks, many.update
    return {
        "many_nine_calls_to_observe": looks.nine_calls.ratio_to(looks.observe),
        "many_eval_file_to_observe": looks.eval_file.ratio_to(looks.observe),
        "observe_to_floor": looks.observe.ratio_to(looks.floor),
        "apply_to_expert": update.apply.ratio_to(update.expert),
    }


def phases(many: Many) -> str:
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in many.update.phases_s)
