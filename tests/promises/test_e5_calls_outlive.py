"""E5: the box is killed (-9) or restarted in mid-call. The modems hold the calls, and each is the same call again a moment later.

SEATBOX_KILLS=n sets how often the long form kills; it prints the distribution that docs/restart.md publishes.
"""

import os
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.support.box import Box, a_box, command
from tests.support.restarts import (
    CALLER_HZ,
    PAGE_HZ,
    TALKER,
    TALKER_2,
    WAITER,
    Headset,
    Office,
    full_house,
    random_moment,
    tone_windows,
)
from tests.support.seat_tones import usual_level_dbfs


def all_as_it_was(office: Office, restarts: int) -> None:
    """Nobody was dropped; seats, places and waiting times are what they were; each recording goes on."""
    box = office.box
    for caller, far in ((TALKER, office.talker), (TALKER_2, office.second), (WAITER, office.waiter)):
        assert box.far_end(far)["state"] == "connected", f"{caller} was dropped"
        assert office.moments(caller).count("taken_up") == restarts
        box.until("its recording goes on", lambda caller=caller: office.moments(caller).count("gap") == restarts)  # type: ignore[misc]
    assert box.far_end(office.leg)["state"] == "connected"
    assert office.view(TALKER)["state"] == "talking" and office.view(WAITER)["state"] == "queued"
    assert len(box.get("/calls")) == 3, "no call is there twice"
    waiting = next(queue for queue in box.get("/queues") if queue["waiting"])
    heard_s = box.far_end(office.waiter)["heard"]["seconds"]
    assert abs(waiting["longest_wait_s"] - heard_s) < 1.0, "he has waited since he came, not since the restart"


def one_marked_gap_each(office: Office, restarts: int) -> None:
    """What the calls left behind, after all of them have ended."""
    box = office.box
    for far in (office.talker, office.second, office.waiter):
        box.delete(f"/exchange/calls/{far}")
    for caller in office.calls:
        box.until("sealed", lambda caller=caller: (got := office.view(caller)["recording"]) and got["sha256"])  # type: ignore[misc]
    view = office.view(TALKER)
    _, sound = box.wav(f"/calls/{view['id']}/recording")
    customer = np.abs(sound[:, 0].astype(int)) > 100
    edges = np.flatnonzero(np.diff(customer.astype(int)))
    silent = sorted((b - a) / 8000 for a, b in pairwise(edges) if b - a > 800 and not customer[a + 1 : b].any())
    marked = sorted(float(moment["text"].split(" s ")[0].split()[-1]) for moment in view["timeline"] if moment["what"] == "gap")
    assert len(marked) == restarts and len(silent) >= restarts, f"as many gaps as restarts: {silent}, marked: {marked}"
    *short, shortest = silent[: len(silent) - restarts + 1]
    assert np.allclose(silent[len(short) :], marked, atol=0.35), f"each as long as it says: {silent}, marked: {marked}"
    assert all(gap < shortest for gap in short), "what a busy machine keeps from a line for a moment is no restart"
    took = datetime.fromisoformat(view["ended_at"]) - datetime.fromisoformat(view["picked_up_at"])
    assert abs(len(sound) / 8000 - took.total_seconds()) < 0.4, "time in the recording is the call's time"
    verdict = command("verify", "--state", str(box.state))
    assert verdict.returncode == 0, verdict.stdout


def test_calls_outlive_a_killed_box_and_a_planned_restart(tmp_path: Path) -> None:
    with a_box(tmp_path / "state") as first:
        office = full_house(first)
        try:
            page = office.headset
            for restart in (1, 2, 3, 4):
                if restart == 2:
                    office.box.post(f"/seats/{office.page}/hold")
                random_moment(restart)
                office.back()
                all_as_it_was(office, restart)
                if restart == 2:
                    assert office.view(TALKER_2)["state"] == "held" and office.box.seat(office.page)["state"] == "held"
                    office.box.post(f"/seats/{office.page}/retrieve")
            office.in_order()
            all_as_it_was(office, 5)
            assert not page.closed, "the page's socket has outlived every end of the box"
            office.box.until(
                "the page hears its caller", lambda: usual_level_dbfs(page.since(page.heard[-1][0] - 0.5)[-4000:], CALLER_HZ) > -25
            )
            _, heard = office.box.wav(f"/exchange/calls/{office.second}/recording")
            assert usual_level_dbfs(heard[-4000:, 0], PAGE_HZ) > -25, "and is heard"
            one_marked_gap_each(office, 5)
            assert "Traceback" not in office.box.log()
            assert office.box.stop() == 0
        finally:
            office.headset.leave()
            office.box.kill() if office.box.process.poll() is None else None


def test_a_call_that_rings_when_the_box_is_killed_is_answered_by_the_next(tmp_path: Path) -> None:
    with a_box(tmp_path / "state") as box:
        far = box.dial(box.line("l3")["number"], caller="13955550009")  # analog: answered after the second ring
        call = box.until("it rings", lambda: [got for got in box.get("/calls?live=true") if got["state"] == "ringing"])[0]
        box.kill()
        again = Box(box.state)
        try:
            again.until("connected", lambda: again.far_end(far)["state"] == "connected")
            view = again.until("waits", lambda: (got := again.get(f"/calls/{call['id']}"))["state"] == "queued" and got)
            assert view["ended_at"] is None and len(again.get("/calls")) == 1
        finally:
            again.stop()


