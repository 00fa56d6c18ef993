"""The lab (E4): simulated callers a second of M/M/c, beside a bare C loop and, where installed, simpy and ciw; a year of a small office.

The bare loop (mmc.c) knows no agents, no offers and no names: it adds up waits. The system's compiler makes it here. The peers are no part
of the product: `.venv/bin/pip install --require-hashes -r requirements/peers.txt` brings them. All run at load 0.9 on one thread.
"""

import ctypes
import importlib
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from appliance.core import figures, lab
from appliance.core.office import INFINITE, Agents, Arrivals, Durations, Office, Queue
from bench.__main__ import Report

HERE = Path(__file__).parent
LOAD = 0.9
CALLERS = 1_000_000


def office(servers: int, callers: int, seed: int) -> Office:
    """Mean talk 1 s, so callers a second are erlangs."""
    per_hour = servers * LOAD * 3600
    queue = Queue("q", Arrivals("poisson", (per_hour,)), Durations("exponential", 1.0), INFINITE)
    return Office((queue,), (Agents(servers, ("q",)),), seed, callers / per_hour, 0.0, 1)


def bare(folder: Path) -> ctypes.CDLL | None:
    """None where there is no compiler."""
    library = folder / "mmc.so"
    try:
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(HERE / "mmc.c"), "-lm"], check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    loop = ctypes.CDLL(str(library))
    loop.mean_wait.restype = ctypes.c_double
    loop.mean_wait.argtypes = [ctypes.c_int64, ctypes.c_int, ctypes.c_double, ctypes.c_uint64]
    return loop


def with_simpy(simpy: Any, servers: int, callers: int, seed: int) -> float:
    """Mean wait. As its handbook shows it: a Resource, a process a caller."""
    rng = random.Random(seed)
    world = simpy.Environment()
    agents = simpy.Resource(world, servers)
    waits: list[float] = []

    def caller():
        came = world.now
        with agents.request() as wanted:
            yield wanted
            waits.append(world.now - came)
            yield world.timeout(rng.expovariate(1.0))

    def source():
        for _ in range(callers):
            yield world.timeout(rng.expovariate(servers * LOAD))
            world.process(caller())

    world.process(source())
    world.run()
    return sum(waits) / len(waits)


def with_ciw(ciw: Any, servers: int, callers: int, seed: int) -> float:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=servers * LOAD)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[servers],
    )
    world = ciw.Simulation(network)
    world.simulate_until_max_customers(callers, method="Finish")
    waits = [record.waiting_time for record in world.get_all_records()]
    return sum(waits) / len(waits)


def year(folder: Path) -> Path:
    """A 16-seat office: 300,000 callers in their hours, two queues, a skill, patience, shifts, wrap-up. Returns its scenario."""
    day = [0] * 8 + [60, 90, 105, 95, 60, 70, 95, 105, 85, 57] + [0] * 6
    path = folder / "year.toml"
    path.write_text(f"""
seed = 2026
hours = 8760
warm_up_hours = 0
replications = 1
[[queue]]
id = "sales"
arrivals = {{ kind = "rates", per_hour = {[round(rate * 0.75) for rate in day]} }}
talk = {{ kind = "lognormal", mean_s = 200.0, sd_s = 150.0 }}
patience = {{ kind = "exponential", mean_s = 180.0 }}
[[queue]]
id = "english"
arrivals = {{ kind = "rates", per_hour = {[round(rate * 0.25) for rate in day]} }}
talk = {{ kind = "exponential", mean_s = 260.0 }}
patience = {{ kind = "exponential", mean_s = 240.0 }}
skills = {{ english = 3 }}
priority = 5
[[agents]]
count = 8
queues = ["sales"]
wrap_up_s = 10
ring_s = 3
shifts = [{{ begin = "08:00", end = "16:30" }}]
[[agents]]
count = 8
queues = ["english", "sales"]
skills = {{ english = 5 }}
wrap_up_s = 15
ring_s = 4
shifts = [{{ begin = "09:30", end = "18:00" }}]
""")
    return path


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        loop = bare(folder)
        for servers in (10, 100):
            one = office(servers, CALLERS, report.seed)
            ours = CALLERS / report.best(lambda one=one: lab.run(one), repeat=3)
            note = ""
            if loop is not None:
                bare_s = report.best(lambda n=servers: loop.mean_wait(CALLERS, n, LOAD, report.seed), repeat=3)
                note = f"{ours * bare_s / CALLERS:.3f} of a bare C loop"
                report.row(f"bare C loop, M/M/{servers}", CALLERS / bare_s, "callers/s")
            report.row(f"lab, M/M/{servers}", ours, "callers/s", note=note)
            peers(report, servers, ours)
        wide = Office(**{**{name: getattr(one, name) for name in one.__slots__}, "replications": 8})
        two = 8 * CALLERS / report.best(lambda: figures.simulate(wide, threads=2), repeat=1)
        report.row("lab, M/M/100, 8 replications on 2 threads", two, "callers/s", note="as `seatbox simulate` runs them")
        command = [sys.executable, "-m", "appliance", "simulate", str(year(folder)), "--json"]
        seconds = report.best(lambda: subprocess.run(command, check=True, capture_output=True), repeat=3)
        report.row("a year of a 16-seat office, start of the program included", seconds, "s", note="about 300,000 calls")


def peers(report: Report, servers: int, ours: float) -> None:
    for name, one in (("simpy", with_simpy), ("ciw", with_ciw)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        callers = 20_000 if name == "simpy" else 5_000
        begin = perf_counter()
        one(module, servers, callers, report.seed)
        theirs = callers / (perf_counter() - begin)
        report.row(f"{name}, M/M/{servers}", theirs, "callers/s", note=f"the lab: {ours / theirs:,.0f} times as fast")
