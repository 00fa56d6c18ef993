"""A day of a 16-seat office through journal and core once more (A3 E4): the same decisions and hash; another configuration call by call."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.__main__ import main
from appliance.calls.comparison import compared, days
from appliance.calls.explanation import rows
from appliance.core import Acd
from appliance.core.rerun import Day, given
from appliance.events.box import BoxStarted
from appliance.events.routing import RoutingFed
from appliance.store.journal import Journal
from appliance.store.table import read_entries
from firmware_cfg import check
from tests.support.core_day import OfficeDay, configuration, document
from tests.support.store_clock import HandClock


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    OfficeDay(folder / "state", document(folder), seed=1).run()
    return folder


def replayed(box: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert main(["replay", "--state", str(box / "state"), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_day_comes_to_the_same_hash_and_calls_on_a_second_run_and_in_a_fresh_process(
    box: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = replayed(box, capsys), replayed(box, capsys)
    command = [sys.executable, "-m", "appliance", "replay", "--state", str(box / "state"), "--json"]
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    fresh = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert first == second == json.loads(fresh.stdout)
    fed = [entry.event for entry in read_entries(box / "state" / "journal.db", kinds=("RoutingFed",))]
    assert isinstance(fed[-1], RoutingFed) and first["hash"] == f"{fed[-1].hash:016x}"
    outcomes = [call["was"]["outcome"] for call in first["calls"]]
    assert len(outcomes) > 800 and {"answered", "left", "expired"} <= set(outcomes)


def test_under_its_own_configuration_the_day_comes_to_itself_decision_by_decision(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So what differs under another one is the other one's doing, not the model's."""
    fed = [entry.event for entry in read_entries(box / "state" / "journal.db", kinds=("RoutingFed",))]
    day = Day(rows(fact) for fact in fed if isinstance(fact, RoutingFed))
    assert day.under() == (day.hash, day.fates)
    found = replayed(box, capsys, "--config", str(box / "office.toml"))
    assert found["differ"] == 0 and found["was"] == found["would"]


