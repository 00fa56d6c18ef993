"""By frequency, over the real bridge (A2 A9): with two calls at a seat each party hears whom it should, and neither customer has a gap."""

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from appliance.base.ids import CallId
from appliance.calls import commands
from tests.support.audio_sounds import level_db
from tests.support.calls_heard import HZ, SAID_DB, HeardOffice, heard_office
from tests.support.calls_in_states import a_big_office

C, A, B, C2 = "line:l1", "seat:b1", "seat:b2", "line:l2"
HELD = {C: {"music"}, C2: {"music"}}


def do(command: type[commands.Command], seat: str, **values: object) -> Callable[[HeardOffice], None]:
    return lambda office: office.do(command, seat=seat, **values)


STEPS: list[tuple[str, Callable[[HeardOffice], None], dict[str, set[str]]]] = [
    ("two talks", lambda office: None, {C: {A}, A: {C}, C2: {B}, B: {C2}}),
    ("one asks the other", do(commands.Transfer, "b2", to="b1", kind="consult"), {C: {A}, A: {C}, C2: {"music"}, B: {"ringback"}}),
    ("who takes it", do(commands.Answer, "b1"), {**HELD, A: {B}, B: {A}}),
    ("and goes back", do(commands.Swap, "b1"), {C: {A}, A: {C}, C2: {"music"}, B: {"music"}}),
    ("and forth", do(commands.Swap, "b1"), {**HELD, A: {B}, B: {A}}),
    ("and joins", do(commands.JoinTransfer, "b2"), {C: {"music"}, A: {B, C2}, B: {A, C2}, C2: {A, B}}),
    ("away from a conference", do(commands.Swap, "b1"), {C: {A}, A: {C}, C2: {B}, B: {C2}}),
    ("and the customer is his", do(commands.CompleteTransfer, "b2"), {C: {A}, A: {C}, C2: {"music"}}),
    ("to the second", do(commands.Swap, "b1"), {C: {"music"}, A: {C2}, C2: {A}}),
    ("on hold both", do(commands.Hold, "b1"), HELD),
    ("to the first", do(commands.Swap, "b1"), {C: {A}, A: {C}, C2: {"music"}}),
    ("which consults", do(commands.Transfer, "b1", to="b2", kind="consult"), {**HELD, A: {"ringback"}}),
    ("with somebody", do(commands.Answer, "b2"), {**HELD, A: {B}, B: {A}}),
    ("who takes it over", do(commands.CompleteTransfer, "b1"), {C: {B}, B: {C}, C2: {"music"}}),
    ("and the second again", do(commands.Retrieve, "b1"), {C: {B}, B: {C}, A: {C2}, C2: {A}}),
]


def test_after_each_step_each_hears_exactly_whom_he_should_and_neither_customer_has_a_gap() -> None:
    document = a_big_office(wrap_up_s=0.0)
    document = replace(document, seat=tuple(replace(seat, second_call=True) for seat in document.seat))
    with heard_office(document) as office:
        for line, seat, agent in (("l1", "b1", "a1"), ("l2", "b2", "a2")):
            office.log_in(seat, agent)
            office.ring(line)
            office.do(commands.Answer, seat=seat)
        for what, step, wanted in STEPS:
            step(office)
            assert office.hear_now() == wanted, what
        for call, place, other in ((CallId("c000001"), C, C2), (CallId("c000002"), C2, C)):
            office.customers_path_is_whole(call, place)
            recorded = np.concatenate(office.recorded[call])
            for side in (0, 1):
                assert level_db(recorded[:, side], HZ[other]) - SAID_DB < -45, f"{call} has the other customer in it"
