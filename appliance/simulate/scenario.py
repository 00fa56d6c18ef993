"""Reads a scenario (E4): the words of the contract and of docs/simulate.md. `read` gives the office, or every mistake with its line."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from appliance.core import load
from appliance.core.office import INFINITE, STRATEGIES, Agents, Arrivals, Calls, Durations, Office, Queue
from appliance.simulate import calls_file, shifts
from appliance.simulate.reader import Table
from firmware_cfg import line_numbers
from firmware_cfg.findings import Finding, key_shown, shown, suggestion

AGENTS_MAX: Final = 100_000
CALLS_MAX: Final = 300_000_000
"""Expected in all replications together: some minutes."""
CALLS_A_RUN_MAX: Final = 30_000_000
"""Of one replication: where all of them wait, they take a gigabyte."""
HOURS_MAX: Final = 100_000.0
"""Eleven years; the core counts to 2**50 microseconds, and a run may go on for as long again as its window."""
_LARGEST_BYTES: Final = 1_000_000
_WHERE: Final = re.compile(r"\s*\((?:at line (\d+), column \d+|at end of document)\)\Z")
_LONG_S: Final = 1_000_000.0
_TALK: Final = '{ kind = "exponential", mean_s = 180.0 }'
_ARRIVALS: Final = '{ kind = "poisson", per_hour = 240.0 }'


def read(path: Path) -> tuple[Office | None, list[Finding]]:
    """The office, or None and what is wrong; never raises, whatever the file holds."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        return None, [Finding(_name(path), None, f"cannot be read: {getattr(error, 'strerror', None) or error}", "name a scenario file")]
    if len(data) > _LARGEST_BYTES:
        return None, [Finding(_name(path), None, "is larger than 1 MB", "name a scenario file; calls stand in a CSV file of their own")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Finding(_name(path), data.count(b"\n", 0, error.start) + 1, "is not UTF-8 here", "save the file as UTF-8")]
    if (line := line_numbers.crowded(text)) is not None:
        wrong = f"has more than {line_numbers.MOST_DOTS} dots on a line"
        return None, [Finding(_name(path), line, wrong, "write name = value, one a line")]
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return None, [_syntax(error, text, _name(path))]
    return _Scenario(content, line_numbers.LineNumbers(text), path).office()


def _name(path: Path) -> str:
    return path.name if path.name.isprintable() else shown(path.name)


def _syntax(error: Exception, text: str, name: str) -> Finding:
    if isinstance(error, RecursionError):
        return Finding(name, None, "has brackets within brackets without end", "close each [ with a ]")
    found = _WHERE.search(str(error))
    line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
    wrong = " ".join(_WHERE.sub("", str(error)).split())
    return Finding(name, line, f"is no TOML here: {wrong[:1].lower()}{wrong[1:]}", "write texts in quotes, numbers without")


