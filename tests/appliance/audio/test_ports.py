"""Ports in virtual time: the module is the clock, stalls leave no delay, a port that dies takes nothing with it (A1 A4)."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from appliance.audio import _dle, _dsp, prompts
from appliance.audio.bridge import Bridge
from firmware_cfg import call_progress
from tests.support.audio_ports import Module, Pty, Rig, Wire, unshielded
from tests.support.audio_sounds import FRAME, cadence, keys, level_db, longest_gap_ms, purity_db, silence, tone


def says(hz: float):
    return lambda at, n: tone(hz, n, start=at)


def joined(ppm: float = 0, wire: type = Wire) -> tuple[Rig, Module, Module, int, int]:
    """A caller of 620 Hz and an agent of 1130 Hz on two modules that hear each other."""
    rig = Rig()
    a, b = Module(wire(), says(620), ppm), Module(wire(), says(1130), -ppm)
    left, right = rig.module(a), rig.module(b)
    rig.bridge.set_hears(left, {right})
    rig.bridge.set_hears(right, {left})
    return rig, a, b, left, right


@pytest.mark.parametrize("wire", [Wire, Pty])
def test_two_far_ends_hear_each_other_and_nothing_of_themselves(wire: type) -> None:
    rig, a, b, _, _ = joined(wire=wire)
    rig.run(200)
    for module, own, other in ((a, 620, 1130), (b, 1130, 620)):
        last = module.heard()[-8000:]
        assert level_db(last, other) - level_db(last, own) >= 60
        assert longest_gap_ms(module.heard()[100 * FRAME :]) < 2


def test_as_much_is_written_as_was_read_and_the_lead_once() -> None:
    rig, a, _, left, _ = joined()
    rig.run(500)
    port = rig.bridge.figures().endpoints[left]
    old = FRAME  # was waiting when the sound was switched on, and was thrown away
    assert port.bytes_out == (a.sent - old + 480 - FRAME) * 2
    assert port.lead_ms == 60


@pytest.mark.parametrize("ppm", [-100, 100])
def test_ten_minutes_with_clocks_apart_lose_nothing_in_either_direction(ppm: float) -> None:
    rig, a, b, left, right = joined(ppm)
    rig.run(1000)
    gaps = a.gaps + b.gaps
    rig.run(29_000)
    assert a.gaps + b.gaps == gaps
    figures = rig.bridge.figures()
    assert figures.underruns == 0
    for ep, module, hz in ((left, a, 1130), (right, b, 620)):
        assert figures.endpoints[ep].flushed_ms <= 40
        assert 20 <= figures.endpoints[ep].buffer_ms <= 80
        heard = module.heard()[-60 * 8000 :]
        assert longest_gap_ms(heard) < 2
        assert level_db(heard[-8000:], hz) - level_db(heard[-8000:], 1750 - hz) >= 45


@pytest.mark.soak
@pytest.mark.parametrize("ppm", [-200, 200])
def test_an_hour_with_clocks_400_ppm_apart_has_no_gap_and_bounded_delay_through_the_whole_box(ppm: float) -> None:
    rig, a, b, left, right = joined(ppm)
    rig.run(1000)
    gaps = a.gaps + b.gaps
    for _ in range(59):
        rig.run(3000)
        for module, hz in ((a, 1130), (b, 620)):
            heard = module.heard()[-59 * 8000 :]
            assert longest_gap_ms(heard) < 2
            assert purity_db(heard[-4000:], hz) >= 35
            del module.played[:-50]
        figures = rig.bridge.figures()
        assert all(5 <= figures.endpoints[ep].buffer_ms <= 90 for ep in (left, right))
    assert a.gaps + b.gaps == gaps
    assert figures.underruns == 0
    assert all(figures.endpoints[ep].flushed_ms <= 40 for ep in (left, right))


@pytest.mark.parametrize("stalled", ["the far end", "the box"])
def test_after_a_stall_the_delay_is_at_most_60_ms_more(stalled: str) -> None:
    """Each frame carries its number as a level: what is heard says when it was said."""
    rig = Rig()
    number = lambda at, n: np.full(n, at // FRAME % 20_000, np.int16)  # noqa: E731
    a, b = Module(Wire(), number), Module(Wire(), number)
    left, right = rig.module(a), rig.module(b)
    rig.bridge.set_hears(left, {right})
    rig.bridge.set_hears(right, {left})
    rig.run(200)
    before = [b.sent // FRAME - int(a.heard()[-1]), a.sent // FRAME - int(b.heard()[-1])]
    if stalled == "the far end":
        a.stopped = True
        rig.run(75)
        a.stopped = False
    else:
        rig.now_ns += 1_500_000_000
    rig.run(150)
    after = [b.sent // FRAME - int(a.heard()[-1]), a.sent // FRAME - int(b.heard()[-1])]
    assert max(now - then for now, then in zip(after, before, strict=True)) <= 3, (before, after)


def test_between_calls_sound_is_dropped_and_nothing_written() -> None:
    rig, a, _, left, _ = joined()
    rig.run(50)
    rig.bridge.sound_off(left)
    rig.run(2)
    written = rig.bridge.figures().endpoints[left].bytes_out
    rig.run(100)
    assert rig.bridge.figures().endpoints[left].bytes_out == written
    assert rig.bridge.figures().endpoints[left].bytes_in >= 150 * 320
    rig.bridge.sound_on(left)
    rig.run(100)
    assert level_db(a.heard()[-4000:], 1130) > -20


def test_a_sample_cut_in_two_is_put_together_again() -> None:
    rig = Rig()
    wire, other = Wire(), Wire()
    ep, listener = rig.bridge.add_pcm_port(wire.fd), rig.bridge.add_pcm_port(other.fd)
    rig.bridge.sound_on(ep)
    rig.bridge.sound_on(listener)
    tap = rig.bridge.tap(ep)
    rig.run(1)
    sound = tone(620, 60 * FRAME).tobytes()
    for i in range(60):
        wire.send(sound[max(0, 320 * i - 1) : 320 * (i + 1) - 1])
        rig.run(1)
    left = rig.bridge.read_tap(tap)[:, 0]
    assert level_db(left[-4000:], 620) > -13
    assert np.max(np.abs(np.diff(left[-4000:].astype(int)))) < 6000


def test_a_port_that_is_pulled_is_told_once_and_others_go_on() -> None:
    for wire in (Wire, Pty):
        rig, a, b, left, right = joined(wire=wire)
        rig.run(50)
        rig.modules.remove(a)
        a.wire.unplug()
        rig.run(100)
        told = [(ep, what) for ep, what, _ in rig.bridge.events()]
        assert told == [(left, "port_gone")]
        assert rig.bridge.figures().endpoints[right].bytes_in >= 140 * 320
        assert level_db(b.heard()[-4000:], 620) < -80


def test_a_port_that_takes_nothing_does_not_stop_the_others() -> None:
    rig, a, b, left, _ = joined(wire=Pty)
    deaf = a.wire
    deaf.take = lambda: b""  # type: ignore[method-assign]
    rig.run(1500)
    port = rig.bridge.figures().endpoints[left]
    assert port.refused_ms > 0
    assert longest_gap_ms(b.heard()[100 * FRAME :]) < 2


class Analog(Module):
    """A v253 modem that is already in its stream: A-law, shielded."""

    def to_wire(self, pcm):
        return _dle.shield(_dsp.encode_bytes("alaw", pcm))

    def from_wire(self, data):
        return _dsp.decode_bytes("alaw", unshielded(data)).tobytes()


def analog(rig: Rig, hz: float = 1130) -> tuple[Wire, int]:
    wire = Wire()
    ep = rig.bridge.add_v253_port(wire.fd)
    rig.bridge.set_encoding(ep, "alaw")
    return wire, ep


def test_text_is_text_until_connect_and_after_the_streams_end() -> None:
    rig = Rig()
    wire, ep = analog(rig)
    rig.bridge.send_text(ep, b"AT+VTR\r", expect_connect=True)
    rig.run(1)
    assert wire.take() == b"AT+VTR\r"
    for part in (b"AT+VTR\r\r\nCON", b"NECT\r", b"\nab\x10", b"/\x105\x10~cd", b"\x10\x10\x10\x03\r\n", b"OK\r\n\x10R"):
        wire.send(part)
        rig.run(1)
    assert rig.bridge.read_text(ep) == b"AT+VTR\r\r\nCONNECT\r\n\x10/\x105\x10~\x10\x03\r\nOK\r\n\x10R"
    assert rig.bridge.read_text(ep) == b""


def test_connect_that_nobody_expected_opens_no_stream() -> None:
    rig = Rig()
    wire, ep = analog(rig)
    rig.bridge.send_text(ep, b"AT+VTR\r", expect_connect=True)
    rig.bridge.send_text(ep, b"AT\r")
    rig.run(2)
    wire.send(b"\r\nCONNECT\r\n" + bytes(500))
    rig.run(2)
    assert rig.bridge.read_text(ep) == b"\r\nCONNECT\r\n" + bytes(500)


def stream(rig: Rig, says_hz: float = 1130) -> tuple[Analog, int]:
    wire, ep = analog(rig)
    rig.bridge.send_text(ep, b"AT+VTR\r", expect_connect=True)
    rig.run(1)
    wire.take()
    wire.send(b"\r\nCONNECT\r\n")
    rig.run(1)
    rig.bridge.read_text(ep)
    modem = Analog(wire, says(says_hz))
    modem.sent = int((rig.now_ns - rig._begin_ns) * 1e-9 * 8000)
    rig.modules.append(modem)
    return modem, ep


def test_an_analog_caller_and_a_module_hear_each_other_and_keys_are_not_sound() -> None:
    rig = Rig()
    module = Module(Wire(), says(620))
    left = rig.module(module)
    modem, right = stream(rig)
    rig.bridge.set_hears(left, {right})
    rig.bridge.set_hears(right, {left})
    rig.run(150)
    modem.wire.send(b"\x10/\x101\x10~")
    rig.run(100)
    assert rig.bridge.read_text(right) == b"\x10/\x101\x10~"
    for far, other, own in ((module, 1130, 620), (modem, 620, 1130)):
        last = far.heard()[-8000:]
        assert level_db(last, other) > -16
        assert level_db(last, other) - level_db(last, own) >= 40
        assert longest_gap_ms(far.heard()[100 * FRAME :]) < 3
    assert modem.gaps == 0


@pytest.mark.parametrize("offset", [-700, 256])
def test_a_modem_whose_zero_is_off_is_heard_around_zero(offset: int) -> None:
    rig = Rig()
    module = Module(Wire(), says(620))
    left = rig.module(module)
    modem, right = stream(rig)
    spoken = modem.says
    modem.says = lambda at, n: (spoken(at, n) + offset).astype(np.int16)
    rig.bridge.set_hears(left, {right})
    rig.run(400)
    last = module.heard()[-8000:]
    assert abs(last.mean()) < 80, "no more than what is left alone"
    assert level_db(last, 1130) == pytest.approx(level_db(spoken(0, 8000), 1130), abs=0.3)
    modem.says = lambda at, n: np.full(n, offset, np.int16)
    rig.run(60)
    assert np.abs(module.heard()[-8000:]).max() < 100, "and its silence is silence"


def test_sound_without_an_offset_passes_a_modem_as_it_is() -> None:
    rig = Rig()
    module = Module(Wire(), says(620))
    left = rig.module(module)
    _, right = stream(rig, 1000)
    rig.bridge.set_hears(left, {right})
    rig.run(200)
    assert set(np.unique(module.heard()[-1600:])) <= set(np.unique(_dsp.decode_bytes("alaw", bytes(range(256)))))


def test_after_the_escape_no_sound_is_written_and_commands_wait_for_the_streams_end() -> None:
    rig = Rig()
    modem, ep = stream(rig)
    rig.run(50)
    modem.wire.take()
    rig.bridge.send_text(ep, b"AT+VLS=0\r")
    rig.run(2)
    assert b"AT+VLS" not in modem.wire.take()
    rig.modules.clear()
    rig.bridge.send_escape(ep, b"\x10^")
    rig.run(5)
    assert modem.wire.take().endswith(b"\x10^")
    modem.wire.send(_dle.shield(_dsp.encode_bytes("alaw", silence(40))))
    rig.run(2)
    assert modem.wire.take() == b""
    modem.wire.send(b"\x10\x03\r\nOK\r\n")
    rig.run(2)
    assert modem.wire.take() == b"AT+VLS=0\r"
    assert rig.bridge.read_text(ep) == b"\x10\x03\r\nOK\r\n"


def test_an_escape_without_a_stream_is_void() -> None:
    rig = Rig()
    wire, ep = analog(rig)
    rig.bridge.send_escape(ep, b"\x10^")
    rig.bridge.send_text(ep, b"AT\r")
    rig.run(3)
    assert wire.take() == b"AT\r"


def test_a_megabyte_of_noise_costs_text_of_this_port_and_nothing_else() -> None:
    rig, a, b, _, _ = joined()
    wire, ep = analog(rig)
    rig.bridge.send_text(ep, b"AT\r", expect_connect=True)
    noise = np.random.default_rng(3).integers(0, 256, 1 << 20).astype(np.uint8).tobytes()
    rig.run(50)
    for at in range(0, len(noise), 1 << 16):
        wire.send(noise[at : at + (1 << 16)])
        rig.run(1)
    rig.run(60)
    text = rig.bridge.read_text(ep)
    assert len(text) == 1 << 16
    assert text == noise[-(1 << 16) :]
    assert rig.bridge.figures().endpoints[ep].text_lost == (1 << 20) - (1 << 16)
    assert longest_gap_ms(a.heard()[60 * FRAME :]) < 2
    assert longest_gap_ms(b.heard()[60 * FRAME :]) < 2


def test_keys_in_a_modules_sound_are_events_once() -> None:
    rig = Rig()
    sound = np.concatenate([silence(400), keys(770, 1336, 100), silence(300), keys(697, 1209, 60), silence(3000)])
    ep = rig.module(Module(Wire(), lambda at, n: sound[at : at + n]))
    rig.run(150)
    assert [(e, what) for e, what, _ in rig.bridge.events() if what != "no_sound"] == [(ep, "key:5"), (ep, "key:1")]


def test_each_line_hears_the_tones_of_its_own_country_once_a_call() -> None:
    """Two lines beside each other, both sent China's congestion tone: the one in China knows it, in each of two calls."""
    rig = Rig()
    sound = np.concatenate([silence(400), cadence(0.7, 0.7, 8), silence(3000), cadence(0.7, 0.7, 8), silence(1000)])
    lines = {country: rig.module(Module(Wire(), lambda at, n: sound[at : at + n])) for country in ("cn", "us")}
    for country, ep in lines.items():
        rig.bridge.set_tones(ep, call_progress.load(country))
    rig.run(600)
    assert [(e, what) for e, what, _ in rig.bridge.events()] == [(lines["cn"], "congestion_tone")]
    rig.bridge.sound_on(lines["cn"])
    rig.run(700)
    assert [(e, what) for e, what, _ in rig.bridge.events() if "tone" in what] == [(lines["cn"], "congestion_tone")]


