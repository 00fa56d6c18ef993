"""The gateway's turn on a busy machine (A2 E5): sound is little work and cannot wait, pages are much and can.

Real time (SCHED_RR), below the audio thread and the simulated modems, because a nice value alone means little: where the kernel
schedules sessions as groups (autogroup, as a terminal has it) it counts only inside the gateway's own session, and there was nobody else.
Measured: with nice -10 the gateway waited 23 times in seven minutes for more than 15 ms for a core, in real time never (docs/seats.md).

Strangers on the LAN can give this process work, so real time is lent, not given: when it uses more than `MOST_SHARE` of a core in a
second, or `MOST_TURN_S` without once waiting, it is an ordinary process (nice -10) for `PENANCE_S`.
"""

import logging
import os
import resource
import signal
import time
from contextlib import suppress

from appliance.base.precedence import NICE, come_before_others

log = logging.getLogger("seatbox.gateway")

PRIORITY = 20
"""Of 1 to 99; the audio thread has 50."""
MOST_SHARE = 0.5
"""Of one core; a seat takes 0.02 to 0.04."""
WINDOW_S = 1.0
MOST_TURN_S = 0.06
"""At once, without waiting for anything: three ticks."""
PENANCE_S = 5.0


class Precedence:
    """For the thread that made it. `look` is called now and then, each 20 ms or so."""

    def __init__(self) -> None:
        self.real_time = False
        self._may = True
        self._from, self._spent = 0.0, 0.0
        self._again = 0.0

    def begin(self, now: float, cpu_s: float) -> None:
        """now: monotonic; cpu_s: processor time of this process so far."""
        signal.signal(signal.SIGXCPU, lambda *_: self._give_back(time.monotonic()))
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_RTTIME, (round(1e6 * MOST_TURN_S), resource.RLIM_INFINITY))
        self._from, self._spent = now, cpu_s
        self._take()
        if not come_before_others() and not self.real_time:
            log.warning(
                "browser seats' sound has no precedence over pages (LimitRTPRIO=%d or LimitNICE=%d of the service gives it)", PRIORITY, NICE
            )

    def look(self, now: float, cpu_s: float) -> None:
        """Gives real time back after a second of much work, and takes it again after a while."""
        if now - self._from < WINDOW_S:
            return
        share = (cpu_s - self._spent) / (now - self._from)
        self._from, self._spent = now, cpu_s
        if self.real_time and share > MOST_SHARE:
            self._give_back(now)
        elif not self.real_time and self._may and now >= self._again and share <= MOST_SHARE:
            self._take()

    def _take(self) -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
        except PermissionError:
            self._may = False
        else:
            self.real_time = True

    def _give_back(self, now: float) -> None:
        """Always allowed."""
        self._again = now + PENANCE_S
        if self.real_time:
            self.real_time = False
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            log.warning("the gateway has more to do than sound: an ordinary process for the next seconds")
