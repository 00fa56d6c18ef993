"""The echo of an analog line: 30 dB less after 2 s of speech, and the far voice unharmed when both talk (A1 A2)."""

from functools import cache

import numpy as np
import pytest

from appliance.audio import _dle, _dsp, prompts
from appliance.audio._echo import Canceller
from tests.support.audio_ports import TICK_NS, Module, Rig, Wire, unshielded
from tests.support.audio_sounds import FRAME, RATE, Pcm, tone

SAID = {
    "en": "Good morning, this is the service desk of the water company. How may I help you today? Please tell me your customer number.",
    "cmn": "您好,这里是自来水公司客服中心,请问有什么可以帮您?请告诉我您的客户编号和地址。我们下午派人上门。",
    "en+f3": "Yes, hello, my name is Miller. The water in the kitchen has been brown since yesterday evening, and nobody tells me why.",
}
GRAIN = {"ulaw": 0, "alaw": 0, "unsigned8": 5461}


@cache
def speech(voice: str) -> Pcm:
    pcm = prompts.spoken(voice, SAID[voice])
    assert pcm is not None, "espeak-ng is missing: requirements/system installs it"
    return pcm[: len(pcm) // FRAME * FRAME]


def through(encoding: str, sound: np.ndarray) -> np.ndarray:
    """As it comes out at the other end of the codec."""
    pcm = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
    return np.asarray(_dsp.decode_bytes(encoding, _dsp.encode_bytes(encoding, pcm)))


def echoed(sound: np.ndarray, ms: float, db: float = -10) -> np.ndarray:
    """By the hybrid: late, and spread over 2 ms."""
    spread = np.array([1, 0.5, -0.3, 0, 0.2, 0, -0.1, 0, 0, 0, 0.05, 0, 0, 0, 0, 0.02])
    late = np.concatenate([np.zeros(round(ms * 8)), np.convolve(sound, spread / np.sqrt(np.sum(spread**2)))])
    return late[: len(sound)] * 10 ** (db / 20)


def power_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(sound.astype(float) ** 2) + 1e-3))


@pytest.mark.parametrize("encoding", ["ulaw", "alaw", "unsigned8"])
@pytest.mark.parametrize("voice", ["en", "cmn"])
@pytest.mark.parametrize("ms", [4, 15, 32])
def test_after_two_seconds_of_speech_an_echo_of_minus_10_db_is_30_db_less(encoding: str, voice: str, ms: float) -> None:
    played = through(encoding, speech(voice))
    captured = through(encoding, echoed(played, ms))
    left = Canceller(GRAIN[encoding]).feed(played, captured)[2 * RATE :]
    assert power_db(captured[2 * RATE :]) - power_db(left) >= 30


@pytest.mark.parametrize("begins_s", [0, 2])
@pytest.mark.parametrize("louder_db", [-6, 0, 6])
def test_the_far_voice_is_unharmed_when_both_talk(begins_s: int, louder_db: float) -> None:
    """It comes through at its level, far above all that is left of the echo, which is 4 to 16 dB below it."""
    played = through("ulaw", speech("en"))
    far = np.zeros(len(played))
    far[begins_s * RATE :] = speech("en+f3")[: len(played) - begins_s * RATE] * 10 ** (louder_db / 20)
    clean = through("ulaw", far)
    got = Canceller().feed(played, through("ulaw", far + echoed(played, 15)))
    both = slice((begins_s + 1) * RATE, None)
    assert abs(power_db(got[both]) - power_db(clean[both])) <= 0.5
    assert power_db(clean[both]) - power_db(got[both] - clean[both]) >= 13 + louder_db / 2


def test_where_nothing_is_played_the_far_voice_passes_bit_by_bit() -> None:
    far = speech("en+f3")
    assert np.array_equal(Canceller().feed(np.zeros(len(far), np.int16), far), far)


