"""A supervisor orders about callers who wait (A3): take this call now, withdraw, move to another queue; all on the timeline."""

from collections.abc import Callable
from typing import Any, Final

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands, offers
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.seats import Agent
from appliance.core import inputs
from appliance.events.call import CallOrdered

WAITS: Final = (CallState.QUEUED, CallState.OFFERED)


def carry_out(live: Live, command: commands.Order) -> None:
    """Does it or raises Refused (409), NotFound (404)."""
    call = live.calls.get(command.call)
    if call is None:
        raise NotFound(f"there is no live call {command.call!r}")
    if call.state not in WAITS or (call.id in live.tickets and not live.tickets[call.id].in_core):
        raise Refused("order.not_waiting", call=call.id)
    HANDLERS[type(command)](live, call, command)


def _agent(live: Live, command: Any) -> Agent:
    agent = live.agents.get(command.agent)
    if agent is None:
        raise NotFound(f"there is no agent {command.agent!r}")
    return agent


def take_now(live: Live, call: Call, command: commands.TakeNow) -> None:
    """The new offer first: else the agents who stop ringing for him would let him go to the next free one."""
    agent = _agent(live, command)
    before = offers.ringing_for(live, call)
    if agent.seat in [seat.id for seat in before]:
        raise Refused("order.rings_already", agent=agent.config.name)
    why = live.ask(inputs.AgentTakes(call.number, agent.number))
    if why == "not free":
        raise Refused("order.not_free", agent=agent.config.name, state=live.seats[agent.seat].state.value if agent.seat else "logged_out")
    if why is not None:
        raise Refused("order.not_possible", why=why)
    _told(live, call, command, "take", agent=agent)
    offers.carry_out(live)
    for seat in before:
        live.feed(inputs.OfferWithdrawn(call.number, live.number_of(seat)))


def withdraw(live: Live, call: Call, command: commands.Withdraw) -> None:
    agent = _agent(live, command)
    if agent.seat not in [seat.id for seat in offers.ringing_for(live, call)]:
        raise Refused("order.no_offer", agent=agent.config.name)
    _told(live, call, command, "withdraw", agent=agent)
    live.feed(inputs.OfferWithdrawn(call.number, agent.number))


def move(live: Live, call: Call, command: commands.MoveCall) -> None:
    if command.queue not in live.queues.config:
        raise NotFound(f"there is no queue {command.queue!r}")
    if command.queue == call.queue:
        raise Refused("order.there_already", queue=command.queue)
    _told(live, call, command, "move")
    live.feed(inputs.CallMoves(call.number, live.queues.queues[command.queue]))


def _told(live: Live, call: Call, command: Any, what: str, agent: Agent | None = None) -> None:
    live.tell(
        CallOrdered(
            at_ms=live.now_ms,
            call=call.id,
            by=command.by,
            what=what,
            agent=None if agent is None else agent.id,
            queue=getattr(command, "queue", None),
        )
    )


HANDLERS: Final[dict[type[commands.Order], Callable[[Live, Call, Any], None]]] = {
    commands.TakeNow: take_now,
    commands.Withdraw: withdraw,
    commands.MoveCall: move,
}
