"""What is true of an office after each step, whatever happened (never-again 9, 15): tests/appliance/calls/test_any_*.py walk through it."""

from hypothesis.stateful import RuleBasedStateMachine, invariant
from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.calls import commands, staying
from appliance.calls import takes as takes_
from appliance.calls.call import CallState
from appliance.calls.lines import LineState
from appliance.calls.parties import who_hears_whom
from appliance.calls.seats import Block, SeatState
from appliance.calls.tickets import KEPT_MS
from appliance.events import call as happened
from firmware_cfg.document import Document, Transfer
from tests.support.office import TestOffice, a_document

LINES, SEATS, AGENTS = ("l1", "l2", "l3"), ("b1", "b2", "p1", "p2"), ("a1", "a2", "a3", "a4")


def whole(lines: int = 3, **seats: bool) -> Document:
    """Two seats of each kind, with these settings; agents may pass calls to any number outside."""
    document = a_document(browsers=2, phones=2, lines=lines)
    document = replace(document, seat=tuple(replace(seat, **seats) for seat in document.seat))
    return replace(document, transfer=Transfer(outside="on", numbers=("",)))


def ears_silent(office: TestOffice, place: str) -> bool:
    return not office.ears.hearing[place] and office.ears.playing[place] is None


class OfficeMachine(RuleBasedStateMachine):
    def __init__(self, lines: int = 3, **seats: bool) -> None:
        super().__init__()
        self.office = TestOffice(whole(lines, **seats))

    def state(self, line: str) -> LineState:
        """A line that is not in the configuration is as one out of service."""
        known = self.office.switchboard.live.lines.get(line)  # type: ignore[call-overload]
        return LineState.DISABLED if known is None else known.state

    def order(self, command: type[commands.Command], **values: object) -> None:
        """What is refused has changed nothing: the invariants say so."""
        try:
            self.office.do(command, **values)
        except (Refused, NotFound):
            return

    def line_ends(self, line: str, by: str) -> None:
        if self.state(line) not in (LineState.IDLE, LineState.FAULT, LineState.DISABLED):
            self.office.hang_up(line, by)

    @invariant()
    def seats_and_calls_agree(self) -> None:
        live = self.office.switchboard.live
        for seat in live.seats.values():
            assert seat.call is None or seat.party_of is None
            if seat.state in (SeatState.RINGING, SeatState.TALKING, SeatState.HELD):
                assert seat.call is not None or seat.party_of is not None, f"{seat.id} is {seat.state} without a call"
            if seat.call is not None:
                assert seat.state is SeatState.RINGING or live.calls[seat.call].seat == seat.id
            if seat.party_of is not None:
                assert live.calls[seat.party_of].party_at(seat.id) is not None
            if seat.call is not None or seat.party_of is not None:
                assert seat.state in (SeatState.RINGING, SeatState.TALKING, SeatState.HELD, SeatState.FAULT)
            if seat.leg is not None:
                assert live.lines[seat.leg].leg_of == seat.id
                assert seat.call is not None or seat.party_of is not None or seat.take is not None or seat.config.stay_connected
                assert not staying.stands(seat) or seat.state not in (SeatState.PAUSED, SeatState.LOGGED_OUT)
                assert not staying.stands(seat) or ears_silent(self.office, f"line:{seat.leg}")
            else:
                assert all(line.leg_of != seat.id or ("hang_up", line.id, None) in self.office.orders.log for line in live.lines.values())
            assert (seat.agent is None) is (seat.state is SeatState.LOGGED_OUT)
            if seat.parked is not None:
                assert seat.config.second_call and seat.parked not in (seat.call, seat.party_of, None)
                assert live.calls[seat.parked].seat != seat.id or live.calls[seat.parked].state is CallState.HELD
            assert (seat.call is not None or seat.party_of is not None) or (seat.parked is None and seat.second is None)
            assert (Block.TWO_CALLS in seat.blocks) <= (seat.call is not None or seat.party_of is not None)
        for call in live.calls.values():
            if call.id in live.tickets and call.state is not CallState.DIALLING:
                assert call.line == "" and call.caller is not None
            else:
                assert live.lines[call.line].call == call.id, f"{call.id} has lost its line"
            rings = [seat for seat in live.seats.values() if seat.call == call.id and seat.state is SeatState.RINGING]
            assert bool(rings) is (call.state is CallState.OFFERED), f"{call.id} is {call.state}"
            if call.state in (CallState.TALKING, CallState.HELD, CallState.DIALLING):
                assert call.seat is not None and call.id in (live.seats[call.seat].call, live.seats[call.seat].parked)
            else:
                assert call.seat is None
            if call.state is CallState.OUTSIDE:
                assert call.members, "nobody is with the customer"
            assert call.people <= 5 + (call.asked is not None) + sum(party.role == "barge" for party in call.parties)
            for party in call.parties:
                seat = live.seats[party.seat] if party.seat is not None else None
                assert seat is None or call.id in (seat.party_of, seat.parked, seat.second)
                assert seat is None or (seat.second == call.id) <= (not party.here)
                assert party.line is None or live.lines[party.line].party_of == call.id

    @invariant()
    def each_hears_whom_the_matrix_says_and_nobody_else_hears_anything(self) -> None:
        live, ears = self.office.switchboard.live, self.office.ears
        of_a_call: set[str] = set()
        for call in live.calls.values():
            customer = f"line:{call.line}"
            of_a_call.add(customer)
            if not call.with_customer:
                assert ears.hearing.get(customer, frozenset()) == frozenset()
                continue
            matrix = who_hears_whom(live.scene(call))
            of_a_call |= matrix.hears.keys()
            for place, sources in matrix.hears.items():
                assert ears.hearing.get(place) == sources, (place, call)
            assert ears.recorded[call.id] == ears.hearing[customer]
            silent = {live.place_of(live.seats[p.seat]) for p in call.parties if p.seat and p.role in ("monitor", "whisper", "consulted")}
            assert not silent & ears.hearing[customer], "the customer hears whom he must not"
        for place, sources in ears.hearing.items():
            assert place in of_a_call or not sources, f"{place} is in no call and hears {sources}"

    @invariant()
    def who_speaks_a_prompt_is_out_of_routing_and_nobody_else_is_recorded_for_one(self) -> None:
        live, ears = self.office.switchboard.live, self.office.ears
        takes = [seat for seat in live.seats.values() if seat.take is not None]
        for seat in takes:
            assert (seat.state, seat.reason) == (SeatState.PAUSED, takes_.PAUSE) and seat.call is None and seat.party_of is None
            assert live.queues.core.agent(live.number_of(seat))[0] == "paused" and ("take", seat.id) in live.timers._due
            assert seat.is_phone is (seat.leg is not None)
        assert ears.kept.keys() <= {seat.take.place for seat in takes if seat.take is not None}
        for seat in live.seats.values():
            assert seat.state is not SeatState.FREE or live.queues.core.agent(live.number_of(seat))[0] != "paused", (
                f"{seat.id} gets no calls"
            )
            assert seat.take is not None or takes_.PAUSE not in (seat.reason, seat.resume_reason), f"{seat.id} waits for ever"

    @invariant()
    def a_talking_agents_core_state_is_ours(self) -> None:
        live = self.office.switchboard.live
        for agent in live.agents.values():
            state, _ = live.queues.core.agent(agent.number)
            seat = live.seats[agent.seat] if agent.seat is not None else None
            party = live.calls[seat.party_of].party_at(seat.id) if seat is not None and seat.party_of is not None else None
            ours = seat is not None and (seat.call is not None or (party is not None and party.here and not party.listens))
            assert (state in ("offered", "talking", "busy")) is ours, (agent.id, state)

    @invariant()
    def what_the_configuration_does_not_know_is_in_use(self) -> None:
        live = self.office.switchboard.live
        document = live.document
        for seat in live.seats.values():
            if seat.id not in {known.id for known in document.seat}:
                assert seat.in_a_call or any(line.leg_of == seat.id for line in live.lines.values())
            if seat.agent is not None and seat.agent not in {known.id for known in document.agent}:
                assert seat.in_a_call
        assert all(line.in_use for line in live.lines.values() if line.id not in {known.id for known in document.line})
        assert all(call.queue in live.queues.config for call in live.calls.values() if call.state is CallState.QUEUED)

    def teardown(self) -> None:
        """Every caller hangs up, time passes: no call lives, every offer has an outcome, each call has ended exactly once."""
        for line in list(self.office.switchboard.live.lines):
            self.line_ends(line, "far")
        self.office.wait(60_000)
        self.office.now_ms += KEPT_MS  # who was promised a call-back waits no longer
        self.office.wait(60_000)
        assert not self.office.switchboard.live.calls
        started, ended = self.office.told(happened.CallStarted), self.office.told(happened.CallEnded)
        assert sorted(fact.call for fact in started) == sorted(fact.call for fact in ended)  # type: ignore[attr-defined]
        for view in self.office.book.views.values():
            assert all(offer.outcome is not None for offer in view.offers)
