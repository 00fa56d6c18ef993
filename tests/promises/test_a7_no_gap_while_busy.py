"""A7 A2: no far end hears a gap while the box's Python is kept busy: a loop, collections, 5,000 journal entries, eight clients.

The far ends measure silence on their own clock. The simulated modems are ordinary processes on the same machine, so a gap is judged
against an idle process beside them: what the machine kept from it, it kept from a modem. Figures are printed (`pytest -s`); those of the
tick itself are published by `make bench ONLY=audio`.
"""

import json
import threading
from pathlib import Path

import httpx

from tests.support.box import Background, Box, a_box
from tests.support.idle_reference import an_idle_process_on_each_core
from tests.support.seat_tones import longest_silence_ms, usual_level_dbfs

TALK_S = 8
FRAME_MS = 20


def fetch_pages(box: Box, stop: threading.Event) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {box.credentials['token']}"}, timeout=60.0) as client:
        while not stop.is_set():
            for path in ("/api/v1/calls", "/api/v1/seats", "/api/v1/health"):
                client.get(box.url + path)


def test_no_far_end_hears_a_gap_while_the_interpreter_is_busy(tmp_path: Path) -> None:
    with a_box(tmp_path / "state", program="tests.support.busy_box") as box:
        box.http.timeout = 60.0
        seat = box.phone_seats()[0]
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
        box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        far = box.dial(box.get("/lines")[0]["number"], caller="13914140001", says="tone:620")
        clients = [Background(lambda stop: fetch_pages(box, stop)) for _ in range(8)]
        try:
            call = box.until("talking", lambda: (got := box.call_from("13914140001")) and got["answered_at"] and got, patience_s=90)
            leg = box.until("leg", lambda: box.leg_to(seat["number"]))
            start = box.far_end(far)["heard"]["seconds"]
            with an_idle_process_on_each_core() as idle:
                box.until("talk", lambda: box.far_end(far)["heard"]["seconds"] > start + TALK_S, patience_s=90)
        finally:
            for client in clients:
                client.end()
        audio = box.get("/health")["audio"]
        print(json.dumps({"tick": audio, "idle process, worst ms": idle.worst}))
        allowed_ms = FRAME_MS + idle.worst
        for call_id, hz in ((far, 1130), (leg["id"], 620)):
            rate, heard = box.wav(f"/exchange/calls/{call_id}/recording")
            talk = heard[-(TALK_S - 2) * rate :, 0]
            assert longest_silence_ms(talk) < allowed_ms, (hz, audio)
            assert usual_level_dbfs(talk, hz, rate) > -16
        _, recorded = box.wav(f"/calls/{call['id']}/recording")
        assert longest_silence_ms(recorded[-(TALK_S - 2) * 8000 :, 0]) < allowed_ms
