"""Garbage at 1 MB/s on eight ports: the ninth line's calls have no gap (E5, A1)."""

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.box import ROOT, Box, a_box
from tests.support.flood import Flood, flooded
from tests.support.idle_reference import an_idle_process_on_each_core
from tests.support.seat_tones import longest_silence_ms, usual_level_dbfs

FRAME_MS = 20
GARBAGE = {f"g{n}": "v253" if n % 2 else "sim800" for n in range(1, 9)}
LINE = '\n[[line]]\nid = "{id}"\nname = "垃圾 {id}"\ndialect = "{dialect}"\nport = "{port}"\nnumber = "0206109{n:04}"\n{rest}\n'


def configuration(folder: Path) -> Path:
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    for n, (name, dialect) in enumerate(GARBAGE.items()):
        rest = 'queue = "service"' if dialect == "v253" else 'direction = "messages"'
        text += LINE.format(id=name, dialect=dialect, port=folder / "ports" / name, n=n, rest=rest)
    (folder / "office.toml").write_text(text)
    return folder / "office.toml"


@pytest.mark.parametrize(("calls", "talk_s"), [(1, 8), pytest.param(12, 50, marks=pytest.mark.soak)])
def test_garbage_on_eight_ports_is_not_heard_on_the_ninth_line(tmp_path: Path, calls: int, talk_s: int) -> None:
    with a_box(tmp_path / "state", config=configuration(tmp_path)) as box, contextlib.ExitStack() as pouring:
        seat = box.phone_seats()[0]
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
        box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        # the ports are there only when the first call talks: all that the box ever reads of them comes beside a call
        flood = a_call_without_a_gap(
            box, seat, "13916160000", talk_s, lambda: pouring.enter_context(flooded(tmp_path / "ports", [*GARBAGE]))
        )
        began, before, held = time.monotonic(), cpu_s(box), [held_mb(box)]
        for n in range(1, calls):
            a_call_without_a_gap(box, seat, f"1391616{n:04}", talk_s, lambda: flood)
            held.append(held_mb(box))
        share = (cpu_s(box) - before) / (time.monotonic() - began)
        for name in GARBAGE:
            box.until(f"{name} is named", lambda name=name: "garbage" in (box.line(name)["fault"] or ""))  # type: ignore[misc]
        states = {name: box.line(name)["state"] for name in GARBAGE}
        print(json.dumps({"MB held after each call": held, "share of a core after the first": round(share, 3), "states": states}))
        assert held[-1] - held[0] < 30, held
        assert len(box.get("/calls")) == calls, "no RING in garbage is a caller"
        assert "Traceback" not in box.log()
        assert len(box.log().splitlines()) < 200 + 100 * calls, "garbage fills no log"
        pouring.close()
    print(json.dumps({"MB taken from each port": {name: round(number / 1e6, 2) for name, number in flood.taken.items()}}))
    # a busy machine pours slower; this is still more than 115200 baud could carry until a port of any bytes is named
    assert all(number > 100_000 for number in flood.taken.values()), flood.taken


def held_mb(box: Box) -> float:
    pages = int(Path(f"/proc/{box.process.pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def cpu_s(box: Box) -> float:
    fields = Path(f"/proc/{box.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def a_call_without_a_gap(box: Box, seat: dict, caller: str, talk_s: int, pour: Callable[[], Flood]) -> Flood:  # type: ignore[type-arg]
    far = box.dial(box.line("l1")["number"], caller=caller, says="tone:620")
    call = box.until("talking", lambda: (got := box.call_from(caller)) and got["answered_at"] and got)
    leg = box.until("leg", lambda: box.leg_to(seat["number"]))
    start = box.far_end(far)["heard"]["seconds"]
    with an_idle_process_on_each_core() as idle:
        box.until("it talks", lambda: box.far_end(far)["heard"]["seconds"] > start + 2)
        before, flood = cpu_s(box), pour()
        taken = flood.so_far()
        box.until("talk", lambda: box.far_end(far)["heard"]["seconds"] > start + talk_s, patience_s=talk_s + 60)
        poured, used_s = flood.so_far() - taken, cpu_s(box) - before
    gaps = {}
    for at, hz in ((far, 1130), (leg["id"], 620)):
        rate, heard = box.wav(f"/exchange/calls/{at}/recording")
        talk = heard[-(talk_s - 2) * rate :, 0]
        gaps[hz] = longest_silence_ms(talk)
        assert usual_level_dbfs(talk, hz, rate) > -16
    box.delete(f"/exchange/calls/{far}")
    box.until("over and sealed", lambda: box.get(f"/calls/{call['id']}")["recording"]["sha256"])  # a live one may not be written to its end
    _, recorded = box.wav(f"/calls/{call['id']}/recording")
    gaps["recording"] = longest_silence_ms(np.ascontiguousarray(recorded[-(talk_s - 1) * 8000 : -2 * 8000, 0]))
    figures = {"gaps, ms": gaps, "idle process, worst ms": idle.worst, "MB beside it": round(poured / 1e6, 1), "CPU s": round(used_s, 2)}
    print(json.dumps(figures), flush=True)
    assert max(gaps.values()) < FRAME_MS + idle.worst, figures
    box.until("the seat is free", lambda: box.seat(seat["id"])["state"] in ("free", "wrap_up"))
    if box.seat(seat["id"])["state"] == "wrap_up":
        box.post(f"/seats/{seat['id']}/resume")
    return flood
