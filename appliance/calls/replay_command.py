"""`seatbox replay --state DIR [--day DATE] [--config FILE] [--json]` (A3 E4): a day of the journal through the routing core once more.

Each turn must come to the hash that the journal holds. With a configuration: what would have become of each call under it (comparison.py).
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from appliance.calls.comparison import Comparison, NotComparable, Told, compared
from firmware_cfg import check
from firmware_cfg.findings import ConfigErrors


def main(state: Path, day: date | None, config: Path | None, as_json: bool) -> int:
    try:
        found = compared(state, day, None if config is None else check.load(config))
    except ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    except NotComparable as why:
        print(f"seatbox: {why}", file=sys.stderr)
        return 1
    print(_as_json(found) if as_json else _as_text(found, config))
    return 0


def _as_json(found: Comparison) -> str:
    calls: list[dict[str, Any]] = []
    for call in found.calls:
        one = {"id": call.id, "came_at": call.came.isoformat(timespec="milliseconds"), "queue": call.queue, "was": call.was}
        calls.append(one if call.would is None else {**one, "would": call.would, "differs": call.differs})
    whole: dict[str, Any] = {
        "day": found.day, "runs": len(found.hashes), "turns": found.turns, "hash": found.hashes[-1], "hashes": found.hashes,
        "was": found.was, "calls": calls,
    }  # fmt: skip
    if found.would is not None:
        whole |= {"would": found.would, "differ": len(found.differ), "would_hashes": found.would_hashes}
    return json.dumps(msgspec.to_builtins(whole), ensure_ascii=False)


def _as_text(found: Comparison, config: Path | None) -> str:
    runs = len(found.hashes)
    lines = [
        f"{found.day}: {len(found.calls):,} calls, {found.turns:,} turns, {runs} run{'s' * (runs > 1)} of the box",
        f"made again: every turn comes to the journal's hash, the last to {found.hashes[-1]}",
    ]
    if config is None or found.would is None:
        return "\n".join(lines)
    differ = found.differ
    lines += [
        "",
        f"under {config.name}, {len(differ):,} of {len(found.calls):,} calls would have gone otherwise:" if differ else "the same",
    ]
    for call in differ:
        lines.append(f"  {call.id}  {call.came:%H:%M:%S}  {call.queue:<12}{_word(call.was):<34}-> {_word(call.would)}")
    lines += ["", f"{'':<18}{'was':>12}{'would be':>12}"]
    names = found.was.__struct_fields__
    lines += [f"{name:<18}{_number(getattr(found.was, name)):>12}{_number(getattr(found.would, name)):>12}" for name in names]
    return "\n".join(lines)


def _word(fate: Told | None) -> str:
    if fate is None:
        return ""
    by = f" by {fate.agent}" if fate.agent else ""
    missed = len(fate.offered) - (fate.outcome == "answered")
    return f"{fate.outcome}{by} after {fate.waited_s:.1f} s" + (f", {missed} offered before" if missed > 0 else "")


def _number(value: float | None) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if value > 1.0 else f"{value:,.3f}"
    return "-" if value is None else f"{value:,}"
