"""What happened when in a recording (A7): marks and spans of its waveform, from the call's timeline."""

from typing import Final

import msgspec

from appliance.calls.snapshot import CallView, MomentView
from appliance.web.ask import Ask
from appliance.web.shown import told
from appliance.web.texts import Texts

SPANS: Final = {
    "held": ("retrieved", "requeued", "ended"),
    "kept": ("retrieved", "requeued", "ended"),
    "hushed": ("unhushed", "ended"),
    "queued": ("answered", "ended"),
    "requeued": ("answered", "ended"),
}
"""What lasts, and what ends it. The queue is music and ring-back."""
UNSEEN: Final = frozenset(
    ["started", "identified", "picked_up", "rings", "sealed", "digit", "muted", "unmuted", "ended", "retrieved", "unhushed", "failed"]
)
Names = dict[str, dict[str, str]]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """`at_s`, `until_s` (null: a moment): seconds of the recording. `what`: the timeline's word."""

    at_s: float
    until_s: float | None
    what: str
    text: str


def marks_of(view: CallView, texts: Texts, names: Names) -> list[Mark]:
    """In the order of time; empty where nothing was recorded."""
    if view.picked_up_at_ms is None:
        return []
    begin, end = view.picked_up_at_ms, view.ended_at_ms
    found = []
    for place, moment in enumerate(view.timeline):
        what = _word(moment)
        if what in UNSEEN:
            continue
        until = None
        if what in SPANS:
            over = [each.at_ms for each in view.timeline[place + 1 :] if _word(each) in SPANS[what]]
            until = over[0] if over else end
        found.append(
            Mark(
                at_s=_s(moment.at_ms - begin),
                until_s=None if until is None else _s(until - begin),
                what=what,
                text=told(texts, moment, names),
            )
        )
    return found


def _s(ms: int) -> float:
    return round(max(0, ms) / 1000, 2)


def _word(moment: MomentView) -> str:
    return moment.what.removeprefix("timeline.")


def names_of(ask: Ask) -> Names:
    """Of each kind of id the names."""
    snapshot = ask.office.snapshot()
    return {
        "agent": {agent.id: agent.name for agent in snapshot.agents},
        "seat": {seat.id: seat.name for seat in snapshot.seats},
        "queue": {queue.id: queue.name for queue in snapshot.queues},
        "line": {line.id: line.name for line in snapshot.lines},
        "reason": {each.id: ("" if ask.texts.language != "en" else each.name_en) or each.name for each in ask.office.document.reason},
    }
