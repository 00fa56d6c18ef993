"""Is the machine's UTC to be trusted? A Pi has no clock chip: until the network corrected it, its UTC is a guess (E5)."""

import ctypes

_TIME_ERROR = 5  # adjtimex(2): the system clock is not synchronised


def utc_is_trusted() -> bool:
    """True where the kernel says that something keeps its clock; False where it does not say."""
    timex = ctypes.create_string_buffer(512)  # struct timex, modes = 0: only looks (208 bytes on 64 bits)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < _TIME_ERROR
