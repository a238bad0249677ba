"""Times things against one another in one run: by turns, so that a busy moment meets them all."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of several rounds."""

    rounds_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        return statistics.median(self.rounds_s)

    def ratio_to(self, other: "Timing") -> float:
        """Median of the ratios of each round: what slowed one round down slowed both."""
        pairs = zip(self.rounds_s, other.rounds_s, strict=True)
        return statistics.median(mine / its for mine, its in pairs)


def by_turns(measured: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Timing]:
    """Call each in turn, `rounds` times, after one round that warms up and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for number in range(rounds + 1):
        for name, measure in measured.items():
            took_s = measure()
            if number:
                seconds[name].append(took_s)
    return {name: Timing(tuple(rounds_s)) for name, rounds_s in seconds.items()}


def wall_s(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    stdin: Path | None = None,
    good: Sequence[int] = (0,),
) -> float:
    """Wall time of a whole process. Raises RuntimeError where its exit code is none of `good`."""
    given = stdin.read_bytes() if stdin else b""
    began_s = time.perf_counter()
    ran = subprocess.run(command, env=env, input=given, capture_output=True)
    took_s = time.perf_counter() - began_s
    if ran.returncode not in good:
        said = (ran.stderr or ran.stdout).decode(errors="replace")[-2000:]
        raise RuntimeError(f"{command[0]} ended with {ran.returncode}: {said}")
    return took_s
