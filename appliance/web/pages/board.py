"""The board (/): lines, seats with their lights, queues, live calls, alarms, the voice path; true as of the second that it prints."""

from starlette.responses import Response

from appliance.calls.snapshot import CallView, SeatView, Snapshot
from appliance.web.ask import Ask
from appliance.web.page import Page
from appliance.web.session import Role
from appliance.web.stream import event_stream, page_events

PAGE = Page("/", title="title.board", role=Role.AGENT, menu="board", place=1)


@PAGE.get("/")
async def board(ask: Ask) -> Response:
    return PAGE.render(ask, "board/page.html", shown(ask))


@PAGE.get("/board/live")
async def live(ask: Ask) -> Response:
    return PAGE.render(ask, "board/_live.html", shown(ask))


@PAGE.get("/stream")
async def stream(ask: Ask) -> Response:
    """Tells a page that something has changed; `?seat=` only what concerns that seat."""
    return event_stream(page_events(ask, ask.query("seat")))


def shown(ask: Ask) -> dict[str, object]:
    """All from one snapshot, so that rows and sums agree. Agents see lights and queues; numbers and ports are for supervisors."""
    snapshot = ask.office.snapshot()
    everything = ask.person.may(Role.SUPERVISOR)
    return {
        "snapshot": snapshot,
        "everything": everything,
        "names": {agent.id: agent.name for agent in snapshot.agents},
        "lines": {line.id: line.name for line in snapshot.lines},
        "calls": [call for call in snapshot.calls if everything or ask.may_see(call)],
        "counts": counts(snapshot.seats),
        "waiting": waiting(snapshot),
        "audio": ask.office.health()["audio"] if everything else None,
    }


def counts(seats: list[SeatView]) -> list[tuple[str, int]]:
    """How many seats are in each state, the busiest words first; the sum is the number of seats."""
    order = ("free", "ringing", "talking", "held", "wrap_up", "paused", "on_break", "missed", "fault", "logged_out")
    words = [shown_state(seat) for seat in seats]
    return [(state, number) for state in order if (number := words.count(state))]


def shown_state(seat: SeatView) -> str:
    """The word for a seat's state: a pause with a reason is a break (小休), one without busy (示忙), for missed calls said (未应答)."""
    if seat.state == "paused" and seat.reason == "missed_calls":
        return "missed"
    return "on_break" if seat.state == "paused" and seat.reason not in (None, "busy") else seat.state


def waiting(snapshot: Snapshot) -> dict[str, list[CallView]]:
    """Who waits in which queue, the longest first."""
    found: dict[str, list[CallView]] = {}
    for call in sorted(snapshot.calls, key=lambda call: call.picked_up_at_ms or call.started_at_ms):
        if call.queue is not None and call.state in ("queued", "offered"):
            found.setdefault(call.queue, []).append(call)
    return found
