"""The controller's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Time of this machine; hosts have clocks of their own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
