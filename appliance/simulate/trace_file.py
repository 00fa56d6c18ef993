"""`--trace FILE` (E4): each input and each decision with its time, one JSON object a line, so that every figure can be recomputed by hand.

The first line says what the file is: queues, agents, the window. Then, of each replication (`run`), what the core was told (`in`) and what
it decided (`out`), in order. Times are exact decimals of seconds; queues have their ids, agents and calls numbers from 1.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from dataclasses import fields
from typing import IO, Any, Final, get_args

from appliance.core import inputs, lab
from appliance.core.office import Office

_INPUTS: Final = get_args(inputs.Input)
_ARGUMENTS: Final = {
    "AgentAnswers": ("call", "agent"),
    "VoicePathStands": ("call", "agent"),
    "CallLeaves": ("call",),
    "CallWaits": ("call", "queue", "want", "priority"),
    "Tick": (),
}
"""What the loop says, and what its numbers are."""


class TraceFile:
    """Call it with what the lab tells."""

    def __init__(self, file: IO[str], office: Office) -> None:
        self.file, self.office = file, office
        self.per_s = lab.units_per_s(office)
        self.digits = len(str(self.per_s)) - 1
        self.last: tuple[int, str] = (-1, "")
        self.rows = [self._row(kind) for kind in _INPUTS]
        self.decided = [self._decided(name, names) for name, names in lab.DECISIONS]
        file.write(json.dumps(self._head(), ensure_ascii=False) + "\n")

    def __call__(self, run: int, told: list[inputs.Input] | array[int]) -> None:
        if isinstance(told, list):
            for given in told:
                self.file.write(
                    json.dumps({"run": run, "t_s": 0, "in": type(given).__name__, **self._fields(given)}, ensure_ascii=False) + "\n"
                )
            return
        lines = []
        for at in range(0, len(told), lab.LOG_WIDTH):
            now, code = told[at], told[at + 1]
            form = self.rows[code] if code >= 0 else self.decided[-1 - code]
            lines.append(f'{{"run": {run}, "t_s": {self._time(now)}{form(told, at + 2)}}}\n')
        self.file.writelines(lines)

    def _head(self) -> dict[str, Any]:
        office = self.office
        whole = office.calls is not None
        agents = [some for some in office.agents for _ in range(some.count)]
        return {
            "seed": office.seed,
            "service_level_s": office.service_level_s,
            "window_s": None if whole else [office.warm_up_hours * 3600, (office.warm_up_hours + office.hours) * 3600],
            "units_per_s": self.per_s,
            "queues": [queue.id for queue in office.queues],
            "agents": [{"agent": number, "queues": list(some.queues)} for number, some in enumerate(agents, 1)],
        }

    def _time(self, now: int) -> str:
        if now == self.last[0]:
            return self.last[1]
        whole, part = divmod(now, self.per_s)
        text = f"{whole}.{part:0{self.digits}d}" if part else str(whole)
        self.last = (now, text)
        return text

    def _fields(self, given: inputs.Input) -> dict[str, Any]:
        told = {field.name: getattr(given, field.name) for field in fields(given)}
        if isinstance(told.get("queue"), int):
            told["queue"] = self.office.queues[told["queue"] - 1].id
        if "queues" in told:
            told["queues"] = [self.office.queues[number - 1].id for number in told["queues"]]
        return told

    def _row(self, kind: type) -> Callable[[array[int], int], str]:
        name = kind.__name__
        names = _ARGUMENTS.get(name, ("agent",))
        queues = [json.dumps(queue.id, ensure_ascii=False) for queue in self.office.queues]

        def told(row: array[int], at: int) -> str:
            values = [queues[row[at + place] - 1] if one == "queue" else row[at + place] for place, one in enumerate(names)]
            return f', "in": "{name}"' + "".join(f', "{one}": {value}' for one, value in zip(names, values, strict=True))

        return told

    def _decided(self, name: str, names: tuple[str, ...]) -> Callable[[array[int], int], str]:
        places = {"call": 0, "agent": 1, "until_ms": 2}

        def told(row: array[int], at: int) -> str:
            text = f', "out": "{name}"'
            for one in names:
                value = row[at + places[one]]
                text += f', "until_s": {self._until(value)}' if one == "until_ms" else f', "{one}": {value}'
            return text

        return told

    def _until(self, value: int) -> str:
        whole, part = divmod(value, self.per_s)
        return f"{whole}.{part:0{self.digits}d}" if part else str(whole)
