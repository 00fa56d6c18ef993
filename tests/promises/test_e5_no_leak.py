"""E5: talks over real pseudo-terminals, again and again: both ends hear each other, and the box holds no more than before.

`make soak`: a round takes twelve seconds of real time. Descriptors, threads and terminals after pulled plugs: test_e5_survives.py, in
`make test`.
"""

import os
from pathlib import Path

import pytest

from tests.support.box import Box, tone_level

WARM = 2
MOST_MORE = 3 << 20  # of resident memory, from the third round on: a page that is kept by a call would be more

Held = tuple[int, int, int, int]


@pytest.mark.soak
@pytest.mark.parametrize("rounds", [40])
def test_talks_over_pseudo_terminals_leave_no_memory_descriptor_thread_or_terminal_behind(box: Box, rounds: int) -> None:
    seats = box.phone_seats()[:2]
    for at, (seat, agent) in enumerate(zip(seats, box.get("/agents"), strict=False)):
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": f"tone:{1300 + 200 * at}", "keys": "1"})
        box.post(f"/seats/{seat['id']}/login", {"agent": agent["id"]})
    before: dict[str, Held] = {}
    for n in range(WARM + rounds):
        two_talks(box, n)
        if n == WARM - 1:
            before = held(box)
        elif n >= WARM:
            box.until(
                f"as much is held as after {WARM} rounds, {before}, not {held(box)}",
                lambda: no_process_holds_more(before, held(box)),  # noqa: B023 -- called before the next round
            )
            if n % 10 == WARM or n == WARM + rounds - 1:
                print(f"round {n - WARM + 1} of {rounds}: {held(box)}", flush=True)


def no_process_holds_more(before: dict[str, Held], after: dict[str, Held]) -> bool:
    """Descriptors and terminals are as many; a pool of threads may still grow by one or two."""
    return before.keys() == after.keys() and all(
        now[:2] == then[:2] and now[2] - then[2] <= 2 and now[3] - then[3] <= MOST_MORE
        for then, now in ((before[name], after[name]) for name in before)
    )


def held(box: Box) -> dict[str, Held]:
    """Of the box, its pages' gateway and its exchange: descriptors, of these pseudo-terminals, threads, bytes resident."""
    found = {}
    children = Path(f"/proc/{box.process.pid}/task/{box.process.pid}/children").read_text().split()
    for name in (str(box.process.pid), *children, str(box.exchange_pid())):
        files = [os.readlink(file) for file in Path("/proc", name, "fd").iterdir() if file.is_symlink()]
        threads = len(list(Path("/proc", name, "task").iterdir()))
        resident = int(Path("/proc", name, "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        found[name] = len(files), sum("/pts/" in file or file.endswith("ptmx") for file in files), threads, resident
    return found


def two_talks(box: Box, n: int) -> None:
    """One customer on an analog line and one on a module, two agents at telephones through the other two; each hears an agent's tone."""
    lines = [box.of_dialect("v253")[0], box.of_dialect("sim7600")[0]]
    callers = [f"137{n:04}{at:04}" for at in range(2)]
    far = [
        box.dial(box.line(line)["number"], caller=caller, says=f"tone:{620 + 200 * at}")
        for at, (line, caller) in enumerate(zip(lines, callers, strict=True))
    ]
    calls = [
        box.until(f"{caller} talks", lambda caller=caller: (got := box.call_from(caller)) and got["answered_at"] and got)
        for caller in callers
    ]
    for at, name in enumerate(far):
        agent = next(offer["seat"] for offer in reversed(calls[at]["offers"]) if offer["outcome"] == "answered")
        number = box.seat(agent)["number"]
        leg = box.leg_to(number)
        assert leg is not None
        hz = {seat["number"]: 1300 + 200 * i for i, seat in enumerate(box.phone_seats()[:2])}[number]
        box.until("the customer hears the agent", lambda name=name, hz=hz: tone_level(box.far_end(name)["heard"], hz) > -20)
        box.until("the agent hears the customer", lambda leg=leg, at=at: tone_level(box.far_end(leg["id"])["heard"], 620 + 200 * at) > -20)
    for name, call in zip(far, calls, strict=True):
        box.delete(f"/exchange/calls/{name}")
        box.until("over and sealed", lambda call=call: (got := box.get(f"/calls/{call['id']}"))["ended_at"] and got["recording"]["sha256"])
    box.until("all lines idle", lambda: all(line["state"] == "idle" for line in box.get("/lines")))
    box.until(
        "both agents free", lambda: all(box.seat(seat["id"])["state"] in ("idle", "free", "wrap_up") for seat in box.phone_seats()[:2])
    )
    for seat in box.phone_seats()[:2]:
        if box.seat(seat["id"])["state"] == "wrap_up":
            box.post(f"/seats/{seat['id']}/resume")
