"""Time. Inside it is an integer count of milliseconds of the boot-time clock (a Pi has no clock chip); UTC is for people."""

import time
from typing import Protocol


class Clock(Protocol):
    """Whoever needs the time is given one of these, so a test can hold the hands."""

    def now_ms(self) -> int: ...

    def utc_ms(self) -> int: ...


class BootClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """Milliseconds since boot, suspension included; never runs backwards."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def utc_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC; may jump when the network corrects it."""
        return time.time_ns() // 1_000_000
