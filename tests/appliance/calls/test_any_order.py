"""Whatever comes, in whatever order (never-again 9, 15): no turn fails, nobody is stuck, and who is gone is gone."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import SeatId
from appliance.calls import commands
from appliance.calls.call import CallState
from appliance.calls.lines import LineState
from appliance.calls.seats import SeatState
from appliance.events import call as happened
from appliance.events import line as told
from firmware_cfg.document import Queue
from tests.support.office import TestOffice, a_document

LINES, SEATS, AGENTS = ("l1", "l2", "l3"), ("b1", "b2", "p1", "p2"), ("a1", "a2", "a3", "a4")
SIMPLE = (commands.LogOut, commands.Resume, commands.Answer, commands.Reject, commands.HangUp, commands.Hold, commands.Retrieve)


class AnyOrder(RuleBasedStateMachine):
    """Lines tell what a real one may tell at any time; people press what they like; pages fall silent and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.office = TestOffice(a_document(browsers=2, phones=2, lines=3))

    def state(self, line: str) -> LineState:
        """A line that is not in the configuration is as one out of service."""
        known = self.office.switchboard.live.lines.get(line)  # type: ignore[call-overload]
        return LineState.DISABLED if known is None else known.state

    @rule(line=st.sampled_from(LINES))
    def a_caller_rings(self, line: str) -> None:
        if self.state(line) in (LineState.IDLE, LineState.RINGING):
            self.office.tell(told.LineRinging, line, ring=1)

    @rule(line=st.sampled_from(LINES), caller=st.sampled_from([None, "13900000000"]))
    def he_is_known_and_picked_up(self, line: str, caller: str | None) -> None:
        if self.state(line) is LineState.RINGING:
            self.office.tell(told.CallerKnown, line, caller=caller)
            if ("answer", line, None) in self.office.orders.log:
                self.office.tell(told.LineAnswered, line)
                self.office.tell(told.LineSoundOn, line)

    @rule(line=st.sampled_from(LINES), by=st.sampled_from(["far", "us", "busy", "no_answer", "lost", "refused"]))
    def the_line_hangs_up(self, line: str, by: str) -> None:
        if self.state(line) not in (LineState.IDLE, LineState.FAULT, LineState.DISABLED):
            self.office.hang_up(line, by)

    @rule(line=st.sampled_from(LINES), fact=st.sampled_from([told.LineDialling, told.LineAlerting, told.LineConnected]))
    def a_leg_goes_on(self, line: str, fact: type[told.LineEvent]) -> None:
        known = self.office.switchboard.live.lines.get(line)  # type: ignore[call-overload]
        if known is not None and known.leg_of is not None:
            self.office.tell(fact, line)

    @rule(line=st.sampled_from(LINES), digit=st.sampled_from("159#"))
    def a_key(self, line: str, digit: str) -> None:
        self.office.tell(told.DigitHeard, line, digit=digit)

    @rule(line=st.sampled_from(LINES), fault=st.booleans())
    def a_line_fails_or_is_well(self, line: str, fault: bool) -> None:
        if fault:
            self.office.tell(told.LineFault, line, why="gone")
        elif self.state(line) in (LineState.FAULT, LineState.STARTING):
            self.office.tell(told.LineIdle, line)

    @rule(seat=st.sampled_from(SEATS), agent=st.sampled_from(AGENTS))
    def somebody_sits_down(self, seat: str, agent: str) -> None:
        try:
            self.office.log_in(seat, agent)
        except (Refused, NotFound):
            return

    @rule(seat=st.sampled_from(SEATS), command=st.sampled_from(SIMPLE))
    def a_button(self, seat: str, command: type[commands.Command]) -> None:
        self.order(command, seat=seat)

    @rule(seat=st.sampled_from(SEATS), status=st.sampled_from(["free", "logged_out", "paused:x"]))
    def a_next_status(self, seat: str, status: str) -> None:
        self.order(commands.ChooseNext, seat=seat, status=status)

    @rule(seat=st.sampled_from(SEATS), muted=st.booleans())
    def a_mute(self, seat: str, muted: bool) -> None:
        self.order(commands.Mute, seat=seat, muted=muted)

    @rule(seat=st.sampled_from(SEATS))
    def a_pause(self, seat: str) -> None:
        self.order(commands.Pause, seat=seat, reason="x")

    def order(self, command: type[commands.Command], **values: object) -> None:
        try:
            self.office.do(command, **values)
        except (Refused, NotFound):
            return

    @rule(agent=st.sampled_from(AGENTS), number=st.integers(1, 4), order=st.sampled_from([commands.TakeNow, commands.Withdraw]))
    def a_supervisor_orders(self, agent: str, number: int, order: type[commands.Command]) -> None:
        self.order(order, call=f"c{number:06d}", agent=agent, by="boss")

    @rule(queue=st.sampled_from("qr"), number=st.integers(1, 4))
    def a_supervisor_moves_a_caller(self, queue: str, number: int) -> None:
        self.order(commands.MoveCall, call=f"c{number:06d}", queue=queue, by="boss")

    @rule(
        gone=st.sets(st.sampled_from(LINES + SEATS + AGENTS), max_size=3),
        queue=st.sampled_from("qr"),
        turned=st.booleans(),
        at_once=st.sampled_from([0, 1, 2]),
    )
    def another_configuration(self, gone: set[str], queue: str, turned: bool, at_once: int) -> None:
        """Some are not in it, all belong to another queue, a seat's kind is another."""
        whole = a_document(browsers=2, phones=2, lines=3)
        seats = [
            replace(seat, kind="phone" if seat.kind == "browser" else "browser", number="1") if turned else seat for seat in whole.seat
        ]
        document = replace(
            whole,
            queue=(Queue(id=queue, at_once=at_once, last_agent_s=5.0),),
            line=tuple(replace(line, queue=queue) for line in whole.line if line.id not in gone),
            seat=tuple(seat for seat in seats if seat.id not in gone),
            agent=tuple(replace(agent, queues=(queue,)) for agent in whole.agent if agent.id not in gone),
        )
        self.office._take(self.office.switchboard.configure(document, self.office.now_ms))

    @rule(seat=st.sampled_from(("b1", "b2")), open_=st.booleans())
    def a_page(self, seat: str, open_: bool) -> None:
        if open_:
            self.office.pages.add(seat)
            self.office._take(self.office.switchboard.alive(SeatId(seat), self.office.now_ms))
        else:
            self.office.pages.discard(seat)

    @rule(ms=st.sampled_from([1, 500, 3_000, 4_000, 15_000, 31_000, 700_000]))
    def time_passes(self, ms: int) -> None:
        self.office.wait(ms)

    @invariant()
    def seats_and_calls_agree(self) -> None:
        live = self.office.switchboard.live
        for seat in live.seats.values():
            if seat.state in (SeatState.RINGING, SeatState.TALKING, SeatState.HELD):
                assert seat.call is not None, f"{seat.id} is {seat.state} without a call"
            if seat.call is not None:
                assert seat.state is SeatState.RINGING or live.calls[seat.call].seat == seat.id
                assert seat.state in (SeatState.RINGING, SeatState.TALKING, SeatState.HELD, SeatState.FAULT)
            if seat.leg is not None:
                assert live.lines[seat.leg].leg_of == seat.id and seat.call is not None
            assert (seat.agent is None) is (seat.state is SeatState.LOGGED_OUT)
        for call in live.calls.values():
            assert live.lines[call.line].call == call.id, f"{call.id} has lost its line"
            rings = [seat for seat in live.seats.values() if seat.call == call.id and seat.state is SeatState.RINGING]
            assert bool(rings) is (call.state is CallState.OFFERED), f"{call.id} is {call.state}"
            if call.state in (CallState.TALKING, CallState.HELD):
                assert call.seat is not None and live.seats[call.seat].call == call.id

    @invariant()
    def who_talks_hears_the_other_and_nobody_else(self) -> None:
        live, ears = self.office.switchboard.live, self.office.ears
        for call in live.calls.values():
            heard = ears.hearing.get(f"line:{call.line}", frozenset())
            if call.state is CallState.TALKING:
                assert call.seat is not None
                seat = live.seats[call.seat]
                place = f"line:{seat.leg}" if seat.leg is not None else f"seat:{seat.id}"
                assert heard == (frozenset() if seat.muted else {place}) and ears.hearing[place] == {f"line:{call.line}"}
            else:
                assert heard == frozenset()

    @invariant()
    def a_talking_agents_core_state_is_ours(self) -> None:
        live = self.office.switchboard.live
        for agent in live.agents.values():
            state, _ = live.queues.core.agent(agent.number)
            ours = live.seats[agent.seat].call is not None if agent.seat is not None else False
            assert (state in ("offered", "talking")) is ours, (agent.id, state)

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
        for line in LINES:
            self.the_line_hangs_up(line, "far")
        self.office.wait(60_000)
        assert not self.office.switchboard.live.calls
        started, ended = self.office.told(happened.CallStarted), self.office.told(happened.CallEnded)
        assert sorted(fact.call for fact in started) == sorted(fact.call for fact in ended)  # type: ignore[attr-defined]
        for view in self.office.book.views.values():
            assert all(offer.outcome is not None for offer in view.offers)


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck))
TestAnyOrder = AnyOrder.TestCase
