"""By frequency, over the real bridge (A8 A9): in every mode and after each change within one call each party hears whom it should.

All others are at least 45 dB down, and the customer's path has no gap, neither what he says nor what he hears.
"""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from appliance.calls import commands
from appliance.events import line as told
from tests.support.calls_heard import HeardOffice, heard_office
from tests.support.calls_in_states import a_big_office, the_call

C, A, B, D, E, S = "line:l1", "seat:b1", "seat:b2", "seat:b3", "seat:b4", "seat:b5"
Step = tuple[str, Callable[[HeardOffice], None], dict[str, set[str]]]


def talk_of(*places: str) -> dict[str, set[str]]:
    return {place: set(places) - {place} for place in places}


def do(command: type[commands.Command], seat: str = "b1", **values: object) -> Callable[[HeardOffice], None]:
    return lambda office: office.do(command, seat=seat, **values)


def asked(kind: str, to: str) -> Callable[[HeardOffice], None]:
    """Rung, and answered."""

    def both(office: HeardOffice) -> None:
        office.do(commands.Transfer, seat="b1", to=to, kind=kind)
        office.do(commands.Answer, seat=to)

    return both


def supervises(mode: str) -> Callable[[HeardOffice], None]:
    return lambda office: office.do(commands.Supervise, seat="b5", call=the_call(office), mode=mode, by="boss")


TALK = talk_of(C, A)
FIVE = talk_of(C, A, B, D, E)
TRANSFERS: list[Step] = [
    ("talk", lambda office: None, TALK),
    ("hold", do(commands.Hold), {C: {"music"}}),
    ("retrieve", do(commands.Retrieve), TALK),
    ("mute", do(commands.Mute, muted=True), {A: {C}}),
    ("unmute", do(commands.Mute, muted=False), TALK),
    ("consult, it rings", do(commands.Transfer, to="b2", kind="consult"), {C: {"music"}, A: {"ringback"}}),
    ("consult", do(commands.Answer, seat="b2"), {C: {"music"}, A: {B}, B: {A}}),
    ("cancel", do(commands.CancelTransfer), TALK),
    ("consult another", asked("consult", "b3"), {C: {"music"}, A: {D}, D: {A}}),
    ("join", do(commands.JoinTransfer), talk_of(C, A, D)),
    ("conference of four", asked("conference", "b4"), talk_of(C, A, D, E)),
    ("consult in a conference", do(commands.Transfer, to="b5", kind="consult"), {**talk_of(C, D, E), A: {"ringback"}}),
    ("consulted in a conference", do(commands.Answer, seat="b5"), {**talk_of(C, D, E), A: {S}, S: {A}}),
    ("conference of five", do(commands.JoinTransfer), talk_of(C, A, D, E, S)),
    ("five, the customer held", do(commands.Hold), {C: {"music"}, **talk_of(A, D, E, S)}),
    ("five again", do(commands.Retrieve), talk_of(C, A, D, E, S)),
    ("one leaves", do(commands.HangUp, seat="b5"), talk_of(C, A, D, E)),
    ("its agent leaves", do(commands.CompleteTransfer), talk_of(C, D, E)),
    ("another leaves", do(commands.HangUp, seat="b4"), talk_of(C, D)),
    ("to an outside number", do(commands.Transfer, seat="b3", to="13700000000", kind="consult"), {C: {"music"}, D: {"ringback"}}),
    ("which says itself that it rings", lambda office: office.tell(told.LineSoundOn, "l8"), {C: {"music"}, **talk_of(D, "line:l8")}),
    ("and answers", lambda office: office.tell(told.LineConnected, "l8"), {C: {"music"}, **talk_of(D, "line:l8")}),
    ("and has the customer", do(commands.CompleteTransfer, seat="b3"), talk_of(C, "line:l8")),
]
MODES: dict[str, dict[str, set[str]]] = {
    "monitor": {**TALK, S: {C, A}},
    "whisper": {C: {A}, A: {C, S}, S: {C, A}},
    "barge": talk_of(C, A, S),
    "stop": TALK,
}
CHANGES = ["monitor", "whisper", "barge", "monitor", "stop", "whisper", "monitor", "barge", "whisper", "stop", "barge", "stop"]
SUPERVISION: list[Step] = [
    ("talk", lambda office: None, TALK),
    *((f"{mode} ({n})", supervises(mode), MODES[mode]) for n, mode in enumerate(CHANGES)),
    ("monitor", supervises("monitor"), MODES["monitor"]),
    ("hold", do(commands.Hold), {C: {"music"}, S: {A}}),
    ("consult", asked("consult", "b2"), {C: {"music"}, A: {B}, B: {A}, S: {A, B}}),
    ("whisper to who consults", supervises("whisper"), {C: {"music"}, A: {B, S}, B: {A}, S: {A, B}}),
    ("barge in with the customer", supervises("barge"), {**talk_of(C, S), A: {B}, B: {A}}),
    ("cancel", do(commands.CancelTransfer), talk_of(C, A, S)),
    ("monitor again", supervises("monitor"), MODES["monitor"]),
    ("monitor a conference", asked("conference", "b3"), {**talk_of(C, A, D), S: {C, A, D}}),
    ("take over a conference", supervises("take_over"), talk_of(C, S, D)),
]  # fmt: skip


@pytest.mark.parametrize("steps", [TRANSFERS, SUPERVISION], ids=["transfers", "supervision"])
def test_in_every_mode_and_after_each_change_each_hears_exactly_whom_it_should_and_the_customer_has_no_gap(steps: list[Step]) -> None:
    with heard_office(a_big_office(wrap_up_s=0.0)) as office:
        office.log_in("b1", "a1")
        office.ring("l1")
        office.do(commands.Answer, seat="b1")
        for seat, agent in (("b2", "a2"), ("b3", "a3"), ("b4", "a4"), ("b5", "a5")):
            office.log_in(seat, agent)
        muted = 0
        for what, step, wanted in steps:
            step(office)
            assert office.hear_now() == wanted, what
            if what == "mute":  # he hears nothing by his agent's wish: not a gap
                muted = len(office.heard[C])
        silent = range(muted - 30, muted) if muted else range(0)
        office.heard[C] = [frame for n, frame in enumerate(office.heard[C]) if n not in silent and n - 1 not in silent]
        office.customers_path_is_whole()


def test_a_name_that_nothing_can_speak_is_music_from_the_first_moment() -> None:
    document = a_big_office()
    with heard_office(replace(document, queue=(replace(document.queue[0], said_as="ji4 shu4 bu4"),))) as office:
        office.log_in("b1", "a1")
        office.ring("l1")
        office.do(commands.Answer, seat="b1")
        office.do(commands.Transfer, seat="b1", to="q", kind="blind")
        assert office.hear_now() == {C: {"music"}}
