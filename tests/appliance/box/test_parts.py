"""The parts of a box when something goes wrong (E5): time goes on, and what a person decided stays decided."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from appliance.audio.bridge import Bridge
from appliance.base.clock import BootClock
from appliance.base.ids import LineId
from appliance.box.lines import Lines
from appliance.box.parts import Parts
from appliance.calls import commands
from appliance.events import Event
from appliance.events.line import LineFault
from appliance.store import verify
from appliance.store.journal import JournalFull
from firmware_cfg.document import Document, Line
from tests.support.office import a_document
from tests.support.store_office import office_with_history


@asynccontextmanager
async def a_box(state: Path, document: Document) -> AsyncIterator[Parts]:
    """Its lines have no modems: their ports do not exist."""
    state.mkdir()
    parts = Parts(state, document, "127.0.0.1", None)
    try:
        await parts.start()
        yield parts
    finally:
        await parts.stop()


async def until(true: object, what: str) -> None:
    for _ in range(500):
        if true():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    raise AssertionError(what)


def test_a_line_that_a_person_disabled_stays_so_when_its_configuration_changes(tmp_path: Path) -> None:
    async def scene() -> None:
        document = a_document(lines=1)
        async with a_box(tmp_path / "state", document) as parts:
            line = parts.switchboard.live.lines[LineId("l1")]
            parts.order(commands.DisableLine(line=LineId("l1")))
            await until(lambda: line.state == "disabled", "disabled")
            other = replace(document, line=(replace(document.line[0], port="another"),))
            parts.configure(other, "")
            assert parts.lines.configs["l1"].port == "another"
            await asyncio.sleep(0.1)
            assert line.state == "disabled"

    asyncio.run(scene())


def test_level_control_of_a_line_changes_in_the_midst_of_a_call(tmp_path: Path) -> None:
    """The driver stays, and with it the call; so it does where the setting is changed back."""

    async def scene() -> None:
        far, near = os.openpty()
        bridge, told = Bridge(start_thread=False), list[Event]()
        lines = Lines(bridge, BootClock(), tmp_path, told.append)
        line = Line(id="l1", dialect="v253", port=os.ttyname(near), number="02061000003", level_control=True)
        lines.configure((line,), lambda _: False)
        driver = lines.drivers["l1"]
        await until(lambda: driver.endpoint is not None, "its port is open")
        bridge.step(1)
        for tick, on in enumerate((True, False, True), 1):
            lines.configure((replace(line, level_control=on),), lambda _: True)
            bridge.step(1 + tick * 20_000_000)
            assert lines.drivers["l1"] is driver
            assert [port.level_control for port in bridge.figures().endpoints.values()] == [on]
        lines.configure((replace(line, number="02061000004"),), lambda _: False)
        assert lines.drivers["l1"] is not driver, "what else is changed is a new driver, when no call uses it"
        lines.stop()
        os.close(far)
        os.close(near)

    asyncio.run(scene())


def test_level_control_of_a_page_changes_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        document = a_document(lines=1)
        async with a_box(tmp_path / "state", document) as parts:

            def controlled() -> list[bool]:
                return [port.level_control for port in parts.bridge.figures().endpoints.values()]

            pages = [seat for seat in document.seat if seat.kind != "phone"]
            assert controlled() == [False] * len(pages)
            seats = tuple(replace(seat, level_control=seat == pages[0]) for seat in document.seat)
            parts.configure(replace(document, seat=seats), "")
            await until(lambda: controlled() == [True] + [False] * (len(pages) - 1), "the first page's alone")
            parts.configure(document, "")
            await until(lambda: not any(controlled()), "nobody's")

    asyncio.run(scene())


def test_the_alarm_of_a_line_goes_with_the_line(tmp_path: Path) -> None:
    async def scene() -> None:
        document = a_document(lines=2)
        async with a_box(tmp_path / "state", document) as parts:
            await until(lambda: "line.l2" in parts.alarms.standing, "an alarm: there is no such port")
            parts.configure(replace(document, line=document.line[:1]), "")
            await until(lambda: "line.l2" not in parts.alarms.standing, "no alarm")
            assert "line.l1" in parts.alarms.standing

    asyncio.run(scene())


def test_a_journal_that_takes_nothing_more_stops_no_clock_and_no_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with a_box(tmp_path / "state", a_document(lines=1)) as parts:
            parts.order(commands.LogIn(seat=parts.switchboard.live.seats["b1"].id, agent="a1"))  # type: ignore[index,arg-type]

            def full(facts: list[Event]) -> int:
                raise JournalFull("full")

            with monkeypatch.context() as patch:
                patch.setattr(parts.bus, "publish", full)
                parts._line_told(LineFault(at_ms=parts.clock.now_ms(), line=LineId("l1"), why="unplugged"))
                assert parts.alarms.standing["line.l1"].endswith("unplugged")
                await until(lambda: parts.switchboard.live.seats["b1"].state == "fault", "no sign of life for 3 s")  # type: ignore[index]

    asyncio.run(scene())


def test_a_head_names_the_seals_that_the_start_itself_made_of_what_a_kill_left_open(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    office_with_history(state)  # c3 has no seal

    async def scene() -> None:
        parts = Parts(state, a_document(lines=1), "127.0.0.1", None)
        try:
            await parts.start()
            await until(lambda: parts.custody.records.one("c3").sealed_ms is not None, "c3 is sealed")  # type: ignore[union-attr]
            await parts.journal.committed(parts.custody.records.print_head("admin"))
            await until(lambda: list((state / "reports").glob("*.txt")), "the report is written")
            named = sum(
                len(head.seals) for _, head in parts.custody.records.heads()
            )  # his, and the one of the day before that the box prints
            assert named == 3 * 32
        finally:
            await parts.stop()

    asyncio.run(scene())
    assert verify.main(state) == 0


def test_a_day_that_ended_while_the_box_was_off_is_closed_at_its_next_start_and_held_against_its_recordings(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    office_with_history(state)  # in a year long past, with calls that were never picked up
    next((state / "recordings").rglob("c2.wav")).unlink()

    async def scene() -> None:
        parts = Parts(state, a_document(lines=1), "127.0.0.1", None)
        try:
            await parts.start()
            await until(lambda: list((state / "reports").glob("*.txt")), "the report is written")
            (report,) = (state / "reports").glob("*.txt")
            assert report.read_text().splitlines()[1].startswith("head ")
            assert parts.custody.heads.closed == report.stem
            assert "file_missing c2" in report.read_text()
            assert "reconciliation" in parts.alarms.standing
        finally:
            await parts.stop()

    asyncio.run(scene())