def test_who_answers_is_told_of_the_line_that_was_asked_for_once_and_not_after_its_sound_is_off() -> None:
    """A short word, silence, a beep: two lines beside each other, of which one dialled."""
    rig = Rig()
    once = np.concatenate([silence(600), keys(300, 700, 400), silence(1600), tone(1000, 2400), silence(1000)])
    sound = np.concatenate([once, once])
    asked, other = (rig.module(Module(Wire(), lambda at, n: sound[at : at + n])) for _ in range(2))
    rig.bridge.find_answer(asked)
    rig.run(230)
    who = [(e, what) for e, what, _ in rig.bridge.events() if what != "no_sound"]
    assert who == [(asked, "answered_by_person"), (asked, "answered_by_machine"), (asked, "beep")] and other != asked
    rig.bridge.find_answer(asked)
    rig.bridge.sound_off(asked)
    rig.bridge.sound_on(asked)
    rig.run(230)
    assert [what for _, what, _ in rig.bridge.events() if "answered" in what or what == "beep"] == []


@pytest.mark.parametrize("silent", ["nothing but zeros", "no bytes"])
def test_two_seconds_without_sound_from_a_module_are_told_once_and_its_return_too(silent: str) -> None:
    rig = Rig()
    dead = range(100 * FRAME, 300 * FRAME)
    module = Module(Wire(), lambda at, n: silence(20) if at in dead else tone(620, n, start=at))
    ep = rig.module(module)
    if silent == "no bytes":
        module.says = says(620)
    for tick in range(500):
        module.stopped = silent == "no bytes" and 100 <= tick < 300
        rig.run(1)
    told = [(e, what, tick) for e, what, tick in rig.bridge.events() if "sound" in what]
    assert [(e, what) for e, what, _ in told] == [(ep, "no_sound"), (ep, "sound_again")]
    assert 198 <= told[0][2] <= 204  # 2 s after the 100th


