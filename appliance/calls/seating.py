"""What people do at their seats (A2): log in, pause, answer, hold; and the page's signs of life."""

from collections.abc import Callable
from typing import Any, Final

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import CallId
from appliance.calls import callbacks, commands, dialling, legs, offers, recording_pause, second, supervision, takes, transfer
from appliance.calls.call import Call, CallState
from appliance.calls.live import Live
from appliance.calls.parties import Party
from appliance.calls.seats import KEEP_CALL_MS, LIFE_MS, SIGN_OUT_MS, Agent, Block, Seat, SeatState
from appliance.core import inputs
from appliance.events.call import CallClassified, CallDigit, CallHeld, CallMuted, CallNoted, CallRetrieved
from appliance.events.seat import AgentLoggedIn, NextStatusChosen, SeatFound, SeatLost

WHOLE: Final = 30
"""The core's block while somebody sits down: nothing is offered before all that is known of the seat is told."""
DIGITS: Final = frozenset("0123456789*#ABCD")
NOTE_MAX: Final = 500
"""Characters of a note."""


def carry_out(live: Live, command: commands.SeatCommand) -> None:
    """Does it or raises Refused (409), NotFound (404)."""
    seat = live.seats.get(command.seat)
    if seat is None:
        raise NotFound(f"there is no seat {command.seat!r}")
    if seat.agent is None and not isinstance(command, commands.LogIn):
        raise Refused("seat.logged_out", seat=seat.id)
    if seat.take is not None and isinstance(command, commands.HangUp):
        return takes.end(live, seat, "hung up")
    HANDLERS[type(command)](live, seat, command)
    if isinstance(command, commands.Pause | commands.Resume):
        takes.close(live, seat, "left")
    return None


def begin_take(live: Live, seat: Seat, command: commands.BeginTake) -> None:
    """A prompt is spoken here: a pause for the core, so that nothing is offered meanwhile (A5)."""
    takes.alone(live, seat, command)
    transfer.free_now(live, seat)
    if not live.feed(inputs.AgentPauses(live.number_of(seat))):
        raise Refused("seat.not_free", seat=seat.id, state=seat.state.value)
    offers.carry_out(live)
    seat.rests_until_ms = None
    takes.begin(live, seat, command)


def log_in(live: Live, seat: Seat, command: commands.LogIn) -> None:
    agent = live.agents.get(command.agent)
    if agent is None:
        raise NotFound(f"there is no agent {command.agent!r}")
    if seat.agent is not None:
        raise Refused("seat.taken", seat=seat.id, agent=live.agents[seat.agent].config.name)
    most = live.document.limits.seats
    if agent.seat is None and most is not None and sum(each.seat is not None for each in live.agents.values()) >= most:
        raise Refused("limit.seats", most=str(most))
    if agent.seat is not None:
        elsewhere = live.seats[agent.seat]
        if not elsewhere.lost or elsewhere.call is not None:
            raise Refused("agent.elsewhere", agent=agent.config.name, seat=elsewhere.id)
        offers.log_out(live, elsewhere, "moved")
    sit_down(live, seat, agent)


def sit_down(live: Live, seat: Seat, agent: Agent, away: str | None = None) -> None:
    """Free from here on, or as a restart of the box found him: "paused:REASON", or "wrap_up", which begins anew."""
    live.decisions.extend(live.queues.agent_at(agent.config, seat.is_phone, live.now_ms))
    seat.reset()
    seat.agent, agent.seat = agent.id, seat.id
    live.tell(AgentLoggedIn(at_ms=live.now_ms, seat=seat.id, agent=agent.id))
    live.settle(seat, SeatState.FREE)
    live.feed(inputs.AgentBlocked(agent.number, WHOLE))
    live.feed(inputs.AgentLogsIn(agent.number))
    if not seat.is_phone:
        dialling.block(live, seat, Block.PAGE, True)
        live.timers.set(("life", seat.id), live.now_ms + LIFE_MS)
    else:
        dialling.reserve(live)
    if away is not None:
        offers.carry_out(live)  # the login's own `Free` comes before
        _is_away(live, seat, agent, away)
    if not live.offers_wait:
        live.feed(inputs.AgentUnblocked(agent.number, WHOLE))


def _is_away(live: Live, seat: Seat, agent: Agent, away: str) -> None:
    if away.startswith("paused:"):
        live.feed(inputs.AgentPauses(agent.number))
        offers.carry_out(live)
        live.settle(seat, SeatState.PAUSED, reason=away.removeprefix("paused:"))
    else:
        live.feed(inputs.AgentDials(agent.number))
        live.feed(inputs.AgentHangsUp(agent.number))
        offers.carry_out(live)


