"""Every command at a seat in every state of it: what the seat is then, or what it is told (A2 A8 A9). A refusal changes nothing."""

import pytest

from tests.support.calls_in_states import COMMANDS, STATES, at_work, tried

# state of b1: what it is after these commands, with the reason that its state has; "! key" is a refusal's sentence
TABLE: dict[str, dict[str, str]] = {
    "logged out": {
        "! seat.logged_out": ", ".join(COMMANDS),
    },
    "free": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "! seat.not_talking": "hang up, hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "free": "reason, note",
        "paused x": "pause",
        "logged_out": "log out",
        "! 404": "monitor, take over, stop",
    },
    "paused": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "! seat.not_talking": "hang up, hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "paused x": "reason, note, pause",
        "logged_out": "log out",
        "! 404": "monitor, take over, stop",
    },
    "wrap-up": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "! seat.not_talking": "hang up, hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "wrap_up": "reason, note",
        "paused x": "pause",
        "logged_out": "log out",
        "! 404": "monitor, take over, stop",
    },
    "ringing": {
        "! second.none": "swap",
        "talking": "answer",
        "free": "reject, hang up",
        "! seat.not_talking": "hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "ringing": "reason, note",
        "paused x": "pause",
        "logged_out": "log out",
        "! supervise.not_talking": "monitor, take over",
        "! supervise.none": "stop",
    },
    "talking": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "wrap_up": "hang up, blind",
        "held": "hold",
        "! seat.not_held": "retrieve",
        "talking": "mute, key, conference, reason, note, next, pause",
        "held consult": "consult",
        "! transfer.none": "complete, join, cancel",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "dialling": {
        "! second.none": "swap",
        "talking": "answer, reason, note, next, pause",
        "! seat.not_ringing": "reject",
        "free": "hang up",
        "! seat.not_talking": "hold, mute, key, blind, consult, conference, complete, join, cancel",
        "! seat.not_held": "retrieve",
        "! seat.in_a_call": "log out",
        "! supervise.not_talking": "monitor, take over",
        "! supervise.none": "stop",
    },
    "held": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "wrap_up": "hang up, blind",
        "! seat.not_talking": "hold, mute, key",
        "talking": "retrieve",
        "held consult": "consult",
        "held": "conference, reason, note, next, pause",
        "! transfer.none": "complete, join, cancel",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "consult rings": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "talking": "hang up, cancel",
        "! seat.not_talking": "hold, key",
        "! transfer.open": "retrieve, blind, consult, conference",
        "held consult": "mute, reason, note, next, pause",
        "! transfer.rings": "complete, join",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "consults": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "talking": "hang up, join, cancel",
        "! seat.not_talking": "hold, key",
        "! transfer.open": "retrieve, blind, consult, conference",
        "held consult": "mute, reason, note, next, pause",
        "wrap_up": "complete",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "conference": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "wrap_up": "hang up, blind, complete",
        "held": "hold",
        "! seat.not_held": "retrieve",
        "talking": "mute, key, conference, reason, note, next, pause",
        "held consult": "consult",
        "! transfer.none": "join, cancel",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "asked": {
        "! second.none": "swap",
        "talking consulted": "answer",
        "free": "reject, hang up",
        "! seat.not_talking": "hold, mute, key, next",
        "! seat.not_held": "retrieve",
        "! call.anothers": "blind, consult, conference, complete, join, cancel",
        "ringing consulted": "reason, note",
        "paused x": "pause",
        "logged_out": "log out",
        "! seat.in_a_call": "monitor, take over",
        "! supervise.none": "stop",
    },
    "consulted": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "wrap_up": "hang up",
        "! call.anothers": "hold, retrieve, key, blind, consult, conference, complete, join, cancel, reason",
        "talking consulted": "mute, note, next, pause",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "member": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "wrap_up": "hang up",
        "! call.anothers": "hold, retrieve, key, blind, consult, conference, complete, join, cancel, reason",
        "talking member": "mute, note, next, pause",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "monitors": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "free": "hang up, stop",
        "! call.anothers": "hold, retrieve, key, blind, consult, conference, complete, join, cancel, reason",
        "talking monitor": "mute, note, monitor",
        "! seat.supervises": "next, pause",
        "! seat.in_a_call": "log out",
        "talking": "take over",
    },
    "second waits": {
        "! second.none": "swap",
        "talking": "answer, mute, key, conference, reason, note, next, pause",
        "! seat.not_ringing": "reject",
        "wrap_up": "hang up, blind",
        "held": "hold",
        "! seat.not_held": "retrieve",
        "held consult": "consult",
        "! transfer.none": "complete, join, cancel",
        "! seat.in_a_call": "log out",
        "! supervise.not_talking": "monitor, take over",
        "! supervise.none": "stop",
    },
    "two calls": {
        "! seat.not_ringing": "answer, reject",
        "talking": "swap, mute, key, conference, reason, note, next, pause",
        "held": "hold, hang up, blind",
        "! seat.not_held": "retrieve",
        "held consult": "consult",
        "! transfer.none": "complete, join, cancel",
        "! seat.in_a_call": "log out, monitor, take over",
        "! supervise.none": "stop",
    },
    "speaks a prompt": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "! seat.not_talking": "hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "paused prompt_recording": "reason, note",
        "free": "hang up",
        "paused x": "pause",
        "logged_out": "log out",
        "! 404": "monitor, take over, stop",
    },
    "fault": {
        "! second.none": "swap",
        "! seat.not_ringing": "answer, reject",
        "! seat.not_talking": "hang up, hold, mute, key, blind, consult, conference, complete, join, cancel, next",
        "! seat.not_held": "retrieve",
        "fault": "reason, note, pause",
        "logged_out": "log out",
        "! 404": "monitor, take over, stop",
    },
}


def test_the_table_knows_every_state_and_every_command() -> None:
    assert list(TABLE) == list(STATES)
    for state, row in TABLE.items():
        assert sorted(command for commands in row.values() for command in commands.split(", ")) == sorted(COMMANDS), state


@pytest.mark.parametrize("state", TABLE)
def test_what_each_command_does_in(state: str) -> None:
    for wanted, row in TABLE[state].items():
        for command in row.split(", "):
            assert tried(state, command)[1] == wanted, (state, command)


@pytest.mark.parametrize("state", TABLE)
def test_a_refusal_changes_nobodys_state_and_nobodys_ear(state: str) -> None:
    before = at_work()
    STATES[state](before)
    for wanted, row in TABLE[state].items():
        for command in row.split(", ") if wanted.startswith("!") else ():
            after, _ = tried(state, command)
            assert (after.states, after.ears.hearing, after.ears.playing) == (before.states, before.ears.hearing, before.ears.playing), (
                command
            )
