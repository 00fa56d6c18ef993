"""The routing core (A3 E4): routed calls a second of core and oracle through both faces, instructions a call, bytes a call and an agent.

The days are those of core_office.py and core_whole.py, replayed; what is timed is the core, from the first caller who counts
on. The hash of all decisions must be the same in all. Instructions are counted by callgrind where it is installed: the same on
a quiet and on a busy machine.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path
from time import perf_counter

from appliance.core import Acd, inputs, trace
from appliance.core.reference import Oracle
from bench.__main__ import Report
from bench.core_office import Day, Steps, day
from bench.core_whole import whole_day

COUNTED = "__pyx_pw_9appliance_4core_4_acd_3Acd_9run"


def feeding(core: Acd | Oracle, steps: Steps, opening: int) -> float:
    """Seconds from the first caller on."""
    feed = core.feed
    for now, given in steps[:opening]:
        feed(now, given)
    begin = perf_counter()
    for now, given in steps[opening:]:
        feed(now, given)
    return perf_counter() - begin


def running(core: Acd, opening: "array[int]", rows: "array[int]") -> float:
    core.run(opening)
    begin = perf_counter()
    core.run(rows)
    return perf_counter() - begin


def instructions(of: Day) -> float | None:
    """A call, by callgrind: the whole day less its opening. None where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        rows = trace.pack(of.steps)
        file.write_bytes(rows.tobytes())
        whole, opening = (_counted(file, count) for count in (len(rows) // trace.INPUT_WIDTH, _rows_of(of)))
    return (whole - opening) / of.calls


def _rows_of(of: Day) -> int:
    return len(trace.pack(of.steps[: of.opening])) // trace.INPUT_WIDTH


def _counted(file: Path, rows: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--toggle-collect={COUNTED}", sys.executable]
    done = subprocess.run([*command, "-m", "bench.core_replay", str(file), str(rows)], capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None or found[1] == "0":
        raise RuntimeError("callgrind did not see Acd.run: is the extension built with -g?")
    return int(found[1])


def speeds(report: Report, agents: int) -> None:
    calls, plain_calls = 10_000, {10: 500, 100: 100, 1_000: 20}[agents]
    whole = day(agents, calls, report.seed)
    opens, rows = trace.pack(whole.steps[: whole.opening]), trace.pack(whole.steps[whole.opening :])
    cores = [Acd() for _ in range(8)]
    batch = min(running(core, opens, rows) for core in cores[:5])
    live = min(feeding(core, whole.steps, whole.opening) for core in cores[5:])
    assert len({core.hash for core in cores}) == 1
    few = day(agents, plain_calls, report.seed)
    oracle, again = Oracle(), Acd()
    plain = feeding(oracle, few.steps, few.opening)
    again.run(trace.pack(few.steps))
    assert oracle.hash == again.hash
    each = (len(whole.steps) - whole.opening) / calls
    report.row(f"core run(), {agents} agents", calls / batch, "calls/s", note=f"{each:.1f} inputs a call")
    report.row(f"core feed(), {agents} agents", calls / live, "calls/s", note="inputs and decisions as objects")
    times = (plain / plain_calls) / (batch / calls)
    report.row(f"oracle feed(), {agents} agents", plain_calls / plain, "calls/s", note=f"run() of the core: {times:,.0f} times as fast")


def memory(report: Report) -> None:
    core = Acd()
    core.feed(0, inputs.QueueSet(0))
    empty = sys.getsizeof(core)
    for agent in range(10_000):
        core.feed(0, inputs.AgentSet(agent, (0,), skills=((agent % 20, 5),)))
    staffed = sys.getsizeof(core)
    for call in range(100_000):
        core.feed(call, inputs.CallWaits(call, 0, priority=call % 3))
    report.row("bytes an agent", (staffed - empty) / 10_000, "B", note="10,000 agents of 20 classes")
    report.row("bytes a waiting call", (sys.getsizeof(core) - staffed) / 100_000, "B", note="100,000 waiting")


def run(report: Report) -> None:
    for agents in (10, 100, 1_000):
        speeds(report, agents)
    for name, of in (
        ("plain, 1,000 agents", day(1_000, 30_000, report.seed, rings=False)),
        ("plain, 10,000 agents", day(10_000, 30_000, report.seed, rings=False)),
        ("plain, 1,000 agents, 100,000 waiting", day(1_000, 30_000, report.seed, rings=False, ahead=100_000)),
        ("plain, 1,000 agents, ringing told", day(1_000, 30_000, report.seed)),
        ("every feature, each for few callers, 1,000 agents", whole_day(1_000, 30_000, report.seed, rings=False)),
        ("every feature, each for few callers, ringing told, 1,000 agents", whole_day(1_000, 30_000, report.seed)),
        ("what costs most, for many callers, 1,000 agents", day(1_000, 30_000, report.seed, full=True)),
    ):
        counted = instructions(of)
        if counted is not None:
            report.row(f"instructions a call, {name}", counted, "", better="less")
    memory(report)