def log_out(live: Live, seat: Seat, command: commands.LogOut) -> None:
    if seat.in_a_call:
        raise Refused("seat.in_a_call", seat=seat.id)
    offers.log_out(live, seat, "asked")


def pause(live: Live, seat: Seat, command: commands.Pause) -> None:
    if not command.reason.strip():
        raise Refused("pause.no_reason", seat=seat.id)
    if seat.in_a_call:
        return choose_next(live, seat, commands.ChooseNext(seat=seat.id, status=f"paused:{command.reason}"))
    if seat.party_of is not None:  # who rings him rings in vain
        party_leaves(live, seat, "rejected")
    if seat.state is SeatState.PAUSED:  # another reason for the same pause
        return live.settle(seat, SeatState.PAUSED, reason=command.reason)
    if not live.feed(inputs.AgentPauses(live.number_of(seat))):
        raise Refused("seat.state", seat=seat.id, state=seat.state.value)
    offers.carry_out(live)
    seat.rests_until_ms = None
    live.settle(seat, SeatState.PAUSED, reason=command.reason)


def resume(live: Live, seat: Seat, command: commands.Resume) -> None:
    if seat.in_a_call and seat.next_status is not None:
        return choose_next(live, seat, commands.ChooseNext(seat=seat.id, status="free"))
    if seat.state not in (SeatState.PAUSED, SeatState.WRAP_UP):
        raise Refused("seat.nothing_to_resume", seat=seat.id, state=seat.state.value)
    live.settle(seat, SeatState.FREE)
    live.feed(inputs.AgentResumes(live.number_of(seat)))


def choose_next(live: Live, seat: Seat, command: commands.ChooseNext) -> None:
    status = command.status
    if not seat.in_a_call:
        raise Refused("seat.not_talking", seat=seat.id)
    if supervision.is_listening(live, seat):
        raise Refused("seat.supervises", seat=seat.id)
    if status not in ("free", "logged_out", "wrap_up") and not status.removeprefix("paused:").strip():
        raise Refused("pause.no_reason", seat=seat.id)
    was_pause = (seat.next_status or "").startswith("paused:")
    if status.startswith("paused:") and not was_pause:
        live.feed(inputs.AgentPauses(live.number_of(seat)))
    elif not status.startswith("paused:") and was_pause:
        live.feed(inputs.AgentResumes(live.number_of(seat)))
    seat.next_status = None if status == "wrap_up" else status
    live.tell(NextStatusChosen(at_ms=live.now_ms, seat=seat.id, agent=seat.agent, status=status))


def answer(live: Live, seat: Seat, command: commands.Answer) -> None:
    """At a browser or headset. An outside phone answers by its key only: the click says nothing about who holds the phone."""
    called = callbacks.of(live, seat.call)
    if seat.state is not SeatState.RINGING and called is None:
        return second.take(live, seat)
    if seat.is_phone:
        raise Refused("seat.answer_by_key", seat=seat.id)
    if called is not None:
        return callbacks.there(live, seat)
    if seat.party_of is not None:
        call, party = party_of(live, seat)
        return supervision.arrived(live, call, party)
    assert seat.call is not None
    if not live.feed(inputs.AgentAnswers(live.calls[seat.call].number, live.number_of(seat))):
        raise Refused("offer.gone", seat=seat.id)
    return None


def party_of(live: Live, seat: Seat) -> tuple[Call, Party]:
    """The colleague's call in which this seat is, and as what."""
    assert seat.party_of is not None
    call = live.calls[seat.party_of]
    party = call.party_at(seat.id)
    assert party is not None
    return call, party


def party_leaves(live: Live, seat: Seat, why: str) -> None:
    call, party = party_of(live, seat)
    transfer.party_gone(live, call, party, ("stopped" if party.here else "lost") if party.listens else why)


def reject(live: Live, seat: Seat, command: commands.Reject) -> None:
    if seat.state is not SeatState.RINGING:
        return second.refuse(live, seat)
    if seat.party_of is not None:
        return party_leaves(live, seat, "rejected")
    assert seat.call is not None
    live.feed(inputs.AgentRejects(live.calls[seat.call].number, live.number_of(seat)))


