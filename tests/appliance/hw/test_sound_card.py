"""A1: a module whose sound is a USB sound card of its own: found by what stays, switched on and read back, missed and found again."""

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.audio._ring import SharedRings
from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.hw import headset
from appliance.hw.dialect import Answer, HangUp, PlayDigit, Profile, SendDigit
from appliance.hw.headset import NoHeadset, find
from appliance.hw.line_driver import LineDriver
from appliance.hw.sound_card import card_number
from firmware_cfg.document import Line
from tests.appliance.hw.test_discover import plug, plug_card
from tests.appliance.hw.test_line_driver import Modem
from tests.support.exchange_bench import Bench, lines
from tests.support.hw_pair import BOX_HZ, FAR_HZ, Pair
from tests.support.hw_twin import Twin, short

GONE = "sound card card:EC25AUX is not plugged in"
FAULT = f"LineFault why=its sound card gives no sound: {GONE}"


def test_two_equal_cards_are_told_apart_by_their_sockets_whatever_their_numbers(tmp_path: Path) -> None:
    for number, place, name in ((3, "1-1.2", "EC25AUX"), (1, "1-1.3", "EC25AUX_1")):
        plug(tmp_path, f"ttyUSB{number}", place, "2c7c:0125", 2)
        plug_card(tmp_path, number, place, name)
    assert [card_number(name, tmp_path) for name in ("usb:1-1.2", "usb:1-1.3", "usb:1-1", "usb:1-1.4")] == [3, 1, None, None]
    assert [card_number(name, tmp_path) for name in ("card:EC25AUX", "card:EC25AUX_1", "card:EC25", "card:..")] == [3, 1, None, None]


