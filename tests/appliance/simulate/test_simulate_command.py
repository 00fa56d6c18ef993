"""`seatbox simulate` from outside (E4): exit codes, the words of its JSON, the same bytes from a seed, one clear line for nonsense."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCENARIO = """
seed = 7
hours = 20.0
replications = 3
[[queue]]
id = "sales"
arrivals = { kind = "poisson", per_hour = 240.0 }
talk = { kind = "exponential", mean_s = 180.0 }
patience = { kind = "exponential", mean_s = 300.0 }
[[agents]]
count = 14
queues = ["sales"]
"""
FIGURES = (
    "arrivals", "answered", "abandoned", "p_wait", "mean_wait_s", "mean_wait_of_waiting_s", "service_level", "service_level_with_abandoned",
    "p_abandon", "occupancy",
)  # fmt: skip


def simulate(tmp_path: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "office.toml").write_text(text)
    command = [sys.executable, "-m", "appliance", "simulate", str(tmp_path / "office.toml"), *more]
    return subprocess.run(command, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60)


def test_its_json_has_the_words_of_the_contract_each_with_its_interval(tmp_path: Path) -> None:
    ran = simulate(tmp_path, SCENARIO, "--json")
    assert ran.returncode == 0
    said = json.loads(ran.stdout)
    assert list(said) == ["queues", "decisions", "events"]
    sales = said["queues"]["sales"]
    assert set(sales) == {"overload", *FIGURES, *(f"{name}_ci95" for name in FIGURES)}
    assert all(sales[f"{name}_ci95"][0] <= sales[name] <= sales[f"{name}_ci95"][1] for name in FIGURES)
    assert sales["arrivals"] == pytest.approx(sales["answered"] + sales["abandoned"])
    assert said["events"] > 3 * 20 * 240 * 3
    assert "took" in ran.stderr


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for more in ([], ["--json"]):
        first, second = (simulate(tmp_path, SCENARIO, *more) for _ in range(2))
        assert first.stdout == second.stdout
        assert first.stdout != simulate(tmp_path, SCENARIO.replace("seed = 7", "seed = 8"), *more).stdout


def test_a_trace_changes_no_figure(tmp_path: Path) -> None:
    traced = simulate(tmp_path, SCENARIO, "--json", "--trace", str(tmp_path / "trace.jsonl"))
    assert traced.stdout == simulate(tmp_path, SCENARIO, "--json").stdout
    assert (tmp_path / "trace.jsonl").read_text().count("\n") > 3 * 20 * 240 * 5


def test_one_replication_has_figures_but_no_interval(tmp_path: Path) -> None:
    sales = json.loads(simulate(tmp_path, SCENARIO.replace("= 3", "= 1"), "--json").stdout)["queues"]["sales"]
    assert all(sales[f"{name}_ci95"] is None and sales[name] > 0 for name in FIGURES)


def test_an_unstable_queue_is_an_overload_and_has_no_finite_wait(tmp_path: Path) -> None:
    text = SCENARIO.replace("patience =", "# patience =").replace("count = 14", "count = 12")
    ran = simulate(tmp_path, text, "--json")
    sales = json.loads(ran.stdout)["queues"]["sales"]
    assert (ran.returncode, sales["overload"]) == (0, True)
    assert not [name for name in sales if "wait" in name or "service" in name]
    assert "OVERLOAD" in simulate(tmp_path, text).stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mean_s = 180.0", "mean_s = -180.0", "queue[sales].talk.mean_s (line 8): -180.0 is negative"),
        ("count = 14", "count = 10000000", "agents[1].count (line 11): 10000000 is too large"),
        ('id = "sales"', 'id = "sales"\nskills = { klingon = 1 }', "queue[sales].skills.klingon (line 7): no agents have the skill"),
        ('id = "sales"', 'id = "sales"\nstrategy = "shortest"', 'queue[sales].strategy (line 7): there is no strategy "shortest"'),
        (
            'kind = "poisson", per_hour = 240.0',
            'kind = "csv", file = "big.csv"',
            "queue[sales].arrivals.file (line 7): big.csv holds 2,000 MB",
        ),
        ("[[queue]]", "[[queue", "office.toml (line 5): is no TOML here"),
    ],
    ids=["negative", "agents", "skill", "strategy", "csv", "toml"],
)
def test_nonsense_is_one_clear_line_and_exit_code_1(old: str, new: str, words: str, tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    ran = simulate(tmp_path, SCENARIO.replace(old, new, 1))
    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith(words)


def test_what_cannot_be_read_or_written_is_one_line(tmp_path: Path) -> None:
    (line,) = simulate(tmp_path, SCENARIO, "--trace", "/nowhere/trace").stderr.splitlines()
    assert line == "seatbox: /nowhere/trace: No such file or directory"
    ran = subprocess.run(
        [sys.executable, "-m", "appliance", "simulate", "/nowhere.toml"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (1, "nowhere.toml: cannot be read: No such file or directory; name a scenario file\n")


def test_it_starts_without_web_database_or_numpy() -> None:
    foreign = ("numpy", "sqlite3", "starlette", "asyncio")
    code = f"import sys, appliance.simulate.simulate_command; print([name for name in {foreign} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "[]"