def hang_up(live: Live, seat: Seat, command: commands.HangUp) -> None:
    """Ends the talk; at a ringing seat it is a no. In a consultation or a conference: legs.hang_up."""
    if seat.state is SeatState.RINGING:
        return reject(live, seat, commands.Reject(seat=seat.id))
    if seat.party_of is not None:
        return party_leaves(live, seat, "hung up")
    if seat.call is None:
        raise Refused("seat.not_talking", seat=seat.id)
    return legs.hang_up(live, seat)


def _talk(live: Live, seat: Seat, state: SeatState) -> Call:
    if seat.party_of is not None and seat.in_a_call:
        raise Refused("call.anothers", seat=seat.id)
    if seat.state is not state or seat.call is None or not live.calls[seat.call].with_customer:
        raise Refused("seat.not_held" if state is SeatState.HELD else "seat.not_talking", seat=seat.id)
    return live.calls[seat.call]


def hold(live: Live, seat: Seat, command: commands.Hold) -> None:
    call = _talk(live, seat, SeatState.TALKING)
    call.move(CallState.HELD)
    live.arrange(call)
    live.tell(CallHeld(at_ms=live.now_ms, call=call.id, seat=seat.id))
    live.set_seat(seat, SeatState.HELD)


def retrieve(live: Live, seat: Seat, command: commands.Retrieve) -> None:
    call = _talk(live, seat, SeatState.HELD)
    if call.asked is not None:
        raise Refused("transfer.open", seat=seat.id)
    call.move(CallState.TALKING)
    live.arrange(call)
    live.tell(CallRetrieved(at_ms=live.now_ms, call=call.id, seat=seat.id))
    live.set_seat(seat, SeatState.TALKING)


def mute(live: Live, seat: Seat, command: commands.Mute) -> None:
    """Nobody hears who is muted; a party of a colleague's call too."""
    if seat.party_of is not None and seat.in_a_call:
        call, _party = party_of(live, seat)
    elif seat.state is SeatState.HELD and seat.call is not None and live.calls[seat.call].parties:
        call = live.calls[seat.call]  # to whom he consults, or to the conference
    else:
        call = _talk(live, seat, SeatState.TALKING)
    seat.muted = command.muted
    live.arrange(call)
    live.tell(CallMuted(at_ms=live.now_ms, call=call.id, seat=seat.id, muted=command.muted))


def send_digit(live: Live, seat: Seat, command: commands.SendDigit) -> None:
    call = _talk(live, seat, SeatState.TALKING)
    if command.digit not in DIGITS:
        raise Refused("digit.unknown", digit=command.digit)
    live.line_orders.send_digit(call.line, command.digit)
    live.tell(CallDigit(at_ms=live.now_ms, call=call.id, digit=command.digit, by="agent"))


def _written_up(live: Live, seat: Seat) -> CallId:
    """The call in which the seat is, or the one that it had last."""
    call = (seat.call or seat.party_of) if seat.in_a_call else seat.last_call
    if call is None:
        raise Refused("seat.no_call", seat=seat.id)
    return call


def classify(live: Live, seat: Seat, command: commands.Classify) -> None:
    if command.reason not in {reason.id for reason in live.document.reason}:
        raise Refused("reason.unknown", reason=command.reason)
    if seat.party_of is not None and seat.in_a_call:
        raise Refused("call.anothers", seat=seat.id)
    call = _written_up(live, seat)
    assert seat.agent is not None
    live.tell(CallClassified(at_ms=live.now_ms, call=call, seat=seat.id, agent=seat.agent, reason=command.reason))


def note(live: Live, seat: Seat, command: commands.Note) -> None:
    text = command.text.strip()[:NOTE_MAX]
    if not text:
        raise Refused("note.empty", seat=seat.id)
    live.tell(CallNoted(at_ms=live.now_ms, call=_written_up(live, seat), by=command.by, text=text))


def alive(live: Live, seat: Seat) -> None:
    """The seat's page has answered."""
    if seat.agent is None or seat.is_phone:
        return
    seat.alive_ms = live.now_ms
    live.timers.set(("life", seat.id), live.now_ms + LIFE_MS)
    if seat.lost:
        found(live, seat)
    dialling.block(live, seat, Block.PAGE, False)


