"""A box whose Python is kept busy on purpose: run in place of `python -m appliance`, with the same words.

Beside the box, in its very process: a thread that holds the interpreter in a loop, one that collects 300,000 objects again and again, and
5,000 journal entries that come at once. The box knows nothing of it.
"""

import gc
import sys
import threading
import time


def hold_the_interpreter(stop: threading.Event) -> None:
    while not stop.is_set():
        total = 0
        for number in range(300_000):
            total += number * number % 7


def collect(stop: threading.Event) -> None:
    objects = [{"k": [number, str(number)]} for number in range(300_000)]
    while not stop.is_set():
        gc.collect()
        time.sleep(0.3)
    objects.clear()


def entries(stop: threading.Event) -> None:
    from appliance.box import parts
    from appliance.events.box import PersonDid

    while not stop.wait(3.0):
        for box in [found for found in gc.get_objects() if isinstance(found, parts.Parts)]:
            facts = [PersonDid(at_ms=box.clock.now_ms(), by="load", what="nothing") for _ in range(5_000)]
            box.journal.append(facts)


def main() -> int:
    from appliance.__main__ import main as seatbox

    stop = threading.Event()
    for work in (hold_the_interpreter, collect, entries):
        threading.Thread(target=work, args=(stop,), daemon=True).start()
    try:
        return seatbox(sys.argv[1:])
    finally:
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
