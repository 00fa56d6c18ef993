"""The exchange as a program of its own (A1): its life, its socket, a box that dies, a process that is stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.exchange.launch import answers, ensure
from tests.support.exchange_client import TRUNKS, ExchangeClient, Host, exchange, level, talk_pcm, until


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ExchangeClient]]:
    state = tmp_path_factory.mktemp("state") / ("a-long-name-" * 10)
    state.mkdir()
    with exchange(state, {"8001": {"answers_after_s": 0.5, "says": "tone:1130"}}) as client:
        yield state, client


def answered(state: Path, client: ExchangeClient, **body: object) -> tuple[str, Host, Host]:
    call = client.ask("POST", "/calls", {"to": "13800000001", "from": "13912345678", **body})
    assert client.status == 201
    at, pcm = Host(state / "exchange/l1-at"), Host(state / "exchange/l1-pcm")
    at.write(b"ATA\r")
    at.expect(b"VOICE CALL: BEGIN")
    until(lambda: client.ask("GET", f"/calls/{call['id']}")["connected_s"] > 0.2)
    at.command("AT+CPCMREG=1")
    return call["id"], at, pcm


def test_it_is_a_program_of_its_own_session_and_says_so(office: tuple[Path, ExchangeClient]) -> None:
    state, _ = office
    pid = int((state / "exchange/pid").read_text())
    assert "exchange" in Path(f"/proc/{pid}/cmdline").read_text()
    assert os.getsid(pid) == pid
    assert ensure(state, TRUNKS) is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/calls", {"to": "999", "from": "1"}, 404),
        ("POST", "/calls", {"from": "1"}, 422),
        ("POST", "/calls", {"to": 13800000001, "from": "1"}, 422),
        ("POST", "/calls", {"to": "13800000001", "from": "1", "says": "song"}, 422),
        ("POST", "/calls", {"to": "13800000001", "from": "1", "keys": "1x"}, 422),
        ("POST", "/calls", {"to": "13800000001", "from": "1", "hang_up_after_s": "soon"}, 422),
        ("POST", "/calls", {"to": "13800000001", "from": "1", "colour": "red"}, 422),
        ("GET", "/calls/none", None, 404),
        ("DELETE", "/calls/none", None, 404),
        ("GET", "/calls/none/recording", None, 404),
        ("PUT", "/phones/abc", {}, 422),
        ("PUT", "/phones/13800000001", {}, 409),
        ("PUT", "/phones/8009", {"busy": "yes"}, 422),
        ("PUT", "/phones/8009", {"congested": 1}, 422),
        ("PUT", "/trunks/none", {"ppm": 1}, 404),
        ("PUT", "/trunks/l1", {"ppm": "fast"}, 422),
        ("PUT", "/trunks/l1", {"ppm": float("nan")}, 422),
        ("PUT", "/trunks/l1", {"ppm": 10**400}, 422),
        ("POST", "/calls", {"to": "13800000001", "from": "1", "says": "file:\ud800"}, 422),
        ("POST", "/messages", {"to": "13800000001", "from": "1", "text": "\ud83d"}, 422),
        ("PUT", "/trunks/l1", {"fault": "nonsense"}, 422),
        ("PUT", "/trunks/l1", {"echo_db": -3}, 422),
        ("PUT", "/trunks/l1", {"echo_ms": 61}, 422),
        ("GET", "/nonsense", None, 404),
        ("PATCH", "/calls", None, 405),
    ],
)
def test_a_bad_request_is_answered_with_one_sentence(
    office: tuple[Path, ExchangeClient], method: str, path: str, body: dict[str, object] | None, status: int
) -> None:
    _, client = office
    answer = client.ask(method, path, body)
    assert client.status == status
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b"[" * 100_000 + b"\n",
        b'{"path": "/\\ud800"}\n',
        b"[1, 2]\n",
        b'{"path": 3}\n',
        b'{"path": "/calls", "query": [1]}\n',
        b"\xff\xfe\n",
    ],
)
def test_garbage_on_the_socket_is_answered_and_survived(office: tuple[Path, ExchangeClient], line: bytes) -> None:
    state, client = office
    other = ExchangeClient(state, box=False)
    assert 400 <= other.raw(line)["status"] < 500
    other.close()
    assert client.ask("GET", "/trunks")


def test_a_call_survives_the_box_and_is_heard_again(office: tuple[Path, ExchangeClient]) -> None:
    state, client = office
    call, at, pcm = answered(state, client, says="tone:620")
    talk_pcm(pcm, 1000, 0.5)
    at.close()
    pcm.close()
    client.ask("GET", "/trunks")
    at, pcm = Host(state / "exchange/l1-at"), Host(state / "exchange/l1-pcm")
    assert b'+CLCC: 1,1,0,0,0,"13912345678",161' in at.command("AT+CLCC")
    assert level(talk_pcm(pcm, 1130, 1.5)[-4000:], 620) > -15
    told = client.ask("GET", f"/calls/{call}")
    assert told["state"] == "connected"
    assert told["heard"]["tones"][0]["hz"] == pytest.approx(1130, abs=1)
    wav = client.ask("GET", f"/calls/{call}/recording")
    assert int.from_bytes(wav[40:44], "little") == len(wav) - 44
    at.command("AT+CHUP")
    assert client.ask("GET", f"/calls/{call}")["state"] == "ended"
    for host in (at, pcm):
        host.close()


def test_stopping_the_process_stops_the_sound_and_going_on_replays_nothing(office: tuple[Path, ExchangeClient]) -> None:
    state, client = office
    call, at, pcm = answered(state, client, says="tone:620")
    pid = int((state / "exchange/pid").read_text())
    talk_pcm(pcm, 1000, 0.5)
    os.kill(pid, signal.SIGSTOP)
    try:
        talk_pcm(pcm, 1000, 0.2)
        begun = time.monotonic()
        stopped = len(talk_pcm(pcm, 1000, 1.0))
    finally:
        os.kill(pid, signal.SIGCONT)
    lost_s = time.monotonic() - begun
    after = len(talk_pcm(pcm, 1000, 1.0))
    assert stopped == 0
    assert after < 8000 * lost_s + 8000 * 0.5  # far from what a replay of the stop would give
    client.ask("DELETE", f"/calls/{call}")
    for host in (at, pcm):
        host.close()


def test_a_pulled_plug_takes_the_port_away_and_replug_brings_it_back(office: tuple[Path, ExchangeClient]) -> None:
    state, client = office
    host = Host(state / "exchange/l3")
    host.command("ATE0")
    client.ask("PUT", "/trunks/l3", {"fault": "unplug"})
    assert not (state / "exchange/l3").is_symlink()
    with pytest.raises(OSError):  # noqa: PT012 -- the hang-up may take a read or two to show
        for _ in range(50):
            if host.read(0.1) == b"":
                os.write(host.fd, b"\r")
    host.close()
    client.ask("PUT", "/trunks/l3", {"fault": "replug"})
    host = Host(state / "exchange/l3")
    assert host.command("AT+FCLASS=?").endswith(b"OK\r\n")
    host.close()


def test_a_hung_modem_answers_nothing_until_the_fault_ends(office: tuple[Path, ExchangeClient]) -> None:
    state, client = office
    client.ask("PUT", "/trunks/l3", {"fault": "hang"})
    host = Host(state / "exchange/l3")
    host.write(b"AT\r")
    client.ask("GET", "/trunks")
    assert host.read(0.1) == b""
    client.ask("PUT", "/trunks/l3", {"fault": None})
    assert host.command("AT").endswith(b"OK\r\n")
    host.close()


def test_a_flood_is_a_megabyte_of_garbage_and_the_modem_answers_after_it(office: tuple[Path, ExchangeClient]) -> None:
    state, client = office
    host = Host(state / "exchange/l3")
    client.ask("PUT", "/trunks/l3", {"fault": "flood"})
    got = 0
    while got < 1 << 20:
        got += len(host.read(2.0))
    assert [trunk["fault"] for trunk in client.ask("GET", "/trunks")] == [None, None]  # it has ended by itself
    host.got = b""
    assert host.command("AT").endswith(b"OK\r\n")
    host.close()


def test_it_ends_itself_when_no_box_has_been_there(tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    (folder / "network.json").write_text(json.dumps({"trunks": TRUNKS, "phones": {}}))
    program = subprocess.Popen([sys.executable, "-m", "appliance.exchange", "--state", str(tmp_path), "--alone-s", "0.5"])
    until(lambda: answers(folder))
    box = ExchangeClient(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(1.0)
    box.close()
    assert program.wait(10) == 0
    assert not (folder / "pid").exists()
    assert not (folder / "l3").is_symlink()


def start(state: Path, alone_s: float = 5.0) -> subprocess.Popen[bytes]:
    folder = state / "exchange"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.json").write_text(json.dumps({"trunks": TRUNKS, "phones": {}}))
    return subprocess.Popen([sys.executable, "-m", "appliance.exchange", "--state", str(state), "--alone-s", str(alone_s)])


def test_of_two_that_start_at_once_one_stays_and_keeps_its_socket(tmp_path: Path) -> None:
    both = [start(tmp_path, alone_s=60.0) for _ in range(2)]
    try:
        until(lambda: any(program.poll() is not None for program in both))
        (stays,) = [program for program in both if program.poll() is None]
        assert {program.poll() for program in both} == {None, 0}
        assert int((tmp_path / "exchange/pid").read_text()) == stays.pid
        assert answers(tmp_path / "exchange")
    finally:
        for program in both:
            program.terminate()
            program.wait(10)


def test_one_whose_folder_was_made_anew_leaves_its_followers_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    old = start(state)
    until(lambda: answers(state / "exchange"))
    shutil.rmtree(state)
    new = start(state, alone_s=60.0)
    try:
        until(lambda: answers(state / "exchange"))
        old.terminate()
        assert old.wait(10) == 0
        assert answers(state / "exchange")
        assert int((state / "exchange/pid").read_text()) == new.pid
        assert (state / "exchange/l3").exists()
    finally:
        for program in (old, new):
            program.terminate()
            program.wait(10)


def test_a_state_directory_that_it_makes_is_its_users_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with exchange(state):
        assert state.stat().st_mode & 0o077 == 0


def test_a_link_is_not_put_in_a_files_place(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious")
    done = subprocess.run(
        [sys.executable, "-m", "appliance", "modem", "--dialect", "v253", "--link", str(mine)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert mine.read_text() == "precious"
