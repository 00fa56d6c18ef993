"""A7 E5: what is recorded stays; whoever changes it is named; a kill costs at most a second."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.box import Box, a_box, command
from tests.support.seat_tones import usual_level_dbfs


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, float, dict[str, object]]]:
    """A box killed -9 in the middle of a call: (its state as the kill left it, the call, seconds recorded when last seen, facts)."""
    folder = tmp_path_factory.mktemp("killed")
    state = folder / "state"
    with a_box(state) as box:
        seat = box.phone_seats()[0]
        box.put(f"/exchange/phones/{seat['number']}", {"answers_after_s": 0.5, "says": "tone:1130", "keys": "1"})
        acknowledged = box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        box.dial(box.get("/lines")[0]["number"], caller="13955550001", says="tone:620")
        call = box.until("talking", lambda: (got := box.call_from("13955550001")) and got["answered_at"] and got)

        def recorded() -> float:
            return float(box.get(f"/calls/{call['id']}")["recording"]["seconds"])

        joined = recorded()
        box.until("three seconds of talk recorded", lambda: recorded() > joined + 3.0)
        box.post(f"/seats/{box.get('/seats')[0]['id']}/login", {"agent": box.get("/agents")[2]["id"]})  # acknowledged just before
        seen = recorded()
        box.kill()
        exchange = box.exchange_pid()
        left = folder / "left"
        shutil.copytree(state, left, ignore=shutil.ignore_patterns("exchange"))
        facts: dict[str, object] = {"exchange_alive": _alive(exchange), "login": acknowledged}
        again = Box(state)
        try:
            facts["taken_up"] = again.get(f"/calls/{call['id']}")
            for far in again.get("/exchange/calls?number=13955550001"):
                again.delete(f"/exchange/calls/{far['id']}")
            facts["call"] = again.until("sealed", lambda: (got := again.get(f"/calls/{call['id']}"))["recording"]["sha256"] and got)
            facts["verify"] = command("verify", "--state", str(state))
            facts["seats"] = again.get("/seats")
            facts["idle"] = again.until("lines idle after the restart", lambda: all(x["state"] == "idle" for x in again.get("/lines")))
        finally:
            again.stop()
        yield left, call["id"], seen, facts


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_after_a_kill_the_recording_is_playable_up_to_a_second_before(killed: tuple[Path, str, float, dict[str, object]]) -> None:
    left, call, seen, _ = killed
    (path,) = [found for found in (left / "recordings").rglob("*") if found.is_file() and call in str(found)]
    data = path.read_bytes()
    import numpy as np

    sound = np.frombuffer(data[44 : 44 + (len(data) - 44) // 4 * 4], "<i2").reshape(-1, 2)
    assert len(sound) / 8000 >= seen  # `seen` is what the journal knew; the file is not behind it
    assert usual_level_dbfs(sound[-8000:, 0], 620) > -25 and usual_level_dbfs(sound[-8000:, 1], 1130) > -25


def test_after_a_kill_the_chain_holds_and_the_exchange_runs(killed: tuple[Path, str, float, dict[str, object]]) -> None:
    left, _call, _seen, facts = killed
    verdict = command("verify", "--state", str(left))
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert facts["exchange_alive"]


def test_after_the_restart_the_call_is_still_up_its_recording_goes_on_and_all_that_was_acknowledged_is_there(
    killed: tuple[Path, str, float, dict[str, object]],
) -> None:
    _left, _call, seen, facts = killed
    call = facts["call"]
    taken_up = facts["taken_up"]
    assert isinstance(taken_up, dict) and taken_up["ended_at"] is None and taken_up["state"] == "talking"
    assert isinstance(call, dict) and call["ended_by"] == "caller" and call["recording"]["seconds"] >= seen
    verdict = facts["verify"]
    assert verdict.returncode == 0, verdict.stdout  # type: ignore[attr-defined]
    seats = facts["seats"]
    assert isinstance(seats, list) and sum(seat["agent"] is not None for seat in seats) == 2


def _recording(state: Path, call: str) -> Path:
    return next(found for found in (state / "recordings").rglob("*") if found.is_file() and call in str(found))


def flip(state: Path, call: str) -> str:
    path = _recording(state, call)
    os.chmod(path, 0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    return call


def cut(state: Path, call: str) -> str:
    path = _recording(state, call)
    os.chmod(path, 0o600)
    os.truncate(path, path.stat().st_size - 1000)
    return call


def lengthen(state: Path, call: str) -> str:
    path = _recording(state, call)
    os.chmod(path, 0o600)
    with path.open("ab") as file:
        file.write(bytes(320))
    return call


def remove(state: Path, call: str) -> str:
    _recording(state, call).unlink()
    return call


def cut_journal(state: Path, call: str) -> str:
    with sqlite3.connect(state / "journal.db") as connection:
        table = next(
            name
            for (name,) in connection.execute("select name from sqlite_master where type='table'")
            if "entr" in name or "journal" in name
        )
        for (trigger,) in connection.execute("select name from sqlite_master where type='trigger'").fetchall():
            connection.execute(f"drop trigger {trigger}")
        last = connection.execute(f"select max(number) from {table}").fetchone()[0]
        connection.execute(f"delete from {table} where number > ?", (last - 3,))
    connection.close()
    return str(last - 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A state with one sealed recording, its box stopped in order."""
    state = tmp_path_factory.mktemp("whole") / "state"
    with a_box(state) as box:
        far = box.dial(box.get("/lines")[1]["number"], caller="13966660001", says="tone:800")
        call = box.until(
            "recorded", lambda: (got := box.call_from("13966660001")) and got["recording"] and got["recording"]["seconds"] > 1 and got
        )
        box.delete(f"/exchange/calls/{far}")
        box.until("sealed", lambda: box.get(f"/calls/{call['id']}")["recording"]["sha256"])
        assert box.stop() == 0
        yield state, call["id"]


@pytest.mark.parametrize("damage", [flip, cut, lengthen, remove, cut_journal])
def test_verify_names_what_was_changed(whole: tuple[Path, str], tmp_path: Path, damage: Callable[[Path, str], str]) -> None:
    state, call = whole
    copy = tmp_path / "copy"
    shutil.copytree(state, copy, ignore=shutil.ignore_patterns("exchange"))
    fine = command("verify", "--state", str(copy))
    assert fine.returncode == 0, fine.stdout + fine.stderr
    named = damage(copy, call)
    verdict = command("verify", "--state", str(copy))
    assert verdict.returncode == 1 and named in verdict.stdout + verdict.stderr, verdict.stdout + verdict.stderr


def test_once_a_call_has_ended_its_recording_is_whole_and_file_download_and_seal_are_the_same_bytes(box: Box) -> None:
    far = box.dial(box.get("/lines")[0]["number"], caller="13916160001", says="tone:500")
    call = box.until(
        "recorded", lambda: (got := box.call_from("13916160001")) and got["recording"] and got["recording"]["seconds"] > 1 and got
    )
    box.delete(f"/exchange/calls/{far}")
    box.until("ended", lambda: not box.get("/calls?live=true"))
    ended = box.get(f"/calls/{call['id']}")
    assert ended["ended_at"] and ended["recording"]["sha256"]
    download = box.http.get(f"/calls/{call['id']}/recording").content
    assert sha256(download).hexdigest() == ended["recording"]["sha256"]
    assert download == _recording(box.state, call["id"]).read_bytes()
    took = datetime.fromisoformat(ended["ended_at"]) - datetime.fromisoformat(ended["picked_up_at"])
    assert abs((len(download) - 44) / 32_000 - took.total_seconds()) < 0.3
