"""Durations, shares and dates as people write them: `30s`, `24h`, `30%`."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhd])\Z")


def duration_s(text: str) -> int | None:
    """`24h` → 86400; None where the text is no duration."""
    found = _DURATION.match(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def share(text: str) -> float:
    """`30%` → 0.3. The schema has checked the text."""
    return int(text.removesuffix("%")) / 100
