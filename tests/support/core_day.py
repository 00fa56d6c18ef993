"""A day of a 16-seat office through the core's keeper and the journal, by seed, in virtual time (A3 E4)."""

import heapq
import itertools
import random
from pathlib import Path
from typing import Any

from appliance.base.ids import AgentId, QueueId
from appliance.calls.queues import Queues
from appliance.core import decisions as d
from appliance.core import inputs as i
from appliance.events.box import BoxStarted
from appliance.store.journal import Journal
from firmware_cfg import check
from firmware_cfg.document import Document
from tests.support.store_clock import HandClock

SEATS, HOUR = 16, 3_600_000


def configuration(wrap_up_s: float = 15.0, sales: str = "longest-idle", people: int = SEATS) -> str:
    """TOML. Two queues; the first half serves sales, the second both, sales after service."""
    lines = [
        '[[line]]\nid = "l1"\ndialect = "v253"\nport = "x"\nnumber = "02088880001"\nqueue = "sales"',
        f'[[queue]]\nid = "sales"\nname = "Sales"\nstrategy = "{sales}"',
        '[[queue]]\nid = "service"\nname = "Service"\nwait_max_s = 300.0',
    ]
    for n in range(1, people + 1):
        queues = '["sales"]' if n <= SEATS // 2 else '["service", "sales"]'
        orders = "" if n <= SEATS // 2 else "orders = { sales = 2 }\n"
        lines.append(f'[[seat]]\nid = "s{n}"\nname = "Seat {n}"\nkind = "browser"')
        lines.append(f'[[agent]]\nid = "a{n}"\nname = "Agent {n}"\nqueues = {queues}\nwrap_up_s = {wrap_up_s}\nrank = {n}\n{orders}')
    return "\n".join(lines) + "\n"


def document(folder: Path, **values: Any) -> Document:
    file = folder / "office.toml"
    file.write_text(configuration(**values))
    return check.load(file)


class OfficeDay:
    """Nine hours: they come, pause and go; callers wait, leave, are missed, rejected, answered; who is tired of writing resumes early."""

    def __init__(self, state: Path, office: Document, seed: int, per_hour: float = 110.0) -> None:
        state.mkdir(exist_ok=True)
        self.clock, self.rng = HandClock(now_ms=0, utc_ms=1_767_225_600_000 + 8 * HOUR), random.Random(seed)
        self.journal, self.queues = Journal(state, self.clock), Queues()
        self.office, self.per_hour = office, per_hour
        self.due: list[tuple[int, int, int, i.Input]] = []
        self.order = itertools.count()
        self.joined: dict[int, int] = {}
        self.journal.append([BoxStarted(at_ms=0, version="test", clean=True)])

    def at(self, ms: int, given: i.Input) -> None:
        heapq.heappush(self.due, (ms, len(self.due) + 1_000_000 * (ms % 7), next(self.order), given))

    def run(self) -> None:
        self.heard(self.queues.configure(self.office, 0))
        for agent in self.office.agent:
            number = self.queues.agents[AgentId(agent.id)]
            begin, lunch = self.rng.randrange(HOUR // 4), 4 * HOUR + self.rng.randrange(HOUR)
            self.at(begin, i.AgentLogsIn(number))
            self.at(lunch, i.AgentPauses(number))
            self.at(lunch + HOUR // 2, i.AgentResumes(number))
            self.at(9 * HOUR + self.rng.randrange(HOUR // 4), i.AgentLogsOut(number))
        now, call = 0, 0
        while (now := now + round(self.rng.expovariate(self.per_hour / HOUR))) < 9 * HOUR:
            call += 1
            line = self.office.line[0]
            self.at(now, self.queues.caller(call, QueueId("sales" if self.rng.random() < 0.6 else "service"), line, f"139{call:08}"))
            self.at(now + round(self.rng.expovariate(1 / 120_000)), i.CallLeaves(call))
        while self.due:
            next_ms = self.queues.next_ms
            if next_ms is not None and next_ms <= self.due[0][0]:
                self.step(next_ms, i.Tick())
            else:
                now_ms, _, _, given = heapq.heappop(self.due)
                if not (isinstance(given, i.CallLeaves) and given.call in self.joined.values()):
                    self.step(now_ms, given)
        self.journal.close()

    def step(self, now_ms: int, given: i.Input) -> None:
        self.clock.ms = now_ms
        self.heard(self.queues.feed(now_ms, given))

    def heard(self, decided: list[Any]) -> None:
        now, rng = self.clock.ms, self.rng
        for decision in decided:
            match decision:
                case d.Offer(call=call, agent=agent):
                    after = rng.randrange(1_500, 17_000)  # some miss
                    self.at(now + after, i.AgentRejects(call, agent) if rng.random() < 0.03 else i.AgentAnswers(call, agent))
                case d.Connect(call=call, agent=agent):
                    self.joined[agent] = call
                    self.at(now + 40, i.VoicePathStands(call, agent))
                    talk = now + 5_000 + round(rng.expovariate(1 / 200_000))
                    self.at(talk, i.AgentHangsUp(agent))
                case d.Release(agent=agent):
                    self.joined.pop(agent, None)
                    if rng.random() < 0.2:
                        self.at(now + rng.randrange(1_000, 8_000), i.AgentResumes(agent))
        self.journal.append(self.queues.take_facts(now))
