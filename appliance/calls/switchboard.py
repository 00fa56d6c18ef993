"""One inbox, one turn at a time: a fact or a command in, facts and orders out. It dispatches, and nothing else.

Nothing here waits. The time is an argument; `next_ms` says when the next turn is due at the latest.
"""

from collections.abc import Iterable

from appliance.base.errors import NotFound
from appliance.base.ids import AgentId, LineId, SeatId
from appliance.calls import (
    announcing,
    commands,
    configuring,
    dialling,
    inbound,
    legs,
    offers,
    orders,
    recording_pause,
    resume,
    seating,
    staying,
    takes,
    tickets,
)
from appliance.calls.call import CallState
from appliance.calls.left_open import OpenCalls
from appliance.calls.live import Live
from appliance.calls.onlooker import Onlooker
from appliance.calls.ports import CallerLookup, Lines, Recording, Sound
from appliance.calls.queues import Queues
from appliance.core import inputs
from appliance.events import Event
from appliance.events.line import LineEvent
from firmware_cfg.document import Document


class Switchboard:
    """The only writer of lines, calls, offers, seats and agents. Its state: calls/live.py; what others see: calls/snapshot.py."""

    def __init__(
        self,
        document: Document,
        line_orders: Lines,
        sound: Sound,
        recording: Recording,
        lookup: CallerLookup,
        *,
        next_call: int,
        now_ms: int,
        onlooker: Onlooker | None = None,
    ) -> None:
        """`onlooker`: hears what the routing core is told and decides."""
        self.live = Live(document, line_orders, sound, recording, lookup, now_ms=now_ms, next_call=next_call, queues=Queues(onlooker))
        configuring.take(self.live, document)

    def fact(self, fact: LineEvent, now_ms: int) -> list[Event]:
        """A driver tells."""
        self._begin(now_ms)
        inbound.told(self.live, fact)
        return self._end()

    def command(self, command: commands.Command, now_ms: int) -> list[Event]:
        """A person orders. Raises Refused or NotFound; the facts of a refused command's turn are still there to be taken by `left_over`."""
        self._begin(now_ms)
        if isinstance(command, commands.SeatCommand):
            seating.carry_out(self.live, command)
        elif isinstance(command, commands.Order):
            orders.carry_out(self.live, command)
        elif isinstance(command, commands.DisableLine | commands.EnableLine):
            self._line(command)
        return self._end()

    def alive(self, seat: SeatId, now_ms: int) -> list[Event]:
        """The page of this seat has answered."""
        self._begin(now_ms)
        if seat in self.live.seats:
            seating.alive(self.live, self.live.seats[seat])
        return self._end()

    def tick(self, now_ms: int) -> list[Event]:
        self._begin(now_ms)
        self.live.feed(inputs.Tick())
        return self._end()

    def configure(self, document: Document, now_ms: int) -> list[Event]:
        self._begin(now_ms)
        configuring.take(self.live, document)
        return self._end()

    def take_up(self, found: OpenCalls, seated: Iterable[tuple[SeatId, AgentId, str | None]], now_ms: int) -> list[Event]:
        """After a restart, before the lines start: what was up, who sat where, in which pause or wrap-up, as the journal knows.

        Who cannot sit there any more is logged out, a call that has no place any more is ended."""
        self._begin(now_ms)
        resume.take_up(self.live, found, seated)
        return self._end()

    def called_back(self, kept: Iterable[tickets.Kept], now_ms: int) -> list[Event]:
        """After a restart: who was promised a call-back still gets it, with the age he has."""
        self._begin(now_ms)
        for ticket in kept:
            tickets.keep(self.live, ticket)
        return self._end()

    def left_over(self) -> list[Event]:
        """Facts that timers of a refused command's turn have made."""
        return self._end()

    @property
    def next_ms(self) -> int | None:
        due = [at for at in (self.live.timers.next_ms, self.live.queues.next_ms) if at is not None]
        return min(due, default=None)

    def _begin(self, now_ms: int) -> None:
        """What was due before comes first, in its order."""
        self.live.now_ms = max(now_ms, self.live.now_ms)
        for name in self.live.timers.due(self.live.now_ms):
            self._due(name)
            offers.carry_out(self.live)
        if (due := self.live.queues.next_ms) is not None and due <= self.live.now_ms:
            self.live.feed(inputs.Tick())
            offers.carry_out(self.live)

    def _end(self) -> list[Event]:
        offers.carry_out(self.live)
        configuring.catch_up(self.live)
        staying.tidy(self.live)
        dialling.reserve(self.live)
        offers.carry_out(self.live)
        tickets.admit(self.live)
        offers.carry_out(self.live)
        facts, self.live.facts = [*self.live.facts, *self.live.queues.take_facts(self.live.now_ms)], []
        return facts

    def _due(self, name: object) -> None:
        assert isinstance(name, tuple)
        kind, who = name
        if kind == "music" and who in self.live.calls:
            call = self.live.calls[who]
            if call.state in (CallState.QUEUED, CallState.OFFERED):
                self.live.part(call, "hold")
        elif kind in ("dialled", "call_back") and who in self.live.calls:
            tickets.due(self.live, kind, self.live.calls[who])
        elif kind == "rings":
            dialling.rings_now(self.live, self.live.seats[who])
        elif kind == "leg":
            staying.tidy(self.live)
        elif kind == "announce":
            announcing.due(self.live, who)
        elif kind == "unpause":
            recording_pause.forgotten(self.live, who)
        elif kind == "life":
            seating.no_sign_of_life(self.live, self.live.seats[who])
        elif kind == "take":
            takes.time_is_up(self.live, self.live.seats[who])
        elif kind == "modems_told":
            resume.all_asked(self.live)
        elif kind == "ring_again":
            line = self.live.lines.get(who)
            if line is not None and line.call is not None:
                inbound.call_lost(self.live, line, "caller", "")
        elif kind == "sign_out":
            seating.signed_out_by_time(self.live, self.live.seats[who])
        else:
            legs.time_is_up(self.live, kind, who)

    def _line(self, command: commands.DisableLine | commands.EnableLine) -> None:
        if LineId(command.line) not in self.live.lines:
            raise NotFound(f"there is no line {command.line!r}")
        if isinstance(command, commands.DisableLine):
            self.live.line_orders.disable(command.line)
        else:
            self.live.line_orders.enable(command.line)
