"""The DLE codec, byte-exact (serial-lines 5.4, 5.5)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import _dle, reference

wire_bytes = st.lists(st.sampled_from([0x10, 0x10, 0x10, 0x1A, 0x03, 0x52, 0x00, 0xFF]), max_size=60).map(bytes)
chunks = st.lists(st.integers(1, 5), min_size=1, max_size=60)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    parts, at, i = [], 0, 0
    while at < len(data):
        parts.append(data[at : at + sizes[i % len(sizes)]])
        at += sizes[i % len(sizes)]
        i += 1
    return parts


@given(wire_bytes, chunks)
def test_however_the_bytes_arrive_sound_and_events_are_those_of_the_oracle(data: bytes, sizes: list[int]) -> None:
    decoder = _dle.Decoder()
    sound, events = b"", b""
    for part in cut(data, sizes):
        more, codes, _ = decoder.feed(part)
        sound, events = sound + more, events + codes
        if codes.endswith(b"\x03"):
            break
    assert (sound, events) == reference.unshielded(data)[:2]


@given(st.binary(max_size=300), chunks)
def test_what_is_shielded_comes_back_byte_for_byte(data: bytes, sizes: list[int]) -> None:
    wire = _dle.shield(data)
    assert wire == reference.shielded(data)
    decoder = _dle.Decoder()
    assert b"".join(decoder.feed(part)[0] for part in cut(wire, sizes)) == data


def test_a_stream_of_nothing_but_0x10_is_sound() -> None:
    assert _dle.Decoder().feed(b"\x10" * 100_000) == (b"\x10" * 50_000, b"", 100_000)


def test_dle_sub_is_two_bytes_of_sound_also_when_cut_in_the_middle() -> None:
    decoder = _dle.Decoder()
    assert decoder.feed(b"a\x10") == (b"a", b"", 2)
    assert decoder.feed(b"\x1ab") == (b"\x10\x10b", b"", 2)


def test_decoding_stops_behind_the_end_of_the_stream() -> None:
    assert _dle.Decoder().feed(b"ab\x10\x03\r\nOK") == (b"ab", b"\x03", 4)


def test_events_do_not_become_sound() -> None:
    assert _dle.Decoder().feed(b"a\x10/\x105\x10~b") == (b"ab", b"/5~", 8)
