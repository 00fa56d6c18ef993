"""Queues (A3): who waits in which order and why nobody takes him, who serves, who would be next; a supervisor's orders."""

from collections.abc import Callable

from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import AgentId, CallId, QueueId
from appliance.calls.commands import MoveCall, Order, TakeNow, Withdraw
from appliance.web.ask import Ask
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.pages.board import shown_state
from appliance.web.session import Role

PAGE = Page("/queues", title="title.queues", role=Role.AGENT, menu="queues", place=3)
ORDERS: dict[str, Callable[[CallId, str, str], Order]] = {
    "take": lambda call, by, whom: TakeNow(call=call, by=by, agent=AgentId(whom)),
    "withdraw": lambda call, by, whom: Withdraw(call=call, by=by, agent=AgentId(whom)),
    "move": lambda call, by, where: MoveCall(call=call, by=by, queue=QueueId(where)),
}


@PAGE.get("")
async def queues(ask: Ask) -> Response:
    return PAGE.render(ask, "queues/page.html", shown(ask))


@PAGE.get("/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "queues/_live.html", shown(ask))


@PAGE.get("/{id}/next")
async def following(ask: Ask) -> Response:
    """Whom each agent would get if he were ready now: reckoned when somebody opens it."""
    if not ask.serves(ask.part("id")):
        raise NotFound(ask.part("id"))
    calls = {call.id: call for call in ask.office.snapshot().calls}
    return PAGE.render(ask, "queues/_next.html", {**_names(ask), "next": ask.office.next_callers(ask.part("id")), "calls": calls})


@PAGE.post("/calls/{id}/{what}")
async def order(ask: Ask) -> Response:
    """Of a supervisor; the page as it is then, with a sentence where the order was refused."""
    ask.need(Role.SUPERVISOR)
    what, call = ORDERS.get(ask.part("what")), ask.call(ask.part("id"))
    if what is None:
        raise NotFound(ask.part("what"))
    wrong = None
    try:
        await ask.do(what(CallId(call.id), ask.person.name, (await ask.form()).get("to", "")))
    except Refused as error:
        wrong = refusal(ask.texts, error)
    return PAGE.render(ask, "queues/_live.html", {**shown(ask), "wrong": wrong})


def _names(ask: Ask) -> dict[str, object]:
    snapshot = ask.office.snapshot()
    return {
        "snapshot": snapshot,
        "everything": ask.person.may(Role.SUPERVISOR),
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "queue_names": {queue.id: queue.name for queue in snapshot.queues},
    }


def shown(ask: Ask) -> dict[str, object]:
    """Supervisors see all queues; agents those that they serve, with callers' numbers masked."""
    names = _names(ask)
    seats = {seat.id: seat for seat in ask.office.snapshot().seats}
    return {
        **names,
        "queues": [queue for queue in ask.office.queues_in_detail() if ask.serves(queue.id)],
        "seats": seats,
        "shown_state": shown_state,
        "wrong": None,
    }
