"""What the box's ears find in a call's sound (A1 A3): a fax machine, an answering machine. Told once; what follows is a setting."""

from appliance.calls import callbacks, offers
from appliance.calls.call import Call, CallState
from appliance.calls.lines import Line
from appliance.calls.live import Live
from appliance.core import inputs
from appliance.events.call import CallHeard
from appliance.events.line import LineHeard


def heard(live: Live, line: Line, fact: LineHeard) -> None:
    """At the customer's end or an outside number's. An agent's own telephone answers by its key, whoever takes the call there."""
    if line.party_of is not None:
        number = next((party.number for party in live.calls[line.party_of].parties if party.line == line.id), None)
        live.tell(CallHeard(at_ms=live.now_ms, call=line.party_of, what=fact.what, number=number))
    elif line.call is not None:
        live.tell(CallHeard(at_ms=live.now_ms, call=line.call, what=fact.what))
        _at_the_customer(live, line, live.calls[line.call], fact.what)


def _at_the_customer(live: Live, line: Line, call: Call, what: str) -> None:
    """Nobody can talk with a fax that answers a call-back: it is over. One that a machine answers is left to its agent, or as is set."""
    queue = live.queues.config.get(call.queue)
    if what == "person":
        call.met_person = True
    elif what == "fax_calls" and line.config.fax == "hang_up" and call.state in (CallState.QUEUED, CallState.OFFERED):
        _hang_up(live, call, "fax")
    elif what == "fax_answers" and call.state is CallState.DIALLING:
        callbacks.failed(live, call, "fax")
    elif what == "fax_answers" and call.outgoing and call.state is CallState.TALKING:
        _hang_up(live, call, "fax")
    elif what == "machine" and not call.met_person and queue is not None and queue.call_back_machine == "hang_up":
        _hang_up(live, call, "answering machine")


def _hang_up(live: Live, call: Call, why: str) -> None:
    """Who rings for it stops without a miss, its agent wraps up."""
    call.ended_by, call.end_why = "box", why
    if not call.by_hand:
        live.feed(inputs.CallLeaves(call.number))
        offers.carry_out(live)
    if call.id in live.calls:
        offers.end_call(live, call, "box", why)