def test_a_conference_with_an_outside_phone_and_an_outside_number_is_whole_after_a_kill_and_a_planned_restart(tmp_path: Path) -> None:
    """The customer on an analog line, the colleague's phone on another, the number on a module's."""
    number, colleague_hz, number_hz = "13711112222", 1130, 1730
    with a_box(tmp_path / "state") as box:
        page = next(seat["id"] for seat in box.get("/seats") if seat["kind"] == "browser")
        phone, agents = box.phone_seats()[0], box.get("/agents")
        box.put(f"/exchange/phones/{phone['number']}", {"answers_after_s": 0.2, "says": f"tone:{colleague_hz}", "keys": "1"})
        box.put(f"/exchange/phones/{number}", {"answers_after_s": 0.2, "says": f"tone:{number_hz}"})
        headset = Headset(box, page, PAGE_HZ)
        try:
            box.post(f"/seats/{page}/login", {"agent": agents[0]["id"]})
            far = box.dial(box.line("l3")["number"], caller=TALKER, says=f"tone:{CALLER_HZ}")
            box.until("it rings at the page", lambda: box.seat(page)["state"] == "ringing")
            box.post(f"/seats/{page}/answer")
            box.post(f"/seats/{phone['id']}/login", {"agent": agents[1]["id"]})
            call = box.call_from(TALKER)["id"]  # type: ignore[index]
            for who, to in enumerate((phone["id"], number)):
                box.post(f"/seats/{page}/transfer", {"to": to, "kind": "conference"})
                box.until("he is in it", lambda who=who: moments(box, call).count("joined") == who + 1)  # type: ignore[misc]
            leg, outside = (box.leg_to(to)["id"] for to in (phone["number"], number))  # type: ignore[index]
            hears = {
                far: (PAGE_HZ, colleague_hz, number_hz),
                leg: (CALLER_HZ, PAGE_HZ, number_hz),
                outside: (CALLER_HZ, PAGE_HZ, colleague_hz),
            }
            box.kill()
            box = all_hear_all_again(box, call, hears, restarts=1)
            box.stop()
            box = all_hear_all_again(box, call, hears, restarts=2)
            assert moments(box, call).count("taken_up") == 2 and "left" not in moments(box, call) and len(box.get("/calls")) == 1
            box.delete(f"/exchange/calls/{far}")
            for name in (leg, outside):
                box.until("its line is let go with the call", lambda name=name: box.far_end(name)["state"] != "connected")  # type: ignore[misc]
            box.until("sealed", lambda: (got := box.get(f"/calls/{call}")["recording"]) and got["sha256"])
            assert command("verify", "--state", str(box.state)).returncode == 0 and "Traceback" not in box.log()
        finally:
            headset.leave()
            if box.process.poll() is None:
                box.stop()


def all_hear_all_again(before: Box, call: str, hears: dict[str, tuple[int, ...]], restarts: int) -> Box:
    """The next box on this state."""
    box = Box(before.state)
    for name, tones in hears.items():
        box.until(f"{name} hears {tones} again", lambda name=name, tones=tones: hears_now(box, name, tones))  # type: ignore[misc]
    box.until("its recording goes on, one gap each time", lambda: moments(box, call).count("gap") == restarts)
    return box


def moments(box: Box, call: str) -> list[str]:
    return [moment["what"] for moment in box.get(f"/calls/{call}")["timeline"]]


def hears_now(box: Box, name: str, tones: tuple[int, ...]) -> bool:
    """Each tone in the last 0.1 s of what this far end heard."""
    _, heard = box.wav(f"/exchange/calls/{name}/recording")
    return all(bool(tone_windows(heard[-800:, 0], hz).all()) for hz in tones)


@pytest.mark.soak
def test_a_hundred_kills_at_random_moments(tmp_path: Path) -> None:
    kills = int(os.environ.get("SEATBOX_KILLS", "100"))
    caller: list[int] = []
    phone: list[int] = []
    with a_box(tmp_path / "state") as first:
        office = full_house(first)
        try:
            for kill in range(1, kills + 1):
                random_moment(kill)
                found = office.back()
                caller.append(found["caller"])
                phone.append(found["phone"])
                all_as_it_was(office, kill)
            one_marked_gap_each(office, kills)
        finally:
            office.headset.leave()
            office.box.kill() if office.box.process.poll() is None else None
    for who, gaps in (("caller", caller), ("agent's phone", phone)):
        p = np.percentile(gaps, [50, 95, 100])
        share = np.mean(np.array(gaps) <= 2000)
        print(
            f"{kills} kills, {who} without the other: median {p[0]:.0f} ms, p95 {p[1]:.0f} ms, worst {p[2]:.0f} ms; {share:.0%} within 2 s"
        )
