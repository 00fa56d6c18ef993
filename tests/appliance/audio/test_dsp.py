"""Sound arithmetic against its oracle, sample by sample (A4)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import _dsp, reference

FRAME = 160


def masks(hears: list[set[int]]) -> list[int]:
    return [sum(1 << j for j in who) for who in hears]


def test_eight_loud_parties_are_added_up_and_saturated_only_once() -> None:
    """Seven at full scale and one against them: saturating in between would give another sum."""
    frames = np.full((8, FRAME), 32767, np.int16)
    frames[7] = -32768
    frames[6] = -32768
    hears = [set(range(8)) - {i} for i in range(8)]
    mixed = _dsp.mix_frames(frames, masks(hears))
    assert np.array_equal(mixed, reference.mixed(frames, hears))
    few = [{0, 1, 6, 7}] + [set() for _ in range(7)]
    assert np.all(_dsp.mix_frames(frames, masks(few))[0] == -2)  # 2 * 32767 - 2 * 32768, not a clipped -1 or -32768


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 64), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_whoever_hears_whom_gets_what_the_oracle_says(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.integers(-32768, 32768, (n, FRAME)).astype(np.int16)
    hears = [{j for j in range(n) if rng.random() < share} for _ in range(n)]
    assert np.array_equal(_dsp.mix_frames(frames, masks(hears)), reference.mixed(frames, hears))


@pytest.mark.parametrize(("name", "value"), [("ulaw", reference.ulaw_value), ("alaw", reference.alaw_value)])
def test_g711_follows_its_definition_both_ways(name: str, value) -> None:
    codes = np.arange(256, dtype=np.uint8)
    values = np.array([value(int(c)) for c in codes])
    assert np.array_equal(_dsp.decode_bytes(name, codes), values)
    pcm = np.arange(-32768, 32768).astype(np.int16)
    back = np.asarray(_dsp.decode_bytes(name, _dsp.encode_bytes(name, pcm))).astype(int)
    segments = np.array([((~c if name == "ulaw" else c ^ 0x55) >> 4) & 7 for c in range(256)])
    half_step = dict(zip(values, (4 << segments) if name == "ulaw" else (8 << np.maximum(segments - 1, 0)), strict=True))
    wrong = np.abs(pcm.astype(int) - back)
    allowed = np.array([half_step[v] for v in back]) + 8  # decision levels (G.711, tables 1 and 2) stand on the law's own 13 or 14 bits
    inside = np.abs(pcm.astype(int)) <= 32_000
    assert np.all(wrong[inside] <= allowed[inside])
    again = np.frombuffer(_dsp.encode_bytes(name, values.astype(np.int16)), np.uint8)
    assert np.array_equal(_dsp.decode_bytes(name, again), values)  # what was decoded is encoded to itself


def test_eight_bit_linear_is_centred_on_128_and_sixteen_bit_is_little_endian() -> None:
    assert _dsp.encode_bytes("unsigned8", np.array([0, 127, 128, 32767, -32768], np.int16)) == bytes([128, 128, 129, 255, 0])
    assert list(_dsp.decode_bytes("unsigned8", bytes([128, 0, 255]))) == [0, -32768, 32512]
    assert _dsp.encode_bytes("signed16", np.array([0x1234, -2], np.int16)) == b"\x34\x12\xfe\xff"
    assert list(_dsp.decode_bytes("signed16", b"\x34\x12\xfe\xff")) == [0x1234, -2]


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(ValueError, match="g729"):
        _dsp.encode_bytes("g729", np.zeros(1, np.int16))


def test_gain_rounds_and_saturates() -> None:
    frame = np.tile(np.array([1000, -1000, 32767, -32768], np.int16), 40)
    _dsp.gain_frame(frame, 2 * 4096)
    assert list(frame[:4]) == [2000, -2000, 32767, -32768]


def test_energy_of_the_loudest_frame_does_not_overflow() -> None:
    assert _dsp.frame_energy(np.full(FRAME, -32768, np.int16)) == FRAME * 32768**2
