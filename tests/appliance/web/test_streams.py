"""Server-sent events: each change in the contract's words, a beat each second, and parts of a body by Range."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.web.ranges import asked_part
from appliance.web.stream import merged
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]


def read(told: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in told.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_each_change_is_told_in_the_contracts_words(office: WebOffice, api: As) -> None:
    def meanwhile(told: str) -> None:
        if "event: beat" in told and office.inside.seat("b1").agent is None:
            office.inside.log_in("b1", "li")
            office.inside.ring("l1", "13912345678")
            office.moved()

    told = read(api().stream("/api/v1/events", lambda told: "event: call" in told, meanwhile))
    first, changes = told[0], dict(told[1:])
    assert first[0] == "beat" and set(first[1]) == {"as_of", "number"}
    assert changes["seat"]["state"] == "ringing" and changes["line"]["state"] == "talking" and changes["agent"]["seat"] == "b1"
    assert changes["call"]["caller"] == "13912345678" and str(changes["call"]["started_at"]).endswith("+00:00")
    assert set(changes["queue"]) == {"id", "name", "waiting", "longest_wait_s", "free_agents"}


def test_a_desk_is_told_of_its_own_seat_and_not_of_others_calls(office: WebOffice, api: As) -> None:
    from appliance.web.stream import concerns

    office.inside.log_in("b1", "li")
    call = office.inside.ring("l1")
    snapshot = office.snapshot()
    assert concerns(snapshot, "b1", "call", {"id": call}) and concerns(snapshot, "b1", "agent", {"id": "li"})
    assert concerns(snapshot, "b1", "seat", {"id": "b1"}) and concerns(snapshot, "b1", "reload", {})
    assert not concerns(snapshot, "b2", "call", {"id": call, "seat": None}) and not concerns(snapshot, "b2", "seat", {"id": "b1"})


def test_the_reader_that_leaves_is_forgotten(office: WebOffice, api: As) -> None:
    api().stream("/stream", lambda told: "event: beat" in told)
    assert not office.feed._readers


def test_changes_and_beats_are_merged_and_the_source_is_closed_at_the_end() -> None:
    closed = []

    async def source() -> AsyncGenerator[int]:
        try:
            for number in range(3):
                yield number
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def look() -> list[int | None]:
        seen: list[int | None] = []
        merging = merged(source(), every_s=0.01)
        async for each in merging:
            seen.append(each)
            if seen.count(None) == 3:
                break
        await merging.aclose()
        return seen

    seen = asyncio.run(look())
    assert [each for each in seen if each is not None] == [0, 1, 2] and closed == [True]


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(0, 60))
def test_any_range_gives_exactly_that_part(body: bytes, first: int, last: int) -> None:
    part = asked_part(f"bytes={first}-{last}", len(body))
    if last < first:
        assert part is None
    else:
        assert part is not None
        expected = body[first : last + 1]
        assert body[part[0] : part[1]] == expected


@pytest.mark.parametrize(
    ("header", "part"),
    [("bytes=-3", (7, 10)), ("bytes=-30", (0, 10)), ("bytes=-0", (0, 0)), ("bytes=4-", (4, 10)), ("bytes=10-", (0, 0)), ("bytes=-", None),
     (None, None), ("bytes=1-2,4-5", None), ("lines=1-2", None), ("bytes=x", None)],
)  # fmt: skip
def test_open_ranges(header: str | None, part: tuple[int, int] | None) -> None:
    assert asked_part(header, 10) == part
