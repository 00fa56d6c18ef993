"""Garbage at 1 MB/s on eight ports: the ninth line's calls have no gap (E5, A1)."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.promises.test_a7_no_gap_while_busy import FRAME_MS, longest_silence_ms
from tests.support.box import ROOT, Box, a_box
from tests.support.flood import flooded
from tests.support.idle_reference import an_idle_process_on_each_core
from tests.support.seat_tones import usual_level_dbfs

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
    with (
        flooded(tmp_path / "ports", list(GARBAGE)) as taken,
        a_box(tmp_path / "state", config=configuration(tmp_path)) as box,
    ):
        seat = box.phone_seats()[0]
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
        box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        held = []
        for n in range(calls):
            a_call_without_a_gap(box, seat, f"1391616{n:04}", talk_s)
            held.append(held_mb(box))
        for name in GARBAGE:
            box.until(f"{name} is named", lambda name=name: "garbage" in (box.line(name)["fault"] or ""))  # type: ignore[misc]
        print(json.dumps({"MB held after each call": held, "cpu s": cpu_s(box)}))
        assert held[-1] - held[0] < 30, held
        assert "Traceback" not in box.log()
        assert len(box.log().splitlines()) < 200 + 100 * calls, "garbage fills no log"
    print(json.dumps({"MB taken from each port": {name: round(number / 1e6, 2) for name, number in taken.items()}}))
    assert all(number > 1_000_000 for number in taken.values()), taken


def held_mb(box: Box) -> float:
    pages = int(Path(f"/proc/{box.process.pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def cpu_s(box: Box) -> float:
    fields = Path(f"/proc/{box.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def a_call_without_a_gap(box: Box, seat: dict, caller: str, talk_s: int) -> None:  # type: ignore[type-arg]
    far = box.dial(box.line("l1")["number"], caller=caller, says="tone:620")
    call = box.until("talking", lambda: (got := box.call_from(caller)) and got["answered_at"] and got)
    leg = box.until("leg", lambda: box.leg_to(seat["number"]))
    start = box.far_end(far)["heard"]["seconds"]
    with an_idle_process_on_each_core() as idle:
        box.until("talk", lambda: box.far_end(far)["heard"]["seconds"] > start + talk_s, patience_s=talk_s + 60)
    allowed_ms = FRAME_MS + idle.worst
    for at, hz in ((far, 1130), (leg["id"], 620)):
        rate, heard = box.wav(f"/exchange/calls/{at}/recording")
        talk = heard[-(talk_s - 2) * rate :, 0]
        assert longest_silence_ms(talk) < allowed_ms, (hz, idle)
        assert usual_level_dbfs(talk, hz, rate) > -16
    _, recorded = box.wav(f"/calls/{call['id']}/recording")
    assert longest_silence_ms(np.ascontiguousarray(recorded[-(talk_s - 2) * 8000 :, 0])) < allowed_ms
    box.delete(f"/exchange/calls/{far}")
    box.until("over", lambda: box.call_from(caller)["ended_at"])  # type: ignore[index]
    box.until("the seat is free", lambda: box.seat(seat["id"])["state"] in ("free", "wrap_up"))
    if box.seat(seat["id"])["state"] == "wrap_up":
        box.post(f"/seats/{seat['id']}/resume")
