"""Rings between processes: nothing lost while read in time, the oldest lost else, nothing wild from a damaged counter (A2)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from appliance.audio._ring import SharedRings


@pytest.fixture
def name() -> Iterator[str]:
    name = f"seatbox-test-{os.getpid()}"
    yield name
    with suppress(FileNotFoundError):
        SharedRings.attach(name).unlink()


def test_another_process_hears_and_is_heard(name: str) -> None:
    rings = SharedRings.create(name)
    rings.write_out(b"hello of box")
    other = f"from appliance.audio._ring import SharedRings as R; r = R.attach({name!r}); r.write_in(r.read_out(100)[::-1])"
    subprocess.run([sys.executable, "-c", other], check=True, timeout=30)
    assert rings.read_in(100) == b"xob fo olleh"


def test_bytes_come_in_order_across_the_end_of_the_ring(name: str) -> None:
    rings = SharedRings.create(name)
    sent, got = b"", b""
    for i in range(300):
        part = bytes((i + k) % 251 for k in range(2 * (1 + i * 7 % 160)))
        rings.write_in(part)
        sent += part
        got += rings.read_in(16_000)
    assert got == sent
    assert rings.lost() == (0, 0)


def test_a_reader_that_sleeps_loses_the_oldest_and_no_more(name: str) -> None:
    rings = SharedRings.create(name)
    for i in range(200):
        rings.write_out(bytes([i, i]) * 160)
    got = rings.read_out(100_000)
    assert len(got) == 4000  # 250 ms
    assert got[-1] == 199
    assert rings.lost()[1] == 200 * 320 - 4000


def test_half_a_sample_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="whole samples"):
        SharedRings.create(name).write_in(b"abc")


def test_a_killed_boxs_segment_is_replaced_and_a_missing_one_named(name: str) -> None:
    SharedRings.create(name).write_in(b"old!")
    assert SharedRings.create(name).read_in() == b""
    SharedRings.attach(name).unlink()
    with pytest.raises(FileNotFoundError):
        SharedRings.attach(name)


def test_damaged_counters_give_wrong_sound_but_never_a_fall(name: str) -> None:
    rings = SharedRings.create(name)
    rings.write_in(bytes(1000))
    with open(f"/dev/shm/{name}", "r+b") as shared:
        shared.seek(64)
        shared.write(os.urandom(16))
    for _ in range(20):
        assert len(rings.read_in(16_000)) <= 16_000
        rings.write_in(bytes(640))