class _Scenario:
    def __init__(self, content: dict[str, Any], lines: line_numbers.LineNumbers, path: Path) -> None:
        self.content, self.lines, self.path = content, lines, path
        self.findings: list[Finding] = []
        self.files: dict[str, list[int]] = {}  # name of a CSV file: places of the queues that name it
        self.named_at: dict[str, line_numbers.Path] = {}

    def report(self, path: line_numbers.Path, wrong: str, right: str) -> None:
        self.findings.append(Finding(self._spoken(path), self.lines.of(path), wrong, right))

    def _spoken(self, path: line_numbers.Path) -> str:
        """`queue[sales].talk`: an entry by its id where it has a plain one, else by its place from 1."""
        words = ""
        here: Any = self.content
        for key in path:
            here = here[key] if isinstance(here, list) and isinstance(key, int) else here.get(key, {}) if isinstance(here, dict) else {}
            if isinstance(key, str):
                words += ("." if words else "") + key_shown(key)
            else:
                name = here.get("id") if isinstance(here, dict) else None
                words += f"[{name if isinstance(name, str) and key_shown(name) == name else key + 1}]"
        return words

    def office(self) -> tuple[Office | None, list[Finding]]:
        top = Table(self.content, (), self.report)
        queue_tables = top.tables("queue", "a [[queue]] with id, arrivals and talk")
        queues = [self._queue(table, place) for place, table in enumerate(queue_tables)]
        agents_tables = top.tables("agents", "[[agents]] with count and queues")
        self._ids_are_unlike(queue_tables, queues)
        agents = [self._agents(table, queues) for table in agents_tables]
        self._agents_are_not_too_many(agents)
        self._skills_are_known(queues, agents)
        office = Office(
            tuple(queues),
            tuple(agents),
            seed=top.whole("seed", 1, 0, 2**63 - 1, "7"),
            hours=top.number("hours", 200.0, 0, HOURS_MAX, "200.0", above=True),
            warm_up_hours=top.number("warm_up_hours", 5.0, 0, HOURS_MAX, "5.0"),
            replications=top.whole("replications", 20, 1, 10_000, "20"),
            service_level_s=top.number("service_level_s", 20.0, 0, _LONG_S, "20"),
        )
        top.close()
        if not self.findings:
            office = self._with_calls(office)
        if not self.findings:
            self._can_be_done(office)
        self.findings.sort(key=lambda finding: finding.line or 0)
        return (None if self.findings else office), self.findings

    # --- queues

    def _queue(self, table: Table, place: int) -> Queue:
        name = table.text("id", "sales") or f"queue {place + 1}"
        strategy = table.word("strategy", "longest-idle", STRATEGIES, "strategy") or "longest-idle"
        arrivals, recorded = self._arrivals(table, place)
        talk = self._durations(table, "talk", None if not recorded else Durations("constant"), _TALK)
        patience = self._patience(table)
        queue = Queue(
            name,
            arrivals,
            talk,
            patience,
            strategy,
            table.skills("skills"),
            table.whole("priority", 0, 0, 1_000, "0"),
            table.whole("ageing", 0, 0, 1_000, "1"),
            table.number("offer_s", 15.0, 0.001, 3_600, "15.0"),
            table.number("rest_s", 10.0, 0, 86_400, "10.0"),
        )
        table.close()
        return queue

    def _ids_are_unlike(self, tables: list[Table], queues: list[Queue]) -> None:
        seen: set[str] = set()
        for table, queue in zip(tables, queues, strict=True):
            if queue.id in seen:
                table.wrong("id", f"there is a queue {shown(queue.id)} already", "give each queue an id of its own")
            seen.add(queue.id)

    def _arrivals(self, table: Table, place: int) -> tuple[Arrivals, bool]:
        """What comes, and whether it is recorded."""
        inside = table.table("arrivals", _ARRIVALS)
        if inside is None:
            return Arrivals(), False
        kind = inside.word("kind", None, ("poisson", "csv", "rates", "none"), "kind of arrivals")
        arrivals = Arrivals()
        if kind == "poisson":
            arrivals = Arrivals("poisson", (inside.number("per_hour", None, 0, 1e9, "240.0"),))
        elif kind == "rates":
            rates = inside.numbers("per_hour", 7 * 24 * 60, 1e9, "[0, 120, 240, 60]")
            arrivals = Arrivals("rates", rates or (0.0,), 60 * inside.number("slot_minutes", 60.0, 0, 10_080, "60", above=True))
        elif kind == "csv":
            name = inside.text("file", "calls.csv")
            if name is not None:
                self.files.setdefault(name, []).append(place)
                self.named_at.setdefault(name, (*inside.path, "file"))
        if kind is not None:
            inside.close()
        return arrivals, kind in ("csv", "none")

    def _patience(self, table: Table) -> Durations:
        if table.content.get("patience") == "infinite":
            table.get("patience")
            return INFINITE
        return self._durations(table, "patience", INFINITE, '{ kind = "exponential", mean_s = 300.0 } or "infinite"', "infinite")

    def _durations(self, table: Table, key: str, default: Durations | None, example: str, *more: str) -> Durations:
        if default is not None and not table.has(key):
            table.get(key)
            return default
        fallback = Durations("constant")
        inside = table.table(key, example)
        if inside is None:
            return fallback
        kind = inside.word("kind", None, ("exponential", "lognormal", "constant", "empirical", *more), "kind of durations")
        if kind in ("exponential", "lognormal", "constant"):
            mean_s = inside.number("mean_s", None, 0, _LONG_S, "180.0", above=kind != "constant")
            sd_s = inside.number("sd_s", mean_s, 0, _LONG_S, "90.0") if kind == "lognormal" else 0.0
            fallback = Durations(kind, mean_s, sd_s)
        elif kind == "empirical":
            fallback = Durations(kind, values_s=self._values(inside) or (0.0,))
        elif kind == "infinite":
            fallback = INFINITE
        if kind is not None:
            inside.close()
        return fallback

    def _values(self, inside: Table) -> tuple[float, ...]:
        if not inside.has("file"):
            return inside.numbers("values_s", 100_000, _LONG_S, "[30, 95, 240]")
        name = inside.text("file", "talks.csv")
        if name is None:
            return ()
        values, findings = calls_file.durations(self.path.parent / name)
        self._found_in_file((*inside.path, "file"), findings)
        return values

    # --- agents

    def _agents(self, table: Table, queues: list[Queue]) -> Agents:
        agents = Agents(
            table.whole("count", None, 0, AGENTS_MAX, "14"),
            self._served(table, [queue.id for queue in queues]),
            table.skills("skills"),
            table.number("wrap_up_s", 0.0, 0, 86_400, "10.0"),
            table.number("ring_s", 0.0, 0, 86_400, "3.0"),
            shifts.of(table),
            table.whole("weight", 1, 1, 1_000, "1"),
        )
        table.close()
        return agents

    def _served(self, table: Table, known: list[str]) -> tuple[str, ...]:
        example = f'queues = ["{known[0] if known else "sales"}"]'
        value = table.get("queues")
        if not table.has("queues"):
            table.missing("queues", example)
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            table.wrong("queues", f"is {shown(value)}", f"write a list of queues, {example}")
            return ()
        for name in dict.fromkeys(value):
            if name not in known:
                table.wrong("queues", f"there is no queue {shown(name)}", suggestion(name, known, "add a [[queue]]"))
            elif value.count(name) > 1:
                table.wrong("queues", f"names {shown(name)} twice", "name each queue once")
        return tuple(value)

    def _agents_are_not_too_many(self, agents: list[Agents]) -> None:
        total = 0
        for place, some in enumerate(agents):
            total += some.count
            if total > AGENTS_MAX:
                self.report(("agents", place, "count"), f"makes {total} agents in all", f"the lab takes {AGENTS_MAX}; write fewer")
                return

    def _skills_are_known(self, queues: list[Queue], agents: list[Agents]) -> None:
        have = {skill for some in agents for skill, _ in some.skills}
        for place, queue in enumerate(queues):
            for skill, _ in queue.skills:
                if skill not in have:
                    right = suggestion(skill, have, f"give it to some agents: skills = {{ {key_shown(skill)} = 5 }}")
                    self.report(("queue", place, "skills", skill), f"no agents have the skill {shown(skill)}", right)

    # --- the whole

    def _with_calls(self, office: Office) -> Office:
        if not self.files:
            return office
        calls = Calls()
        for name, places in self.files.items():
            more, findings = calls_file.calls(self.path.parent / name, office, places)
            self._found_in_file(self.named_at[name], findings)
            calls = calls_file.joined(calls, more)
        return Office(office.queues, office.agents, office.seed, office.hours, 0.0, 1, office.service_level_s, calls)

    def _found_in_file(self, named_at: line_numbers.Path, findings: list[Finding]) -> None:
        """A file that cannot be read at all is a mistake of the line that names it."""
        for finding in findings:
            if finding.line is None:
                self.report(named_at, f"{finding.path} {finding.wrong}", finding.right)
            else:
                self.findings.append(finding)

    def _can_be_done(self, office: Office) -> None:
        if office.calls is not None:
            last_s = office.calls.at[-1] / 1e6 if office.calls.at else 0.0
            office = Office(office.queues, office.agents, hours=last_s / 3600 + 1e-9, warm_up_hours=0.0, replications=1)
        run_on = max(office.hours, 1.0) + office.warm_up_hours
        a_run = sum(load.arrivals(office, queue) for queue in office.queues) / office.hours * run_on
        for expected, most, where in (
            (a_run, CALLS_A_RUN_MAX, "one replication"),
            (a_run * office.replications, CALLS_MAX, "all replications"),
        ):
            if expected > most:
                key = "hours" if "hours" in self.content else "queue"
                self.report(
                    (key,),
                    f"some {_rough(expected)} calls would come in {where}",
                    f"the lab takes {_rough(most)}; write fewer hours or calls",
                )
                return


def _rough(calls: float) -> str:
    return f"{calls / 1e6:,.0f} million" if calls < 1e15 else f"10^{math.log10(calls):.0f}"
