"""The routing core with one allocation after the other refused (E4): `python -m tests.support.core_starved SEED EVERY`, core_starved.c
preloaded.

Each time it either goes on as if nothing had been, or raises MemoryError and then refuses every further step; prints how many of each.
"""

import ctypes
import sys

from appliance.core import Acd, trace
from appliance.core import inputs as i
from appliance.core.reference import Oracle
from tests.support.core_inputs import RandomDay

STEPS = 160
C = ctypes.CDLL(None)
C.starve_at.argtypes, C.starve_seen.restype = [ctypes.c_long], ctypes.c_long


def day_of(seed: int) -> list[tuple[int, i.Input]]:
    """Small ids, then a great many kinds of agents, wants and queues, and random steps after them."""
    oracle = Oracle()
    day = RandomDay(seed, oracle)
    steps = list(day.start())
    for _ in range(STEPS):
        steps.append(day.next())
        oracle.feed(*steps[-1])
    now = steps[-1][0]
    more: list[i.Input] = []
    for kind in range(70):
        more += [i.QueueSet(1_000 + kind), i.WantSet(1_000 + kind, needs=((kind, 1),), prefers=((kind, 2),))]
        more += [i.AgentSet(1_000 + kind, (1_000 + kind,), skills=((kind, 1),), tenant=0), i.AgentLogsIn(1_000 + kind)]
        more += [i.CallWaits(1_000 + kind, 1_000 + kind, want=1_000 + kind, number=kind + 1, never=(1_000, 1_001), callback=kind % 3 == 0)]
    return steps + [(now, one) for one in more]


def life(steps: list[tuple[int, i.Input]], by_rows: bool) -> int | None:
    """The hash, also of a copy from its state; None: memory was out, and the core said so ever after."""
    core = None
    try:
        core = Acd()
        for now, one in steps:
            if by_rows:
                core.run(trace.pack([(now, one)]))
            else:
                core.feed(now, one)
        [core.waiting(queue) for queue in (1, 2, 1_000)]
        return Acd.restore(core.state()).hash
    except MemoryError:
        if core is None:
            return None
        C.starve_at(-1)
        for again in (lambda: core.feed(2**40, i.Tick()), lambda: core.run(trace.pack([(2**40, i.Tick())]))):
            try:
                again()
            except MemoryError:
                continue
            try:  # what failed was a copy or a list, and the core itself is whole
                Acd.restore(core.state())
            except MemoryError:
                raise AssertionError("a broken core went on") from None
        return None


def main(seed: int, every: int) -> None:
    """every: 1 refuses each allocation in turn, 4 every fourth."""
    steps = day_of(seed)
    went_on = refused = 0
    for by_rows in (False, True):
        C.starve_at(0)
        whole = life(steps, by_rows)
        assert whole is not None
        for n in range(1, C.starve_seen() + 1, every):
            C.starve_at(n)
            found = life(steps, by_rows)
            C.starve_at(-1)
            assert found in (None, whole), f"seed {seed}, allocation {n}: other decisions"
            went_on, refused = went_on + (found is not None), refused + (found is None)
    print(went_on, refused)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
