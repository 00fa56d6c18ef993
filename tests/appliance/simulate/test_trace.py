"""Every figure of `seatbox simulate --json`, recomputed from `--trace` by plain code that shares nothing with the lab (E4)."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from appliance.simulate import simulate_command

TWO_QUEUES = """
seed = 11
hours = 30.0
warm_up_hours = 2.0
replications = 4
service_level_s = 15
[[queue]]
id = "sales"
arrivals = { kind = "poisson", per_hour = 150.0 }
talk = { kind = "lognormal", mean_s = 120.0, sd_s = 80.0 }
patience = { kind = "exponential", mean_s = 90.0 }
skills = { english = 3 }
priority = 2
strategy = "ring-all"
[[queue]]
id = "客服"
arrivals = { kind = "rates", per_hour = [20, 60, 40] }
talk = { kind = "exponential", mean_s = 150.0 }
strategy = "least-talk"
[[agents]]
count = 5
queues = ["sales", "客服"]
skills = { english = 4 }
wrap_up_s = 12.5
ring_s = 3.0
[[agents]]
count = 4
queues = ["客服"]
ring_s = 20.0
wrap_up_s = 5
[[agents]]
count = 3
queues = ["sales", "客服"]
skills = { english = 9 }
ring_s = 2.0
shifts = [{ begin = "06:00", end = "13:00" }, { begin = "20:00", end = "02:00" }]
"""
CALLS = "t_s,talk_s,patience_s,queue,skills,priority\n" + "".join(
    f"{13 * n % 977 + n / 8:.3f},{20 + 7 * n % 90}.5,{'' if n % 3 else 5 + n % 40},{('客服', '', '', '')[n % 4]},"
    f"{'english:4' if n % 5 == 0 else ''},{n % 3}\n"
    for n in range(300)
)


def simulated(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    (tmp_path / "office.toml").write_text(text)
    (tmp_path / "calls.csv").write_text(CALLS)
    assert simulate_command.main(tmp_path / "office.toml", True, tmp_path / "trace.jsonl") == 0
    return json.loads(capsys.readouterr().out), [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]


def recomputed(head: dict[str, Any], lines: list[dict[str, Any]], run: int) -> dict[str, dict[str, float | None]]:
    """By hand: who came when, who was joined when, who left when; who was in talk and wrap-up, who was logged in."""
    came: dict[int, tuple[float, str]] = {}
    joined: dict[int, float] = {}
    left: dict[int, float] = {}
    busy: list[tuple[int, float, float]] = []
    talks: dict[int, float] = {}
    here: dict[int, float] = {}
    staffed: list[tuple[int, float, float]] = []
    paused: set[int] = set()
    last = 0.0
    wraps = {line["agent"]: line["wrap_up_ms"] / head["units_per_s"] for line in lines if line.get("in") == "AgentSet"}
    for line in lines:
        if line["run"] != run:
            continue
        t = last = float(line["t_s"])
        match line.get("in") or line["out"]:
            case "CallWaits":
                came[line["call"]] = (t, line["queue"])
            case "CallLeaves":
                left[line["call"]] = t
            case "Connect":
                joined[line["call"]] = t
                talks[line["agent"]] = t
            case "Release":
                busy.append((line["agent"], talks.pop(line["agent"]), t))
            case "WrapUp":
                busy.append((line["agent"], t, float(line["until_s"])))
            case "Paused":  # his shift is over, his notes are not
                busy.append((line["agent"], t, t + wraps[line["agent"]]))
                paused.add(line["agent"])
            case "AgentLogsIn":
                here[line["agent"]] = t
            case "AgentLogsOut":
                staffed.append((line["agent"], here.pop(line["agent"]), t))
    begin, end = head["window_s"] or (0.0, last)
    last = max(last, end)
    busy += [(agent, since, last) for agent, since in talks.items()]
    staffed += [(agent, since, last) for agent, since in here.items()]

    def within(spans: list[tuple[int, float, float]], agents: set[int]) -> float:
        return math.fsum(max(0.0, min(b, end) - max(a, begin)) for agent, a, b in spans if agent in agents)

    figures: dict[str, dict[str, float | None]] = {}
    for queue in head["queues"]:
        mine = [call for call, (t, name) in came.items() if name == queue and begin <= t and (t < end or head["window_s"] is None)]
        waits = {call: (joined[call] if call in joined else left[call]) - came[call][0] for call in mine}
        answered = [waits[call] for call in mine if call in joined]
        gone = [waits[call] for call in mine if call not in joined]
        level = head["service_level_s"] + 1e-9
        serve = {agent["agent"] for agent in head["agents"] if queue in agent["queues"]}
        waited = [wait for wait in waits.values() if wait > 1e-9]
        figures[queue] = {
            "arrivals": len(mine),
            "answered": len(answered),
            "abandoned": len(gone),
            "p_wait": len(waited) / len(mine),
            "mean_wait_s": math.fsum(waits.values()) / len(mine),
            "mean_wait_of_waiting_s": math.fsum(waited) / len(waited),
            "service_level": sum(wait <= level for wait in answered) / len(answered),
            "service_level_with_abandoned": sum(wait <= level for wait in waits.values()) / len(mine),
            "p_abandon": len(gone) / len(mine),
            "occupancy": within(busy, serve) / within(staffed, serve),
        }
    return figures


def test_each_figure_of_replications_and_its_interval_follow_from_the_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said, (head, *lines) = simulated(tmp_path, TWO_QUEUES, capsys)
    runs = [recomputed(head, lines, run) for run in range(4)]
    for queue, figures in said["queues"].items():
        assert figures.pop("overload") is False
        names = [name for name in figures if not name.endswith("_ci95")]
        assert len(names) == 10
        for name in names:
            values = [run[queue][name] for run in runs]
            mean = math.fsum(values) / 4
            half = 3.182446305284263 * math.sqrt(
                math.fsum((value - mean) ** 2 for value in values) / 3 / 4
            )  # t of 3 degrees, from the tables
            assert figures[name] == pytest.approx(mean, rel=1e-9)
            assert figures[f"{name}_ci95"] == pytest.approx([mean - half, mean + half], rel=1e-7, abs=1e-9)
    assert said["events"] == sum("in" in line for line in lines) - 4 * (2 + 2 + 1 + 12)  # beside the set-up
    assert said["decisions"] == sum("out" in line for line in lines)
    assert {"Taken", "Missed", "WrapUp", "Paused", "Withdrawn"} <= {line.get("out") for line in lines}


def test_each_figure_of_recorded_calls_follows_from_the_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = 'arrivals = { kind = "csv", file = "calls.csv" }'
    text = TWO_QUEUES.replace('arrivals = { kind = "poisson", per_hour = 150.0 }', csv).replace(
        'arrivals = { kind = "rates", per_hour = [20, 60, 40] }', 'arrivals = { kind = "none" }'
    )
    said, (head, *lines) = simulated(tmp_path, text, capsys)
    figures = recomputed(head, lines, 0)
    for queue in said["queues"]:
        for name, value in figures[queue].items():
            assert said["queues"][queue][name] == pytest.approx(value, rel=1e-9)
            assert said["queues"][queue][f"{name}_ci95"] == [said["queues"][queue][name]] * 2
    assert sum(figures[queue]["arrivals"] or 0 for queue in figures) == 300
    assert {line["run"] for line in lines} == {0}
