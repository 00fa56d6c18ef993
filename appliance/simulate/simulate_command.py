"""`seatbox simulate SCENARIO.toml [--json] [--trace FILE]` (E4). Standard output holds the figures alone: same seed, same bytes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from appliance.core import figures
from appliance.core.office import Office
from appliance.simulate import scenario
from appliance.simulate.trace_file import TraceFile


def main(path: Path, as_json: bool, trace: Path | None) -> int:
    begin = perf_counter()
    office, findings = scenario.read(path)
    for finding in findings:
        print(finding, file=sys.stderr)
    if office is None:
        return 1
    if trace is None:
        found = figures.simulate(office, threads=os.cpu_count() or 1)
    else:
        with trace.open("w", encoding="utf-8") as file:
            found = figures.simulate(office, TraceFile(file, office))
    print(json.dumps(found, ensure_ascii=False) if as_json else as_text(office, found))
    print(f"took {perf_counter() - begin:.2f} s: {found['events']:,} inputs, {found['decisions']:,} decisions", file=sys.stderr)
    return 0


def as_text(office: Office, found: dict[str, Any]) -> str:
    """The figures of each queue with their intervals."""
    how = (
        "recorded calls" if office.calls is not None else f"{office.replications} x {office.hours:g} h, warm-up {office.warm_up_hours:g} h"
    )
    lines = [f"seed {office.seed}, {how}, service level at {office.service_level_s:g} s"]
    for name, queue in found["queues"].items():
        lines += [
            "",
            f"queue {name}" + (": OVERLOAD, more work than its agents can do; the wait grows without end" if queue["overload"] else ""),
        ]
        for figure in figures.FIGURES:
            if figure in queue:
                lines.append(f"  {figure:<30}{_text(queue[figure]):>14}{_between(queue[figure + '_ci95'])}")
    return "\n".join(lines)


def _between(limits: list[float] | None) -> str:
    return "" if limits is None or limits[0] == limits[1] else f"   95 %: {_text(limits[0])} .. {_text(limits[1])}"


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value == int(value) or abs(value) >= 1_000 else f"{value:.4g}"
