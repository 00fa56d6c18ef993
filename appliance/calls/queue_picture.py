"""Queues in detail (A3): who waits where and why nobody takes him, who serves, and whom an agent would get if he were ready now.

Why nobody takes a caller are the core's own words (reference.WHY_NOT) with _ for blanks, and `nobody` where no agent serves his queue.
A preview is the core's own decision, made by a copy of it: nothing is reckoned a second way here.
"""

from typing import Any, Final

from appliance.base.errors import NotFound
from appliance.base.ids import CallId, QueueId
from appliance.calls import tickets
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.offers import ringing_for
from appliance.calls.picture import Pictures
from appliance.calls.queues import NOBODY
from appliance.calls.seats import Agent
from appliance.calls.snapshot import KeptView, NextView, QueueDetail, ReasonView, StaffView, WaitingView
from appliance.core import Acd, inputs

REMEDIES: Final = (
    "had turn", "resting", "held for owner", "number busy", "reserve", "not asked", "blocked", "vanished", "wrap_up", "offered", "paused",
    "talking", "busy", "lacks skill", "excluded", "logged_out",
)  # fmt: skip
"""The nearest to an end first."""


class QueuePictures:
    """Upon the live state; times by the offset of `pictures`."""

    def __init__(self, live: Live, pictures: Pictures) -> None:
        self.live, self.pictures = live, pictures

    def details(self, now_ms: int) -> list[QueueDetail]:
        state = self.live.queues.core.state()
        return [self._detail(queue, state, now_ms) for queue in self.live.queues.config]

    def _detail(self, queue: QueueId, state: dict[str, Any], now_ms: int) -> QueueDetail:
        queues = self.live.queues
        config, measured = queues.config[queue], queues.core.measured(queues.queues[queue])[0]
        waiting = [self.live.calls[call] for call in queues.waiting(queue)]
        return QueueDetail(
            id=queue,
            name=config.name or queue,
            strategy=config.strategy,
            waiting=[self._waiting(call, at + 1, state, now_ms) for at, call in enumerate(waiting)],
            kept=[self._kept(self.live.calls[call], now_ms) for call in self._aside(queue)],
            staff=[self._staff(agent, queue, now_ms) for agent in self._serving(queue)],
            each_s=None if measured is None else measured / 1000,
        )

    def _aside(self, queue: QueueId) -> list[CallId]:
        """Its call-backs that are not in the core, the oldest first."""
        live = self.live
        aside = [call for call, ticket in live.tickets.items() if not ticket.in_core and live.calls[call].queue == queue]
        return sorted(aside, key=lambda call: live.tickets[call].since_ms)

    def _kept(self, call: Call, now_ms: int) -> KeptView:
        ticket = self.live.tickets[call.id]
        later = ticket.not_before_ms > now_ms
        why = "kept_later" if later else "kept_line" if tickets.somebody_at_work(self.live, call) else "kept_staff"
        return KeptView(
            call=call.id,
            caller=call.caller,
            waits_since_ms=self.pictures.utc(ticket.since_ms) or 0,
            tries=ticket.tries,
            why="kept_dialling" if call.state is CallState.DIALLING else why,
            again_at_ms=self.pictures.utc(ticket.not_before_ms) if later else None,
        )

    def _serving(self, queue: QueueId) -> list[Agent]:
        return [agent for agent in self.live.agents.values() if queue in agent.config.queues]

    def _staff(self, agent: Agent, queue: QueueId, now_ms: int) -> StaffView:
        seat = self.live.seats[agent.seat] if agent.seat is not None else None
        return StaffView(
            agent=agent.id,
            name=agent.config.name,
            order=agent.config.orders.get(queue, 1),
            seat=agent.seat,
            state="logged_out" if seat is None else seat.state.value,
            reason=None if seat is None else seat.reason,
            since_ms=None if seat is None else self.pictures.utc(seat.since_ms),
            why=None if seat is None else self.pictures.why(seat, now_ms),
        )

    def _waiting(self, call: Call, position: int, state: dict[str, Any], now_ms: int) -> WaitingView:
        """`state`: of the core, which knows of each caller what counts."""
        core, config, known = self.live.queues.core, self.live.queues.config[call.queue], state["calls"][call.number]
        expected, waited = core.expected_wait_ms(call.number), now_ms - known["since"]
        points = config.weight + known["priority"] + known["tier"] * config.tier_points + config.ageing * waited // 1000
        joined = now_ms - known["joined"]
        lower = max((step.lower for step in config.widen if joined >= step.after_s * 1000), default=0)
        held = known["owner"] if known["owner"] >= 0 and joined < known["owner_ms"] else -1
        offered = [str(seat.agent) for seat in ringing_for(self.live, call)]
        return WaitingView(
            call=call.id,
            caller=call.caller,
            state=call.state.value,
            position=position,
            waits_since_ms=self.pictures.utc(known["since"]) or 0,
            expected_wait_s=None if expected is None else round(expected / 1000, 1),
            points=points,
            priority=known["priority"],
            tier=known["tier"],
            needs={skill: level - lower for skill, level in config.needs.items() if level > lower},
            held_for=self.live.queues.agent_id(held) if held >= 0 else None,
            offered_to=offered,
            why=[] if offered else self._why(call),
            call_back=call.id in self.live.tickets,
        )

    def _why(self, call: Call) -> list[ReasonView]:
        found: dict[str, list[str]] = {}
        for agent in self.live.agents.values():
            why = self.live.queues.core.why_not(call.number, agent.number)
            if why is not None and why != "other queue":
                found.setdefault(why, []).append(agent.id)
        if not found:
            return [ReasonView(why="nobody")]
        reasons = sorted(found, key=lambda why: REMEDIES.index(why) if why in REMEDIES else -1)
        return [ReasonView(why=word(why), agents=found[why]) for why in reasons]

    # -- who is next ----------------------------------------------------------------------------------------------------------------

    def next_callers(self, queue: QueueId, now_ms: int) -> list[NextView]:
        """Of each agent of the queue who is logged in: whom he would get if he were ready now, all others being as they are."""
        if queue not in self.live.queues.config:
            raise NotFound(f"there is no queue {queue!r}")
        state = self.live.queues.core.state()
        return [self._next(agent, state, now_ms) for agent in self._serving(queue) if agent.seat is not None]

    def _next(self, agent: Agent, state: dict[str, Any], now_ms: int) -> NextView:
        live, seat = self.live, self.live.seats[agent.seat]  # type: ignore[index]
        if seat.state.value == "ringing" and seat.call is not None:
            return self._view(agent, live.calls[seat.call], "ringing", [])
        held = live.queues.copy(state)
        for number in state["queues"]:
            held.feed(now_ms, inputs.QueueOffers(number, reserve=NOBODY))
        _ready(held, agent.number, now_ms)
        callers = [
            call for call in live.calls.values() if call.state in (CallState.QUEUED, CallState.OFFERED) and call.number in state["calls"]
        ]
        own = [QueueId(name) for name in sorted(agent.config.queues, key=lambda name: agent.config.orders.get(name, 1))]
        place = {
            call: at for at, call in enumerate(call for name in own if name in live.queues.queues for call in live.queues.waiting(name))
        }
        callers.sort(key=lambda call: place.get(call.id, len(place)))
        reasons = {call.id: held.why_not(call.number, agent.number) for call in callers}
        chosen = _offered(_ready(live.queues.copy(state), agent.number, now_ms), agent.number)
        before = [call.id for call in callers]
        if chosen is not None and live.queues.knows(chosen):
            before = before[: before.index(live.queues.call_id(chosen))]
        passed = [
            ReasonView(why=word(why), call=call) for call in before if call in place and (why := reasons[call]) not in (None, "reserve")
        ]
        if chosen is None or not live.queues.knows(chosen):
            return self._view(agent, None, "none_for_him" if passed else "nobody_waits", passed)
        owned = state["calls"][chosen]["owner"] == agent.number
        why = "his_customer" if owned else "may_take" if before else "first"
        return self._view(agent, live.calls[live.queues.call_id(chosen)], why, passed)

    def _view(self, agent: Agent, call: Call | None, why: str, passed: list[ReasonView]) -> NextView:
        core = self.live.queues.core
        return NextView(
            agent=agent.id,
            name=agent.config.name,
            state=self.live.seats[agent.seat].state.value if agent.seat is not None else "logged_out",
            call=None if call is None else call.id,
            queue=None if call is None else call.queue,
            position=None if call is None else core.position(call.number),
            why=why,
            passed_over=passed,
        )


def word(why: str) -> str:
    """The core's reason as a key's part: that he is offered another call is `ringing` to people."""
    return {"offered": "ringing", "rings already": "behind"}.get(why, why.replace(" ", "_"))


def _ready(core: Acd, agent: int, now_ms: int) -> list[Any]:
    """Makes him ready in a copy of the core, whatever he does now; what was decided."""
    decisions: list[Any] = []
    for bit in core.state()["agents"][agent]["blocks"]:
        decisions += core.feed(now_ms, inputs.AgentUnblocked(agent, bit))
    decisions += core.feed(now_ms, inputs.AgentReturns(agent))
    if core.agent(agent)[0] in ("talking", "busy"):
        decisions += core.feed(now_ms, inputs.AgentHangsUp(agent))
    if core.agent(agent)[0] in ("paused", "wrap_up"):
        decisions += core.feed(now_ms, inputs.AgentResumes(agent))
    state, until_ms = core.agent(agent)
    if state == "resting" and until_ms is not None:
        decisions += core.feed(until_ms, inputs.Tick())
    return decisions


def _offered(decisions: list[Any], agent: int) -> int | None:
    return next((each.call for each in decisions if type(each).__name__ == "Offer" and each.agent == agent), None)
