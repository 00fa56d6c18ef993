"""The live state as others see it, in the contract's words (calls/snapshot.py)."""

from pathlib import Path
from typing import Final

from appliance.base.ids import QueueId
from appliance.calls import staying, two_calls
from appliance.calls.call import CallState
from appliance.calls.lines import Line, LineState
from appliance.calls.live import Live
from appliance.calls.seats import Agent, Seat, SeatState
from appliance.calls.snapshot import AgentView, LineView, QueueView, RecoveryView, SeatView, Snapshot
from appliance.calls.tables import CallBook, DayBook

PASSED_OVER: Final = {
    "had turn": "why.had_turn",
    "no queue": "why.no_queue",
    "lacks skill": "why.lacks_skill",
    "other queue": "why.lacks_skill",
    "held for owner": "why.held_for_owner",
    "reserve": "why.reserve",
    "not asked": "why.not_asked",
}
"""The core's words for a free agent who gets no call though somebody waits, and the sentences for them."""


class Pictures:
    """Turns the boot clock's times into UTC by one offset, which is moved only when UTC itself has moved by more than half a second."""

    def __init__(self, live: Live, calls: CallBook, days: DayBook, place: Path = Path()) -> None:
        """place: where relative ports count from."""
        self.live, self.calls, self.days, self.place = live, calls, days, place
        self._offset_ms: int | None = None

    def utc(self, at_ms: int | None) -> int | None:
        """Of a time of the boot clock."""
        return None if at_ms is None or self._offset_ms is None else at_ms + self._offset_ms

    def take(self, now_ms: int, utc_ms: int, number: int, alarms: list[str]) -> Snapshot:
        if self._offset_ms is None or abs(utc_ms - now_ms - self._offset_ms) > 500:
            self._offset_ms = utc_ms - now_ms
        live = self.live
        return Snapshot(
            as_of_ms=utc_ms,
            number=number,
            lines=[self.line(line) for line in live.lines.values()],
            agents=[self.agent(agent, utc_ms) for agent in live.agents.values()],
            seats=[self.seat(seat, now_ms) for seat in live.seats.values()],
            queues=[self.queue(queue, now_ms) for queue in live.queues.config],
            calls=[view for call in reversed(live.calls) if (view := self.calls.views.get(call)) is not None],
            alarms=alarms,
        )

    def line(self, line: Line) -> LineView:
        config = line.config
        call = self.live.calls.get(line.call) if line.call is not None else None
        held = call is not None and call.state is CallState.HELD and line.state is LineState.TALKING
        return LineView(
            id=config.id,
            name=config.name or config.id,
            dialect=config.dialect,
            state=(LineState.HELD if held else line.state).value,
            number=config.number,
            operator=line.operator,
            signal_dbm=line.signal_dbm,
            fault=line.fault,
            ports=[port if "://" in port else str(self.place / port) for port in config.ports] + [c for c in (config.sound_card,) if c],
            imei=line.imei,
            recovery=[RecoveryView(at_ms=at, step=step) for at_ms, step in line.recovery if (at := self.utc(at_ms)) is not None],
        )

    def agent(self, agent: Agent, utc_ms: int) -> AgentView:
        seat = self.live.seats[agent.seat] if agent.seat is not None else None
        wants_pause = seat is not None and (seat.wants is SeatState.PAUSED or (seat.next_status or "").startswith("paused:"))
        config = agent.config
        return AgentView(
            id=config.id,
            name=config.name,
            status="logged_out" if seat is None else "paused" if wants_pause else "free",
            seat=agent.seat,
            queues=list(config.queues),
            skills=config.skills,
            missed=self.days.missed_on(utc_ms, config.id),
        )

    def _unrecorded(self, seat: Seat) -> bool:
        call = self.live.calls.get(seat.call) if seat.call is not None else None
        return call is not None and call.unrecorded is not None

    def seat(self, seat: Seat, now_ms: int) -> SeatView:
        config = seat.config
        return SeatView(
            id=config.id,
            name=config.name or config.id,
            kind=config.kind,
            number=config.number,
            agent=seat.agent,
            state=seat.state.value,
            led=seat.state.value,
            why=self.why(seat, now_ms),
            reason=seat.reason,
            since_ms=self.utc(seat.since_ms) or 0,
            until_ms=self.utc(seat.until_ms),
            call=seat.call or seat.party_of,
            muted=seat.muted,
            unrecorded=self._unrecorded(seat),
            next_status=seat.next_status,
            party=self.party(seat),
            last_call=seat.last_call,
            connected=staying.stands(seat),
            waiting_call=waits.id if (waits := two_calls.waiting(self.live, seat)) is not None else None,
            held_call=seat.parked,
        )

    def party(self, seat: Seat) -> str | None:
        call = self.live.calls.get(seat.party_of) if seat.party_of is not None else None
        party = call.party_at(seat.id) if call is not None else None
        return party.role.value if party is not None else None

    def why(self, seat: Seat, now_ms: int) -> str | None:
        """As the seat knows; of a free one the core knows more: he missed all who wait, and others have not yet."""
        why = seat.why(now_ms)
        if why is None and seat.state is SeatState.FREE and seat.agent is not None:
            told = self.live.queues.core.explain(self.live.agents[seat.agent].number)
            return PASSED_OVER.get(told or "")
        return why

    def queue(self, queue: QueueId, now_ms: int) -> QueueView:
        waiting = [self.live.calls[call] for call in self.live.queues.waiting(queue)]
        longest = max((now_ms - call.picked_up_ms for call in waiting if call.picked_up_ms is not None), default=0)
        free = [
            seat
            for seat in self.live.seats.values()
            if seat.state is SeatState.FREE and seat.agent is not None and self.why(seat, now_ms) is None and self.serves(seat, queue)
        ]
        config = self.live.queues.config[queue]
        return QueueView(
            id=queue, name=config.name or queue, waiting=len(waiting), longest_wait_s=round(longest / 1000, 1), free_agents=len(free)
        )

    def serves(self, seat: Seat, queue: QueueId) -> bool:
        return seat.agent is not None and queue in self.live.agents[seat.agent].config.queues
