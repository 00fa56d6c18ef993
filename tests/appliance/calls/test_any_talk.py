"""A talk, and whatever agents, supervisors and lines may do to it, in any order (A8 A9): tests/support/office_machine.py looks on."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from msgspec.structs import replace

from appliance.base.ids import SeatId
from appliance.calls import commands
from appliance.calls.lines import LineState
from appliance.events import line as told
from tests.support.office_machine import SEATS, OfficeMachine

LINES = ("l1", "l2", "l3", "l4", "l5", "l6")
TRANSFERS = (commands.CompleteTransfer, commands.JoinTransfer, commands.CancelTransfer)
TAKES = (commands.RecordTake, commands.RecordTake, commands.StopTake, commands.HearTake, commands.DropTake, commands.EndTake)
BUTTONS = (commands.Answer, commands.Answer, commands.Reject, commands.HangUp, commands.Hold, commands.Retrieve, commands.Resume)


class AnyTalk(OfficeMachine):
    def __init__(self, **seats: bool) -> None:
        super().__init__(lines=6, **seats)

    @initialize()
    def an_office_at_work(self) -> None:
        for seat, agent in (("b1", "a1"), ("b2", "a2"), ("p1", "a3"), ("p2", "a4")):
            self.office.log_in(seat, agent)
        self.a_caller("l1")
        self.office.do(commands.Answer, seat="b1")

    @rule(line=st.sampled_from(LINES[:3]))
    def a_caller(self, line: str) -> None:
        if self.state(line) is LineState.IDLE:
            self.office.ring(line)

    @rule(seat=st.sampled_from(SEATS), command=st.sampled_from(BUTTONS))
    def a_button(self, seat: str, command: type[commands.Command]) -> None:
        self.order(command, seat=seat)

    @rule(seat=st.sampled_from(SEATS), muted=st.booleans())
    def a_mute(self, seat: str, muted: bool) -> None:
        self.order(commands.Mute, seat=seat, muted=muted)

    @rule(seat=st.sampled_from(SEATS), status=st.sampled_from(["free", "logged_out", "paused:x"]))
    def a_next_status(self, seat: str, status: str) -> None:
        self.order(commands.ChooseNext, seat=seat, status=status)

    def talking(self, which: int) -> str:
        """A seat with a call, where there is one: anybody else is refused soon enough."""
        busy = [seat.id for seat in self.office.switchboard.live.seats.values() if seat.call is not None]
        return busy[which % len(busy)] if busy else SEATS[which]

    @rule(
        which=st.integers(0, 3),
        to=st.sampled_from((*SEATS, *SEATS, "a3", "q", "13700000000")),
        kind=st.sampled_from(["blind", "consult", "consult", "conference"]),
    )
    def a_transfer(self, which: int, to: str, kind: str) -> None:
        self.order(commands.Transfer, seat=self.talking(which), to=to, kind=kind)

    @rule(which=st.integers(0, 3), command=st.sampled_from(TRANSFERS))
    def a_transfer_goes_on(self, which: int, command: type[commands.Command]) -> None:
        self.order(command, seat=self.talking(which))

    @rule()
    def everybody_who_rings_answers(self) -> None:
        for seat in SEATS:
            self.order(commands.Answer, seat=seat)
        for line in LINES[3:]:
            self.the_telephone_that_was_dialled_answers(line)

    @rule(seat=st.sampled_from(SEATS), mode=st.sampled_from(["monitor", "whisper", "barge", "take_over", "stop"]), newest=st.booleans())
    def a_supervisor(self, seat: str, mode: str, newest: bool) -> None:
        calls = list(self.office.switchboard.live.calls)
        if calls:
            self.order(commands.Supervise, seat=seat, call=calls[-1 if newest else 0], mode=mode, by="boss")

    @rule(seat=st.sampled_from(SEATS), name=st.sampled_from(["welcome", "hold"]))
    def a_prompt_is_to_be_spoken(self, seat: str, name: str) -> None:
        self.order(commands.BeginTake, seat=seat, name=name, language="en", by="admin")

    @rule(which=st.integers(0, 3), command=st.sampled_from(TAKES), why=st.sampled_from(["accepted", "discarded"]))
    def a_take_goes_on(self, which: int, command: type[commands.Command], why: str) -> None:
        speaking = [seat.id for seat in self.office.switchboard.live.seats.values() if seat.take is not None]
        more = {"why": why} if command is commands.EndTake else {}
        self.order(command, seat=speaking[which % len(speaking)] if speaking else SEATS[which], **more)

    @rule(line=st.sampled_from(LINES[3:]))
    def the_telephone_that_was_dialled_answers(self, line: str) -> None:
        """An outside number, or an agent's telephone, whose key 1 follows."""
        known = self.office.switchboard.live.lines[line]  # type: ignore[index]
        if known.party_of is not None or known.leg_of is not None:
            for fact in (told.LineDialling, told.LineSoundOn, told.LineConnected):
                self.office.tell(fact, line)
            if known.leg_of is not None:
                self.office.tell(told.DigitHeard, line, digit="1")

    @rule(line=st.sampled_from(LINES), by=st.sampled_from(["far", "far", "busy", "no_answer", "lost"]))
    def a_line_hangs_up(self, line: str, by: str) -> None:
        self.line_ends(line, by)

    @rule(seat=st.sampled_from(("b1", "b2")), open_=st.booleans())
    def a_page(self, seat: str, open_: bool) -> None:
        if open_:
            self.office.pages.add(seat)
            self.office._take(self.office.switchboard.alive(SeatId(seat), self.office.now_ms))
        else:
            self.office.pages.discard(seat)

    @rule(ms=st.sampled_from([1, 500, 3_000, 10_000, 15_000, 31_000]))
    def time_passes(self, ms: int) -> None:
        self.office.wait(ms)


class AnyTalkOfTwo(AnyTalk):
    """The same where a second call may wait at each seat, and outside phones stay connected."""

    def __init__(self) -> None:
        super().__init__(second_call=True, stay_connected=True)

    @initialize()
    def an_owner(self) -> None:
        """Callers come back to who talked with them last."""
        document = self.office.switchboard.live.document
        self.office._take(
            self.office.switchboard.configure(replace(document, queue=(replace(document.queue[0], last_agent_s=20.0),)), self.office.now_ms)
        )

    @rule(seat=st.sampled_from(SEATS), command=st.sampled_from((commands.Swap, commands.Answer, commands.Answer)))
    def a_second(self, seat: str, command: type[commands.Command]) -> None:
        self.order(command, seat=seat)

    @rule(to=st.integers(0, 3), kind=st.sampled_from(["blind", "consult", "conference"]), which=st.integers(0, 3))
    def a_call_for_who_talks(self, which: int, to: int, kind: str) -> None:
        self.order(commands.Transfer, seat=self.talking(which), to=self.talking(to), kind=kind)


AnyTalk.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
TestAnyTalk = AnyTalk.TestCase
AnyTalkOfTwo.TestCase.settings = AnyTalk.TestCase.settings
TestAnyTalkOfTwo = AnyTalkOfTwo.TestCase
