"""Every byte of one line in the log, numbers masked, however the bytes are cut (A1)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.hw import trace as tracing
from appliance.hw.trace import Trace

TALK = b'\r\nRING\r\n\r\n+CLIP: "13800138000",145,,,,0\r\n'
TALK += b"NMBR = 01062771234\r\n867962040000012\r\n0891683108200105F0240D91683108108300F0\r\nOK\r\n"


def traced(pieces: list[bytes]) -> str:
    said: list[str] = []
    trace = Trace("l1")
    trace.on = True
    trace._say = lambda way, text: said.append(text)  # type: ignore[method-assign]
    for piece in pieces:
        trace.read(piece)
    trace.flush()
    return "".join(said)


@given(st.lists(st.integers(0, len(TALK)), max_size=30))
def test_no_number_shows_however_the_bytes_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(TALK)]
    text = traced([TALK[a:b] for a, b in zip(edges, edges[1:], strict=False)])  # noqa: RUF007
    assert re.search(r"[0-9]{5,}", text) is None
    assert '+CLIP: "*******8000",145,,,,0' in text
    assert len(text) == len(TALK)


def test_byte_by_byte_is_the_same_as_whole() -> None:
    assert traced([bytes([one]) for one in TALK]) == traced([TALK])


def test_a_number_cut_off_at_the_end_is_masked_whole() -> None:
    assert traced([b"ATDT 13800"]) == "ATDT *****"


def test_every_byte_is_in_the_log_and_none_when_off(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", tracing.__name__)
    trace = Trace("l1")
    trace.read(b"\r\nRING\r\n")
    assert caplog.text == ""
    trace.on = True
    trace.read(b"\r\n\x10b\xff\r\n")
    trace.written(b"ATA\r")
    assert r"line l1 < \r\n\x10b\xff\r\n" in caplog.text
    assert r"line l1 > ATA\r" in caplog.text
