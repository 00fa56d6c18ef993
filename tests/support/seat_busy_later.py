"""A box left in peace until SIGUSR1, from then on kept busy as tests/support/busy_box.py keeps it: run in place of `appliance`.

So a control and the busy time are the same box, the same call and the same minute.
"""

import signal
import sys
import threading

from tests.support.busy_box import collect, entries, hold_the_interpreter


def main() -> int:
    from appliance.__main__ import main as seatbox

    stop = threading.Event()

    def begin(*_: object) -> None:
        for work in (hold_the_interpreter, collect, entries):
            threading.Thread(target=work, args=(stop,), daemon=True).start()

    signal.signal(signal.SIGUSR1, begin)
    try:
        return seatbox(sys.argv[1:])
    finally:
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
