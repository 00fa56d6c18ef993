"""Programs that others wrote judge the simulated modems (A1): they find out a simulator that says OK to everything."""

import os
import shutil
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.exchange._pace import encoded
from appliance.exchange.tones import peaks, sine
from tests.support.exchange_client import until
from tests.support.exchange_judges import VOICE_CONF, decoded, modem, vm

needs_vm = pytest.mark.skipif(
    shutil.which("vm") is None or os.geteuid() != 0, reason="mgetty-voice's vm is not installed (Debian: mgetty-voice), or we are not root"
)
needs_gammu = pytest.mark.skipif(shutil.which("gammu") is None, reason="gammu is not installed (Debian: gammu)")
RMD = {10: 3, 8: 1}  # vm's compression and the codec: G.711U, UNSIGNED PCM


def rmd(compression: int, samples: np.ndarray) -> bytes:
    """A voice file as vm reads it: 32 bytes of head, then codes."""
    head = b"RMD1" + b"V253modem".ljust(16, b"\0") + bytes([0, compression]) + (8000).to_bytes(2, "big") + bytes([8])
    return head.ljust(32, b"\0") + encoded(samples, RMD[compression])


@pytest.fixture
def port() -> Iterator[str]:
    """A name under /dev, as vm wants it."""
    name = f"ttySB{os.getpid()}"
    yield name
    (Path("/dev") / name).unlink(missing_ok=True)


@needs_vm
def test_vm_records_what_the_caller_says(port: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text("says tone:620\nring 13912345678\n")
    with modem("v253", Path("/dev") / port, tmp_path / "script"):
        conf = VOICE_CONF.format(spool=tmp_path, compression=8, port=port)
        recorded = vm(tmp_path, conf, "record", "-t", "-L", "4", "-l", port, str(tmp_path / "rec.rmd"))
    assert recorded.returncode == 0, recorded.stderr
    voice = decoded((tmp_path / "rec.rmd").read_bytes()[32:], RMD[8])
    assert len(voice) >= 12_000
    (hz, level), *rest = sorted(peaks(voice[4000:12_000]), key=lambda peak: -peak[1])
    assert hz == pytest.approx(620.0, abs=0.5) and level == pytest.approx(-13.0, abs=0.5)
    assert all(other < level - 40 for _, other in rest), "vm may come late on a busy machine: a splice, not a tone"


@needs_vm
def test_the_caller_hears_what_vm_plays(port: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(f"ring 13912345678\nwait end\nheard '{tmp_path}/heard.wav'\n")
    (tmp_path / "play.rmd").write_bytes(rmd(10, sine(1130, 16_000, -10)))
    with modem("v253", Path("/dev") / port, tmp_path / "script"):
        conf = VOICE_CONF.format(spool=tmp_path, compression=10, port=port)
        played = vm(tmp_path, conf, "play", "-t", "-l", port, str(tmp_path / "play.rmd"))
        assert played.returncode == 0, played.stderr
        until((tmp_path / "heard.wav").exists)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 33)
    assert 15_900 <= loud[-1] - loud[0] + 1 <= 16_000
    assert peaks(heard[loud[0] + 4000 : loud[0] + 12_000])[0] == (1130.0, -10.0)


def gammu(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "gammurc").write_text(f"[gammu]\nport={folder / 'port'}\nconnection=at115200\n")
    return subprocess.run(["gammu", "-c", str(folder / "gammurc"), *words], capture_output=True, text=True, timeout=60)


@needs_gammu
def test_gammu_identifies_the_module_and_sends_a_message_through_it(tmp_path: Path) -> None:
    with modem("sim7600", tmp_path / "port") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == f"audio-port {tmp_path / 'port-audio'}\n"
        (tmp_path / "batch").write_text('identify\nsendsms TEXT +8613912345678 -unicode -text "您好，坐席"\n')
        told = gammu(tmp_path, "batch", str(tmp_path / "batch")).stdout
        for word in ("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "LE20B05SIM7600G22"):
            assert word in told
        assert program.stdout.readline() == "sms +8613912345678 您好，坐席\n"


@needs_gammu
def test_gammu_reads_the_messages_that_came_whole_and_deletes_them(tmp_path: Path) -> None:
    """Of its own reading of PDUs: Chinese, plain, and a long one in parts."""
    long = "您的工单已受理，请保持电话畅通。" * 6
    (tmp_path / "script").write_text(f"text 13800138000 您好，坐席\ntext 13900139000 hello\ntext 13700137000 {long}\n")
    with modem("sim7600", tmp_path / "port", tmp_path / "script") as program:
        assert program.stdout is not None
        program.stdout.readline()
        told = until(lambda: (found := gammu(tmp_path, "getallsms").stdout).count("137") >= 2 and found)
        for words in ("您好，坐席", "hello", "13800138000"):
            assert words in told
        gammu(tmp_path, "deleteallsms", "1")
        assert "您好" not in gammu(tmp_path, "getallsms").stdout


@needs_gammu
def test_gammu_empties_a_full_store_and_what_had_waited_in_the_network_comes(tmp_path: Path) -> None:
    """The card has fifty places; ten of sixty messages wait, and the module says once that it is full."""
    (tmp_path / "script").write_text("".join(f"text 13800138000 number {n}\n" for n in range(60)))
    with modem("sim7600", tmp_path / "port", tmp_path / "script") as program:
        assert program.stdout is not None
        program.stdout.readline()
        told = until(lambda: (found := gammu(tmp_path, "getallsms").stdout).count("Location") >= 50 and found)
        assert "number 49\n" in told and "number 50\n" not in told
        gammu(tmp_path, "deleteallsms", "1")
        told = until(lambda: (found := gammu(tmp_path, "getallsms").stdout).count("Location") >= 10 and found)
        assert [n for n in range(60) if f"number {n}\n" in told] == list(range(50, 60))


@pytest.mark.parametrize("script", ["dance", "wait x", "ring abc", "keys z"])
def test_a_script_with_a_mistake_is_refused_with_its_line(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from appliance.exchange.modem_command import main

    (tmp_path / "script").write_text("wait 1\n" + script)
    assert main("v253", str(tmp_path / "port"), str(tmp_path / "script")) == 2
    assert "line 2" in capsys.readouterr().err
    assert main("nokia") == 2
