"""Whatever comes, in whatever order (never-again 9, 15): no turn fails, nobody is stuck, and who is gone is gone."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import SeatId
from appliance.calls import commands
from appliance.calls.call import CallState
from appliance.calls.lines import LineState
from appliance.events import line as told
from firmware_cfg.document import Queue
from tests.support.office_machine import AGENTS, LINES, SEATS, OfficeMachine, whole

SIMPLE = (commands.LogOut, commands.Resume, commands.Answer, commands.Reject, commands.HangUp, commands.Hold, commands.Retrieve)


class AnyOrder(OfficeMachine):
    """Lines tell what a real one may tell at any time; people press what they like; pages fall silent and come back."""

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
        self.line_ends(line, by)

    @rule(line=st.sampled_from(LINES), fact=st.sampled_from([told.LineDialling, told.LineAlerting, told.LineConnected]))
    def a_leg_goes_on(self, line: str, fact: type[told.LineEvent]) -> None:
        known = self.office.switchboard.live.lines.get(line)  # type: ignore[call-overload]
        if known is not None and (known.leg_of is not None or self.calls_back(line)):
            self.office.tell(fact, line)

    def calls_back(self, line: str) -> bool:
        live = self.office.switchboard.live
        known = live.lines.get(line)  # type: ignore[call-overload]
        return known is not None and known.call is not None and live.calls[known.call].state is CallState.DIALLING

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

    @rule(
        seat=st.sampled_from(SEATS),
        to=st.sampled_from((*SEATS, "a3", "q", "13700000000")),
        kind=st.sampled_from(["blind", "consult", "conference"]),
    )
    def a_transfer(self, seat: str, to: str, kind: str) -> None:
        self.order(commands.Transfer, seat=seat, to=to, kind=kind)

    @rule(seat=st.sampled_from(SEATS), command=st.sampled_from((commands.CompleteTransfer, commands.JoinTransfer, commands.CancelTransfer)))
    def a_transfer_goes_on(self, seat: str, command: type[commands.Command]) -> None:
        self.order(command, seat=seat)

    @rule(seat=st.sampled_from(SEATS), mode=st.sampled_from(["monitor", "whisper", "barge", "take_over", "stop"]), newest=st.booleans())
    def a_supervisor(self, seat: str, mode: str, newest: bool) -> None:
        calls = list(self.office.switchboard.live.calls)
        if calls:
            self.order(commands.Supervise, seat=seat, call=calls[-1 if newest else 0], mode=mode, by="boss")

    @rule(line=st.sampled_from(LINES))
    def an_outside_number_answers(self, line: str) -> None:
        known = self.office.switchboard.live.lines.get(line)  # type: ignore[call-overload]
        if known is not None and known.party_of is not None:
            self.office.tell(told.LineDialling, line)
            self.office.tell(told.LineSoundOn, line)
            self.office.tell(told.LineConnected, line)

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
        document = whole()
        seats = [
            replace(seat, kind="phone" if seat.kind == "browser" else "browser", number="1") if turned else seat for seat in document.seat
        ]
        document = replace(
            document,
            queue=(Queue(id=queue, at_once=at_once, last_agent_s=5.0, call_back_key="5", leave_key="9", back_s=60.0),),
            line=tuple(replace(line, queue=queue) for line in document.line if line.id not in gone),
            seat=tuple(seat for seat in seats if seat.id not in gone),
            agent=tuple(replace(agent, queues=(queue,)) for agent in document.agent if agent.id not in gone),
        )
        self.office._take(self.office.switchboard.configure(document, self.office.now_ms))

    @rule(seat=st.sampled_from(("b1", "b2")), open_=st.booleans())
    def a_page(self, seat: str, open_: bool) -> None:
        if open_:
            self.office.pages.add(seat)
            self.office._take(self.office.switchboard.alive(SeatId(seat), self.office.now_ms))
        else:
            self.office.pages.discard(seat)

    @rule(gone=st.sets(st.sampled_from(LINES), max_size=2), away_ms=st.sampled_from([50, 1_500, 40_000]))
    def the_box_dies_and_starts_again(self, gone: set[str], away_ms: int) -> None:
        """Modems hold what was up, but for those where it ended meanwhile."""
        lines = self.office.switchboard.live.lines.values()
        self.office.restart([line.id for line in lines if line.state is LineState.TALKING and line.id not in gone], away_ms=away_ms)

    @rule(ms=st.sampled_from([1, 500, 3_000, 4_000, 15_000, 31_000, 700_000]))
    def time_passes(self, ms: int) -> None:
        self.office.wait(ms)


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck))
TestAnyOrder = AnyOrder.TestCase
