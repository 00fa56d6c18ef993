"""`make bench`, `make bench ONLY=core`: runs bench/bench_*.py and prints what they measured, with the machine, its noise and the seeds.

A bench is a file `bench_NAME.py` with one function:

    def run(report: Report) -> None:
        rng = random.Random(report.seed)
        report.row("core, 100 agents", 1_234_567, "calls/s")
        report.row("a whole tick, 30 calls", 33.1, "µs", note="best of 5 runs", better="less")

`report.row(name, value, unit, note="", better=...)`: one figure. A unit that ends in /s counts better with more, all others with less;
`better` ("more" or "less") says otherwise. `report.seed` is the seed, printed and stored. `report.best(work, repeat=5)` times work() and
gives the shortest of some runs, in seconds: on a shared machine the shortest is the one that was disturbed least. Names stay the same
from run to run: the last results are compared by name.

The noise is a fixed piece of arithmetic, timed before and after each bench: what it varied, the figures may have varied too.
Results go to bench/results.json, those of the run before are kept in it for the comparison.
"""

import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "results.json"
SEED: Final = 20_260_101


class Report:
    """What one bench measured."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rows: list[dict[str, Any]] = []

    def row(self, name: str, value: float, unit: str, note: str = "", better: Literal["more", "less"] | None = None) -> None:
        self.rows.append(
            {"name": name, "value": value, "unit": unit, "note": note, "better": better or ("more" if unit.endswith("/s") else "less")}
        )

    @staticmethod
    def best(work: Callable[[], object], repeat: int = 5) -> float:
        """Seconds of the shortest of `repeat` runs."""
        return min(_seconds(work) for _ in range(repeat))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def calibrate() -> float:
    """Milliseconds of a fixed piece of arithmetic: the machine's speed and mood at this moment."""
    return Report.best(lambda: sum(n * n % 7 for n in range(200_000)), repeat=3) * 1e3


def machine() -> dict[str, Any]:
    model = next((line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith(("model name", "Model"))), platform.machine())
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def main(only: list[str]) -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in only if name not in names]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    before = _stored()
    seed = int(os.environ.get("SEED", SEED))
    here = machine()
    print(f"{here['processor']}, {here['cores']} cores, {here['system']}, Python {here['python']}, load {here['load']}, seed {seed}")
    failed = 0
    now: dict[str, Any] = {}
    for name in only or names:
        first = calibrate()
        report = Report(seed)
        try:
            importlib.import_module(f"bench.bench_{name}").run(report)
        except Exception:  # noqa: BLE001 - one bench that breaks does not silence the others
            traceback.print_exc()
            failed += 1
        second = calibrate()
        now[name] = {
            "machine": here,
            "seed": seed,
            "noise_percent": round(abs(second / first - 1) * 100, 1),
            "calibration_ms": [first, second],
            "rows": report.rows,
        }
        _show(name, now[name], before.get(name, {}))
    RESULTS.write_text(json.dumps({"last": {**before, **now}, "before": before}, ensure_ascii=False, indent=1) + "\n")
    print(f"\n{RESULTS.relative_to(HERE.parent)} written" + (f"; {failed} failed" if failed else ""))
    return 1 if failed else 0


def _stored() -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(RESULTS.read_text())["last"]
        return stored
    except (OSError, ValueError, KeyError):
        return {}


def _show(name: str, result: dict[str, Any], before: dict[str, Any]) -> None:
    earlier = {row["name"]: row["value"] for row in before.get("rows", [])}
    first, second = result["calibration_ms"]
    print(f"\n{name}   (calibration {first:.1f} ms before, {second:.1f} ms after: noise {result['noise_percent']} %)")
    width = max((len(row["name"]) for row in result["rows"]), default=0)
    for row in result["rows"]:
        change = _change(row, earlier.get(row["name"]))
        print(f"  {row['name']:<{width}}  {_figure(row['value']):>12} {row['unit']:<12} {change:<18} {row['note']}".rstrip())


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _change(row: dict[str, Any], earlier: float | None) -> str:
    """Against the run before: in percent, and whether that is better."""
    if not earlier:
        return ""
    percent = (row["value"] / earlier - 1) * 100
    if abs(percent) < 0.05:
        return "as before"
    return f"{percent:+.1f} % {'better' if (percent > 0) == (row['better'] == 'more') else 'worse'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
