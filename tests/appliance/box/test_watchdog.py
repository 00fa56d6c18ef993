"""A core that breaks a promise in the running box (A3): an alarm by name, in log, journal, health and both languages; the calls go on."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from appliance.base.ids import AgentId, CallId, LineId
from appliance.box.parts import Parts
from appliance.box.watchdog import broken_sentence
from appliance.calls import commands
from appliance.calls.call import CallState
from appliance.core import inputs
from appliance.core.known import Promise
from appliance.events import line as told
from appliance.events.routing import RoutingBroken
from appliance.web.texts import load
from tests.appliance.box.test_parts import a_box, until
from tests.support.office import a_document


class Losing:
    """The core of a box, but for callers: it says that it has them, and forgets them."""

    def __init__(self, core: Any) -> None:
        self.core = core

    def feed(self, now_ms: int, given: inputs.Input) -> list[Any]:
        return [] if isinstance(given, inputs.CallWaits) else self.core.feed(now_ms, given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.core, name)


def ring(parts: Parts) -> None:
    for fact in (told.LineIdle, told.LineRinging, told.LineAnswered, told.LineSoundOn):
        more: dict[str, Any] = {"ring": 1} if fact is told.LineRinging else {}
        parts._line_told(fact(at_ms=parts.clock.now_ms(), line=LineId("l1"), **more))


def test_a_caller_lost_beside_a_free_agent_is_an_alarm_that_names_rule_caller_and_agent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with a_box(tmp_path / "state", a_document(lines=1)) as parts:
            live = parts.switchboard.live
            parts.order(commands.LogIn(seat="b1", agent="a1"))  # type: ignore[arg-type]
            parts.switchboard.alive(next(iter(live.seats)), parts.clock.now_ms())
            live.queues.core = Losing(live.queues.core)  # type: ignore[assignment]
            with caplog.at_level(logging.ERROR):
                ring(parts)
                await until(lambda: "core.promise" in parts.alarms.standing, "an alarm")
            said = parts.alarms.standing["core.promise"]
            assert said == broken_sentence(Promise.NOT_PASSED_OVER, CallId("c000001"), AgentId("a1"))
            assert "rule 1" in said and "c000001" in said and "a1" in said
            assert parts.health()["status"] == "degraded" and said in parts.health()["alarms"]  # type: ignore[operator]
            assert said in parts.picture().alarms
            assert "not passed over" in caplog.text and "c000001" in caplog.text
            assert live.calls[CallId("c000001")].state is CallState.QUEUED
            await parts.journal.committed(parts.journal.last_number)
            (fact,) = [entry.event for entry in parts.journal.entries(kinds=("RoutingBroken",))]
            assert isinstance(fact, RoutingBroken)
            assert (fact.promise, fact.call, fact.agent) == ("not passed over", "c000001", "a1")

    asyncio.run(scene())


def test_a_caller_lost_while_nobody_is_there_is_an_alarm_too(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_box(tmp_path / "state", a_document(lines=1)) as parts:
            live = parts.switchboard.live
            ring(parts)
            await until(lambda: parts.watchdog.onlooker.pending == 0, "looked at")
            live.queues.core.feed(parts.clock.now_ms(), inputs.CallLeaves(1))  # behind the back of its keeper
            parts.watchdog.each_second()
            assert parts.alarms.standing["core.promise"] == broken_sentence(Promise.NOT_LOST, CallId("c000001"), None)

    asyncio.run(scene())


def test_a_box_whose_core_keeps_its_promises_has_no_alarm_and_every_step_is_looked_at(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_box(tmp_path / "state", a_document(lines=1)) as parts:
            parts.order(commands.LogIn(seat="b1", agent="a1"))  # type: ignore[arg-type]
            ring(parts)
            await until(lambda: parts.watchdog.onlooker.pending == 0, "looked at")
            parts.watchdog.each_second()
            assert parts.watchdog.onlooker.steps_seen > 10
            assert not [key for key in parts.alarms.standing if key.startswith("core")]

    asyncio.run(scene())


def test_each_promise_is_said_in_both_languages_with_caller_and_agent() -> None:
    said = [broken_sentence(promise, CallId("c000007"), AgentId("a3")) for promise in Promise]
    assert len(set(said)) == len(said)
    for sentence in said:
        assert load("en").sentence(sentence) == sentence
        chinese = load("zh_CN").sentence(sentence)
        assert chinese != sentence and "路由" in chinese and "c000007" in chinese and "a3" in chinese