def test_another_configuration_is_compared_call_by_call(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.toml"
    other.write_text(configuration(wrap_up_s=60.0, sales="fixed"))
    found = replayed(box, capsys, "--config", str(other))
    differ = [call for call in found["calls"] if call["differs"]]
    assert found["differ"] == len(differ) > 100
    assert found["would"]["mean_wait_s"] > found["was"]["mean_wait_s"], "four times the writing: they wait longer"
    assert all(call["was"] != call["would"] for call in differ)
    whom = [call["would"]["agent"] for call in found["calls"] if call["queue"] == "sales" and call["would"]["agent"]]
    assert whom.count("a1") > whom.count("a8"), "in fixed order the first has most"
    for call in found["calls"]:
        would = call["would"]
        assert (would["agent"] is not None) == (would["outcome"] == "answered")
        assert would["waited_s"] >= 0
        assert would["agent"] is None or would["agent"] in would["offered"]


@pytest.mark.parametrize("strategy", ["random", "fixed", "round-robin"])
def test_what_the_day_does_not_tell_is_drawn_so_that_it_neither_helps_nor_harms(box: Path, tmp_path: Path, strategy: str) -> None:
    """Who is offered a call first moves nearly every call to another agent, and changes neither how many miss nor how long callers wait."""
    other = tmp_path / "other.toml"
    other.write_text(configuration(sales=strategy))
    found = compared(box / "state", None, check.load(other))
    was, would = found.was, found.would
    assert would is not None and was.mean_wait_s and would.mean_wait_s and len(found.differ) > 300
    missed, would_miss = (
        sum(len(fate.offered) - (fate.outcome == "answered") for fate in fates if fate is not None)
        for fates in ([call.was for call in found.calls], [call.would for call in found.calls])
    )
    assert abs(would_miss - missed) < missed / 3
    assert abs(would.mean_wait_s - was.mean_wait_s) < 1.5
    assert abs(would.given_up - was.given_up) < was.given_up / 3


def test_occupancy_is_talk_and_wrap_up_of_the_time_at_work(box: Path) -> None:
    """Looked at every agent after every step, which comparison.py does not: it looks at those of whom the step speaks."""
    core, there, work, last = Acd(), 0, 0, 0
    states: dict[int, str] = {}
    fed = [entry.event for entry in read_entries(box / "state" / "journal.db", kinds=("RoutingFed",))]
    for fact in fed:
        assert isinstance(fact, RoutingFed)
        for one in given([rows(fact)]):
            there += (one.now_ms - last) * sum(state not in ("logged_out", "paused") for state in states.values())
            work += (one.now_ms - last) * sum(state in ("talking", "wrap_up") for state in states.values())
            last = one.now_ms
            core.run(one.rows)
            states |= {agent: core.agent(agent)[0] for agent in [*states, *([one.own[0]] if one.kind == "AgentSet" else [])]}
    assert compared(box / "state", None, None).was.occupancy == round(work / there, 4) > 0.3


def test_figures_are_those_of_the_calls(box: Path) -> None:
    found = compared(box / "state", None, None)
    waits = sorted(call.was.waited_s for call in found.calls)
    assert found.was.calls == len(waits) == found.was.answered + found.was.given_up + found.was.sent_away
    at_most = found.was.wait_95_s
    assert at_most is not None and sum(wait <= at_most for wait in waits) >= 0.95 * len(waits) > sum(wait < at_most for wait in waits)


def test_the_days_of_a_journal_are_found_newest_first(tmp_path: Path) -> None:
    clock = HandClock(now_ms=0, utc_ms=1_767_225_600_000)
    journal = Journal(tmp_path, clock)
    began = [datetime.fromtimestamp((1_767_225_600_000 + day * 86_400_000) / 1000).astimezone().date() for day in (0, 1, 4)]
    for day in (0, 1, 4):
        for hour in (0, 2, 3):
            clock.ms = day * 86_400_000 + hour * 3_600_000
            journal.append(
                [RoutingFed(at_ms=clock.ms, rows=b"", hash=0)] * 3 if hour != 2 else [BoxStarted(at_ms=clock.ms, version="x", clean=True)]
            )
    journal.close()
    assert days(tmp_path) == began[::-1] and days(tmp_path, most=2) == [began[2], began[1]]


def test_the_text_names_who_wait_and_outcome_of_each_call_that_differs(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(configuration(people=10))
    assert main(["replay", "--state", str(box / "state"), "--config", str(other)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "every turn comes to the journal's hash" in said[1]
    assert "under other.toml" in said[3]
    assert any(line.startswith("  c000") and " answered by a" in line and "->" in line for line in said)
    assert any(line.startswith("mean_wait_s") for line in said)


def test_a_turn_that_comes_to_another_hash_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = OfficeDay(tmp_path / "state", document(tmp_path, people=2), seed=2, per_hour=4.0)
    true = day.queues.take_facts
    number = iter(range(10_000))

    def take_facts(now_ms: int) -> list[Any]:
        facts = true(now_ms)
        return [
            type(fact)(at_ms=fact.at_ms, rows=fact.rows, hash=fact.hash ^ 1) if isinstance(fact, RoutingFed) and next(number) == 5 else fact
            for fact in facts
        ]

    day.queues.take_facts = take_facts  # type: ignore[method-assign]
    day.run()
    assert main(["replay", "--state", str(tmp_path / "state")]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "comes to hash" in said.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--state", "nowhere"], "holds no journal"),
        (["--state", "STATE", "--day", "1999-12-31"], "nothing was routed on 1999-12-31"),
        (["--state", "STATE", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_cannot_be_replayed_is_one_clear_line(box: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str) -> None:
    assert main(["replay", *(str(box / "state") if word == "STATE" else word for word in more)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and says in said.err and said.err.count("\n") == 1


def test_a_day_that_is_none_is_a_mistake_of_usage(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", "--state", str(box / "state"), "--day", "yesterday"])
    assert ended.value.code == 2 and "is no day" in capsys.readouterr().err