class Devices:
    """As sounddevice lists them."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": name, "max_input_channels": 1, "max_output_channels": 1} for name in self.names]


def test_a_card_is_the_device_of_its_number_and_a_pcm_of_alsas_configuration_may_stand_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.hw.headset.card_number", {"usb:1-1.2": 2, "usb:1-1.3": 12}.get)
    devices = Devices("EC25AUX: USB Audio (hw:12,0)", "EC25AUX: USB Audio (hw:2,0)", "gsm1")
    assert [find(devices, name) for name in ("usb:1-1.2", "usb:1-1.3", "card:gsm1")] == [1, 0, 2]
    with pytest.raises(NoHeadset, match=r"card usb:1-1[.]4 is not plugged in"):
        find(devices, "usb:1-1.4")
    with pytest.raises(NoHeadset, match=r"card usb:1-1[.]2 takes no sound both ways"):
        find(Devices("Jabra (hw:1,0)"), "usb:1-1.2")


def opened() -> Twin:
    twin = Twin("ec25", on_card=True)
    twin.open()
    return twin


def answered(twin: Twin) -> Twin:
    twin.clcc = '1,1,0,0,0,"13800138000",129'
    twin.say("RING", '+CLIP: "13800138000",161')
    twin.wait(100)
    twin.order(Answer())
    twin.wait(300)
    twin.say("OK")
    twin.wait(1_000)
    return twin


def test_the_sound_goes_to_the_card_in_each_call_and_is_read_back() -> None:
    twin = answered(opened())
    call = twin.sent[twin.sent.index("ATA") :]
    assert [text for text in call if "QPCMV" in text] == ["AT+QPCMV=1,2", "AT+QPCMV?"]
    assert twin.told()[-1] == "LineSoundOn"
    twin.clcc = ""
    twin.order(HangUp())
    twin.wait(3_000)
    assert [text for text in twin.sent if "QPCMV" in text][-1] == "AT+QPCMV=0"
    assert twin.told()[-1] == "LineIdle"


def test_firmware_that_says_ok_to_a_card_that_it_has_not_is_named_before_it_is_in_service() -> None:
    twin = Twin("ec25", on_card=True)
    twin.answers["AT+QPCMV?"] = ("+QPCMV: 0,0", "OK")
    twin.open()
    why = "the modem gives no sound to its sound card (AT+QPCMV? says so): is it switched on in it?"
    assert twin.told() == [f"LineFault why={why}"]
    twin.answers["AT+QPCMV?"] = ("+QPCMV: 1,2", "OK")
    twin.wait(90_000)
    assert twin.told()[-1] == "LineIdle"


def test_sound_that_is_not_on_yet_when_read_back_is_asked_for_again() -> None:
    twin = opened()
    twin.answers["AT+QPCMV?"] = ("+QPCMV: 0,0", "OK")
    answered(twin)
    assert "LineSoundOn" not in twin.told()
    twin.answers["AT+QPCMV?"] = ("+QPCMV: 1,2", "OK")
    twin.wait(1_000)
    assert twin.told()[-1] == "LineSoundOn"


def test_keys_are_tones_while_there_is_sound_and_no_command() -> None:
    twin = answered(opened())
    twin.order(SendDigit("7"))
    twin.order(SendDigit("x"))
    twin.wait(500)
    assert [one for one in twin.sounds if isinstance(one, PlayDigit)] == [PlayDigit("7")]
    twin.clcc = ""
    twin.order(HangUp())
    twin.wait(3_000)
    twin.order(SendDigit("8"))
    twin.wait(500)
    assert len([one for one in twin.sounds if isinstance(one, PlayDigit)]) == 1
    assert not [text for text in twin.sent if "VTS" in text]


def test_without_its_card_a_line_is_out_of_service_and_with_it_back() -> None:
    twin = Twin("ec25", on_card=True)
    twin.card(GONE)
    twin.open()
    assert twin.told() == [FAULT]
    twin.say("RING")
    twin.wait(1_000)
    assert twin.told() == [FAULT], "a caller whom nobody would hear"
    for missing, fact in (("", "LineIdle"), (GONE, FAULT), (GONE, FAULT), ("", "LineIdle"), ("", "LineIdle")):
        twin.card(missing)
        twin.wait(1_000)
        assert twin.told()[-1] == fact
    assert twin.told() == [FAULT, "LineIdle", FAULT, "LineIdle"]


def test_a_card_that_goes_in_a_call_costs_no_call_and_is_missed_when_it_is_over() -> None:
    twin = answered(opened())
    twin.facts.clear()
    twin.card(GONE)
    twin.wait(30_000)
    assert twin.told() == []
    twin.clcc = ""
    twin.say("NO CARRIER")
    twin.wait(5_000)
    assert twin.told() == ["LineHungUp by=far", FAULT]
    twin.card("")
    twin.wait(1_000)
    assert twin.told()[-1] == "LineIdle"


def test_a_card_that_goes_and_comes_in_a_call_is_not_missed() -> None:
    twin = answered(opened())
    twin.facts.clear()
    for missing in (GONE, ""):
        twin.card(missing)
        twin.wait(3_000)
    twin.clcc = ""
    twin.say("NO CARRIER")
    twin.wait(5_000)
    assert twin.told() == ["LineHungUp by=far", "LineIdle"]


def test_a_caller_and_the_box_hear_each_other_over_a_module_wired_as_a_card(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "ec25", on_card=True)
    try:
        call = pair.bench.ring(says=pair.far_end().says)
        pair.wait(1_000)
        pair.order(Answer())
        pair.wait(4_500)
        assert round(pair.tones()[0]) == FAR_HZ
        assert round(call.ear.heard(over=False)["tones"][0]["hz"]) == BOX_HZ  # type: ignore[index]
        pair.bench.network.hang_up(call, pair.bench.now)
        pair.wait(2_000)
        assert pair.told()[-2:] == ["LineHungUp by=far", "LineIdle"]
    finally:
        pair.close()


def test_a_module_that_is_not_wired_as_a_card_refuses_to_be_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "ec25")
    try:
        bench.type("ATE0")
        assert lines(bench.type("AT+QPCMV=1,2")) == ["ERROR"]
        assert lines(bench.type("AT+QPCMV=1,0")) == ["OK"]
        assert lines(bench.type("AT+QPCMV?")) == ["+QPCMV: 1,0", "OK"]
        bench.trunk.modem.card = True
        assert lines(bench.type("AT+QPCMV=1,2")) == ["OK"]
        assert lines(bench.type("AT+QPCMV?")) == ["+QPCMV: 1,2", "OK"]
        assert lines(bench.type("AT+QPCMV=0")) == ["OK"]
        assert lines(bench.type("AT+QPCMV?")) == ["+QPCMV: 0,0", "OK"]
    finally:
        bench.close()


class Card:
    """PortAudio with one card, as sounddevice shows it; its stream moves sound while `moves`."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        self.moves, self.active = True, True
        self.formats: list[dict[str, Any]] = []

    def query_devices(self, number: int | None = None) -> Any:
        one = {"name": "EC25AUX: USB Audio (hw:2,0)", "max_input_channels": 1, "max_output_channels": 1, "default_samplerate": 44_100.0}
        return [one] if number is None else one

    def check_input_settings(self, *_: object, **__: object) -> None:
        pass

    check_output_settings = check_input_settings

    def Stream(self, **format: Any) -> "Card":  # noqa: N802
        self.formats.append(format)
        return self

    def start(self) -> None:
        self._moving = threading.Thread(target=self._move, daemon=True)
        self._moving.start()

    def _move(self) -> None:
        block, pause = np.zeros((160, 1), np.int16), threading.Event()
        while self.active:
            if self.moves:
                self.formats[-1]["callback"](block, block.copy(), 160, None, None)
            pause.wait(0.005)