def test_a_pause_of_a_speaker_a_seat_without_page_and_a_line_between_calls_are_no_dead_sound() -> None:
    rig = Rig()
    noise = np.random.default_rng(1)
    ep = rig.module(Module(Wire(), lambda at, n: noise.integers(-2, 3, n).astype(np.int16)))
    rig.run(300)
    rig.bridge.sound_off(ep)
    rig.run(300)
    assert [what for _, what, _ in rig.bridge.events()] == []


def test_a_module_that_takes_nothing_for_two_seconds_is_told() -> None:
    rig, a, _, left, _ = joined(wire=Pty)
    a.wire.take = lambda: b""  # type: ignore[method-assign]
    rig.run(400)
    assert [(e, what) for e, what, _ in rig.bridge.events()] == [(left, "sound_not_taken")]


def test_voice_is_told_from_line_noise_and_from_the_exchanges_tones() -> None:
    rig = Rig()
    noise = np.random.default_rng(1)
    voice = prompts.spoken("en", "Good morning, how may I help you today?")
    assert voice is not None
    sound = np.concatenate([silence(6000), voice, silence(2000), tone(450, 24_000)])
    sound = (sound + noise.integers(-20, 21, len(sound))).astype(np.int16)
    ep = rig.module(Module(Wire(), lambda at, n: sound[at : at + n]))
    rig.bridge.set_tones(ep, call_progress.load("cn"))
    spoken: list[bool] = []
    rig.run(len(sound) // FRAME - 10, lambda _: spoken.append(rig.bridge.figures().endpoints[ep].voice))
    end = 300 + len(voice) // FRAME
    assert not any(spoken[10:298])
    assert np.mean(spoken[310 : end - 5]) > 0.9
    assert not any(spoken[end + 30 : end + 95])
    assert not any(spoken[end + 130 :])


class Shaky(Module):
    """Says the time in ms as a level; after a stall its portions come as `pattern` says: how many in each tick."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire, lambda at, n: ((at + np.arange(n)) // 8 % 30_000).astype(np.int16))
        self.pattern: list[int] = []

    def advance(self, now_ns: int) -> None:
        if self.stopped or not self.pattern:
            super().advance(now_ns)
            return
        for _ in range(self.pattern.pop(0)):
            self.wire.send(self.to_wire(self.says(self.sent, FRAME)))
            self.sent += FRAME
            self._play(FRAME)
        self._off_ns = now_ns - int(self.sent / self.rate * 1e9)

    def late(self, other: Module) -> int:
        """How many ms ago the other said what is played here now."""
        return (other.sent - 1) // 8 - int(self.played[-1][-1])


@pytest.mark.parametrize("seed", range(24))
def test_no_stall_leaves_20_ms_more_delay_in_whatever_portions_the_sound_comes_back(seed: int) -> None:
    """Either modem, both, or the box stand still; then sound comes late, in clumps, or all at once. Mouth to ear, modem included."""
    chance = np.random.default_rng(seed)
    rig = Rig()
    a, b = Shaky(Wire()), Shaky(Wire())
    left, right = rig.module(a), rig.module(b)
    rig.bridge.set_hears(left, {right})
    rig.bridge.set_hears(right, {left})
    rig.run(200)
    before = a.late(b), b.late(a)
    for _ in range(3):
        who = ([a], [b], [a, b], [])[chance.integers(4)]
        if not who:
            rig.now_ns += int(chance.integers(70, 1500)) * 1_000_000
        for module in who:
            module.stopped = True
        rig.run(int(chance.integers(3, 90)))
        for module in who:
            module.stopped = False
            clumps = chance.integers(0, 6, int(chance.integers(1, 12)))
            module.pattern = [int(n) for n in clumps]
        rig.run(180)
        after = a.late(b), b.late(a)
        assert max(now - then for now, then in zip(after, before, strict=True)) < 20, (before, after)


def between(wire: type = Wire, ppm: float = 0) -> tuple[Rig, Shaky, Callable[[], float]]:
    """Two modems that hear each other, and how many ms ago the first has sent what has just left the box towards the second."""
    rig = Rig()
    a, b = Shaky(wire()), Shaky(wire())
    a.rate, b.rate = a.rate * (1 + ppm * 1e-6), b.rate * (1 - ppm * 1e-6)
    left, right = rig.module(a), rig.module(b)
    rig.bridge.set_hears(left, {right})
    rig.bridge.set_hears(right, {left})

    def box_ms() -> float:
        b.queue += b.wire.take()
        return ((a.sent - 1) // 8 - int(np.frombuffer(b.queue[-2:], np.int16)[0])) % 30_000

    return rig, a, box_ms


@pytest.mark.parametrize("seconds", [4, 60, 290])
def test_bytes_in_to_bytes_out_are_28_ms_at_the_beginning_of_a_call_and_later(seconds: int) -> None:
    """From the newest sample that came to the newest that left."""
    rig, _, box_ms = between()
    rig.run(seconds * 50)
    assert box_ms() == 28


@pytest.mark.parametrize("priority", [0, 50])
def test_a_thread_that_may_be_kept_waiting_keeps_a_longer_reserve(priority: int) -> None:
    """Whether it may is the system's to say: one that asks to be real-time and is refused is an ordinary one."""
    bridge, wire = Bridge(priority=priority), Wire()
    bridge.start()
    real_time = bridge.figures().real_time
    assert priority or not real_time
    port = bridge.add_pcm_port(wire.fd)
    bridge.sound_on(port)
    bridge.stop()
    began_ns = time.monotonic_ns()
    for tick in range(200):
        wire.send(tone(620, FRAME).tobytes())
        bridge.step(began_ns + tick * 20_000_000)
    assert bridge.figures().endpoints[port].buffer_ms == (26 if real_time else 38)


def test_after_a_stall_of_half_a_second_the_box_is_back_under_60_ms_within_five_ticks() -> None:
    """Bytes in to bytes out, each sample carrying its time."""
    rig, a, box_ms = between()
    rig.run(200)
    a.stopped = True
    rig.run(25)
    a.stopped = False
    times = []
    rig.run(12, lambda _: times.append(box_ms()))
    assert max(times[5:]) < 60, times