@pytest.mark.parametrize("far", ["speech", "a tone", "three tones"])
def test_a_line_without_echo_loses_nothing_of_the_far_end(far: str) -> None:
    """620 and 1130 Hz look alike to every filter of 4 ms steps; a canceller that is fooled puts the one where the other is."""
    n = 6 * RATE
    played = np.resize(speech("en"), n) if far == "speech" else tone(620, n)
    if far == "three tones":
        played = tone(620, n, 2500) + tone(1480, n, 2500) + tone(2100, n, 2500)
    captured = np.resize(speech("en+f3"), n) if far == "speech" else tone(1130, n)
    assert np.array_equal(Canceller().feed(played, captured), captured)


def test_the_lines_own_noise_goes_on_while_the_echo_is_taken_out() -> None:
    """Who hears the line go dead at each of his words thinks that he was cut off."""
    played = speech("en")
    noise = np.random.default_rng(5).normal(0, 30, len(played))
    got = Canceller().feed(played, np.round(noise + echoed(played, 15)).astype(np.int16))
    parts = [power_db(got[at : at + RATE // 2]) for at in range(3 * RATE, len(got) - RATE, RATE // 2)]
    assert min(parts) >= power_db(noise) - 6
    assert max(parts) <= power_db(noise) + 6


def test_loud_noise_and_a_full_scale_square_wave_break_nothing() -> None:
    rng = np.random.default_rng(2)
    n = 5 * RATE // FRAME * FRAME
    for played, captured in (
        (rng.integers(-32768, 32768, n), rng.integers(-32768, 32768, n)),
        (np.where(np.arange(n) // 40 % 2, 32767, -32768), np.where(np.arange(n) // 40 % 2, -32768, 32767)),
        (np.zeros(n), rng.integers(-32768, 32768, n)),
    ):
        got = Canceller().feed(played.astype(np.int16), captured.astype(np.int16))
        assert power_db(got) <= power_db(captured) + 3


class Line(Module):
    """An analog modem in its stream, behind a hybrid: what it plays comes back."""

    def __init__(self, wire: Wire, ms: float) -> None:
        super().__init__(wire, lambda at, n: np.zeros(n, np.int16))
        self.ms = ms

    def advance(self, now_ns: int) -> None:
        if self.stopped:
            super().advance(now_ns)
            return
        while self.sent + self.burst <= (now_ns - self._off_ns) * 1e-9 * self.rate:
            self._play(self.burst)
            self.sent += self.burst
            recent = np.concatenate(self.played[-4:])
            back = echoed(recent, self.ms)[-self.burst :]
            self.wire.send(_dle.shield(_dsp.encode_bytes("ulaw", np.clip(np.round(back), -32768, 32767).astype(np.int16))))

    def from_wire(self, data: bytes) -> bytes:
        return _dsp.decode_bytes("ulaw", unshielded(data)).tobytes()


@pytest.mark.parametrize("canceller", [True, False])
def test_over_the_wires_an_agent_does_not_hear_himself_and_after_a_stall_neither(canceller: bool) -> None:
    rig = Rig()
    voice = np.concatenate([speech("en"), speech("cmn"), speech("en")])
    agent = Module(Wire(), lambda at, n: voice[at : at + n])
    seat = rig.module(agent)
    wire = Wire()
    ep = rig.bridge.add_v253_port(wire.fd)
    rig.bridge.set_echo_canceller(ep, canceller)
    rig.bridge.send_text(ep, b"AT+VTR\r", expect_connect=True)
    rig.run(1)
    wire.take()
    wire.send(b"CONNECT\r\n")
    line = Line(wire, 20)
    line.sent = round((rig.now_ns - rig._begin_ns + TICK_NS) * 1e-9 * RATE)
    rig.modules.append(line)
    rig.bridge.set_hears(seat, {ep})
    rig.bridge.set_hears(ep, {seat})
    rig.run(350)
    echo = power_db(agent.heard()[3 * RATE :]) - power_db(voice[3 * RATE : 7 * RATE])
    assert (echo <= -40) == canceller, echo
    line.stopped = True  # 1 s; what is played and what is captured slip against each other
    rig.run(50)
    line.stopped = False
    rig.run(350)
    echo = power_db(agent.heard()[-4 * RATE :]) - power_db(voice[-4 * RATE :])
    assert (echo <= -40) == canceller, echo
    if canceller:
        assert rig.bridge.figures().endpoints[ep].echo_loss_db >= 20