def test_a_card_that_gives_no_sound_between_calls_is_kept_while_it_is_plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(tmp_path, "ttyUSB2", "1-1.2", "2c7c:0125", 2)
    plug_card(tmp_path, 2, "1-1.2", "EC25AUX")
    card = Card()
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    monkeypatch.setattr(headset, "card_number", lambda name: card_number(name, tmp_path))
    monkeypatch.setattr(headset, "come_before_others", lambda: True)  # this process is no card's
    monkeypatch.setattr(headset, "SAY_S", 0.03)
    monkeypatch.setattr(headset, "STILL_S", 0.1)
    rings = SharedRings.create(f"seatbox-test-card-{os.getpid()}")
    rings.unlink()
    box, process = socket.socketpair()
    box.settimeout(20)
    why: list[str] = []

    def run() -> None:
        with pytest.raises(NoHeadset) as gone:
            headset.keep(process, rings, "usb:1-1.2")
        why.append(str(gone.value))

    running = threading.Thread(target=run)
    running.start()
    try:
        with box, process, box.makefile() as said:
            words = (json.loads(line)["is"] for line in said)
            assert [next(words), next(words)] == ["open", "alive"]
            card.moves = False
            assert "still" in (next(words), next(words))
            assert {next(words) for _ in range(20)} == {"still"}, "0.6 s of nothing"
            card.moves = True
            assert "alive" in (next(words), next(words))
            card.moves = False
            (tmp_path / "sys/class/sound/card2").unlink()
            running.join(20)
    finally:
        card.active = False
        running.join(20)
    assert why == ["'EC25AUX: USB Audio (hw:2,0)' moves no sound any more: unplugged?"]
    assert (card.formats[0]["samplerate"], card.formats[0]["blocksize"], card.formats[0]["channels"]) == (8_000, 160, (1, 1))


class Process:
    """Stands for the card's process."""

    def __init__(self, whose: str, device: str, rings: str, on: Callable[[dict[str, object]], None]) -> None:
        self.device, self.rings, self.say = device, rings, on
        self.did: list[str] = []

    def start(self) -> None:
        self.did.append("start")

    def again(self) -> None:
        self.did.append("again")

    def end(self) -> None:
        self.did.append("end")


def test_a_driver_has_its_card_opened_anew_where_it_stands_still_in_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.hw.line_driver.Headset", Process)

    async def scene() -> None:
        modem = Modem(tmp_path / "modem")
        bridge, facts = Bridge(start_thread=False), []  # type: ignore[var-annotated]
        line = Line(id="l1", dialect="ec25", port="modem", audio_port="card:EC25AUX", number="1")
        driver = LineDriver(line, Profile.load("ec25"), bridge, facts.append, BootClock(), tmp_path, asyncio.get_running_loop())
        driver.start()
        card = driver._card
        assert isinstance(card, Process) and (card.device, card.did) == ("card:EC25AUX", ["start"])
        SharedRings.attach(card.rings)

        async def until(fact: str) -> None:
            async with asyncio.timeout(20):
                while fact not in [short(one) for one in facts]:
                    bridge.step(0)
                    await asyncio.sleep(0.01)

        card.say({"is": "gone", "why": GONE})
        await until(FAULT)
        card.say({"is": "open", "device": "x", "rate": 8000})
        await until("LineIdle")
        assert driver.ports == [str(tmp_path / "modem")] and driver.endpoint in bridge.figures().endpoints
        card.say({"is": "alive", "underruns": 0})
        driver.on_heard("no_sound")
        assert card.did == ["start"], "it moves: the network is silent"
        card.say({"is": "still"})
        driver.on_heard("no_sound")
        assert card.did == ["start", "again"]
        driver.stop()
        assert card.did[-1] == "end"
        with pytest.raises(FileNotFoundError):
            SharedRings.attach(card.rings)
        modem.unplug()

    asyncio.run(scene())