def no_sign_of_life(live: Live, seat: Seat) -> None:
    """Fault: no offers; a call is kept for a while, and the caller hears music."""
    if seat.agent is None or seat.lost:
        return
    live.tell(SeatLost(at_ms=live.now_ms, seat=seat.id, agent=seat.agent))
    dialling.block(live, seat, Block.PAGE, True)
    if callbacks.of(live, seat.call) is not None:  # nobody would be there for the customer
        live.feed(inputs.AgentHangsUp(live.number_of(seat)))
    offers.carry_out(live)  # an open offer is withdrawn before the seat is called lost
    if seat.party_of is not None and not party_of(live, seat)[1].here:
        party_leaves(live, seat, "lost")
    second.lost(live, seat)
    seat.lost = True
    if seat.take is not None:
        takes.end(live, seat, "lost")
    if seat.call is not None:
        _call_is_kept(live, seat, live.calls[seat.call])
    elif seat.party_of is not None:
        live.timers.set(("party", seat.id), live.now_ms + KEEP_CALL_MS)
        live.arrange(live.calls[seat.party_of])
    if seat.parked is not None:
        live.timers.set(("keep" if live.calls[seat.parked].seat == seat.id else "party", seat.id), live.now_ms + KEEP_CALL_MS)
    live.set_seat(seat, SeatState.FAULT)
    live.timers.set(("sign_out", seat.id), live.now_ms + SIGN_OUT_MS)


def _call_is_kept(live: Live, seat: Seat, call: Call) -> None:
    """The customer hears music, or goes on with the others of the conference. A timer of ours keeps a call that the core does not know."""
    ours = call.by_hand or call.colleague is not None or seat.parked is not None
    live.feed(inputs.AgentVanishes(live.number_of(seat), keep_ms=2 * KEEP_CALL_MS if ours else KEEP_CALL_MS))
    if ours:
        live.timers.set(("keep", seat.id), live.now_ms + KEEP_CALL_MS)
    if call.state is CallState.TALKING and not call.goes_on:
        call.move(CallState.HELD)
        call.kept = True
        live.tell(CallHeld(at_ms=live.now_ms, call=call.id, seat=seat.id, by="box"))
    live.arrange(call)


def found(live: Live, seat: Seat) -> None:
    """It is back: with its call if that is still kept."""
    seat.lost = False
    for timer in ("sign_out", "keep", "party"):
        live.timers.clear((timer, seat.id))
    live.tell(SeatFound(at_ms=live.now_ms, seat=seat.id, agent=seat.agent))
    live.feed(inputs.AgentReturns(live.number_of(seat)))
    if seat.call is not None:
        _call_is_back(live, seat, live.calls[seat.call])
    elif seat.party_of is not None:
        call, party = party_of(live, seat)
        live.set_seat(seat, SeatState.TALKING, reason=party.role.value)
        live.arrange(call)
    else:
        live.come_back(seat)


def _call_is_back(live: Live, seat: Seat, call: Call) -> None:
    if call.kept:
        call.kept = False
        call.move(CallState.TALKING)
        live.tell(CallRetrieved(at_ms=live.now_ms, call=call.id, seat=seat.id))
    away = call.asked is not None or call.state is CallState.HELD
    live.set_seat(seat, SeatState.HELD if away else SeatState.TALKING, reason="consult" if call.asked is not None else None)
    live.arrange(call)


def signed_out_by_time(live: Live, seat: Seat) -> None:
    if seat.agent is not None and seat.lost:
        if seat.call is not None:
            live.timers.set(("sign_out", seat.id), live.now_ms + KEEP_CALL_MS)
        else:
            offers.log_out(live, seat, "timeout")


HANDLERS: Final[dict[type[commands.SeatCommand], Callable[[Live, Seat, Any], None]]] = {
    commands.LogIn: log_in,
    commands.LogOut: log_out,
    commands.Pause: pause,
    commands.Resume: resume,
    commands.ChooseNext: choose_next,
    commands.Answer: answer,
    commands.Reject: reject,
    commands.HangUp: hang_up,
    commands.Hold: hold,
    commands.Retrieve: retrieve,
    commands.Swap: second.swap,
    commands.Mute: mute,
    commands.SendDigit: send_digit,
    commands.Classify: classify,
    commands.Note: note,
    commands.Transfer: transfer.transfer,
    commands.CompleteTransfer: transfer.complete,
    commands.JoinTransfer: transfer.join,
    commands.CancelTransfer: transfer.cancel,
    commands.Supervise: supervision.supervise,
    commands.BeginTake: begin_take,
    commands.RecordTake: takes.record,
    commands.StopTake: takes.stop,
    commands.HearTake: takes.hear,
    commands.DropTake: takes.drop,
    commands.EndTake: takes.over,
    commands.PauseRecording: recording_pause.pause,
    commands.ResumeRecording: recording_pause.resume,
}
