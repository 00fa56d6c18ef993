"""Who carries sound comes before who carries pages (A2 E5): what a seat's process asks of the system for itself."""

import os
from contextlib import suppress
from pathlib import Path

NICE = -10


def come_before_others() -> bool:
    """The nice value of this process and, where sessions are groups and it is alone in its own (as the box starts it), of the group."""
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE))
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    except PermissionError:
        return False
    return True
