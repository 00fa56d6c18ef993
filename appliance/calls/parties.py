"""Who is in a call and who hears whom (A8 A9): one function of the call's state, and nothing else joins or parts.

The table in words: docs/calls.md. Its proofs: tests/appliance/calls/test_parties.py, by frequency test_parties_heard.py beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.base.ids import LineId, SeatId
from appliance.calls.ports import Place


class Role(StrEnum):
    """What somebody is in a call beside its customer. The agent has the call; there is one, or none."""

    AGENT = "agent"
    CONSULTED = "consulted"  # asked by the agent, who is away from the customer meanwhile
    MEMBER = "member"  # of the conference
    MONITOR = "monitor"
    WHISPER = "whisper"
    BARGE = "barge"


LISTENERS: Final = frozenset({Role.MONITOR, Role.WHISPER, Role.BARGE})
"""The modes of supervision."""

CONFERENCE_MAX: Final = 5
"""People in a talk, the customer and the agent among them."""


@dataclass(slots=True)
class Party:
    """Somebody in a call beside its agent: at a seat, or an outside number on a line. `here`: the voice path stands; before, it rings."""

    role: Role
    seat: SeatId | None = None
    number: str | None = None
    line: LineId | None = None  # the outside number's
    here: bool = False
    by: str = ""  # who supervises
    takes_over: bool = False  # as soon as it is here

    @property
    def listens(self) -> bool:
        return self.role in LISTENERS


@dataclass(frozen=True, slots=True)
class Voice:
    """One party as the matrix sees it. `away`: has put this call on hold for another of his; not here meanwhile.

    An outside number is here as soon as its line has sound: an analog line does not know that somebody answered, and says that it rings.
    """

    place: Place
    role: Role
    here: bool = True
    muted: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A call with a customer who is not waiting for an agent. `held`: he was put on hold."""

    customer: Place
    voices: tuple[Voice, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Whom each place hears, what the box plays to it, and whose voices make the recording's right side: those whom the customer hears."""

    hears: Mapping[Place, frozenset[Place]] = field(default_factory=dict)
    plays: Mapping[Place, str | None] = field(default_factory=dict)
    recorded: frozenset[Place] = frozenset()


def who_hears_whom(scene: Scene) -> Matrix:
    """Places that are not in the result are none of the call's (they ring, or have left)."""
    agent = next((voice for voice in scene.voices if voice.role is Role.AGENT and voice.here), None)
    asked = next((voice for voice in scene.voices if voice.role is Role.CONSULTED), None)
    here = [voice for voice in scene.voices if voice.here]
    talk = [voice for voice in here if voice.role in (Role.MEMBER, Role.BARGE) or (voice is agent and asked is None)]
    hears: dict[Place, frozenset[Place]] = {voice.place: frozenset() for voice in here}
    plays: dict[Place, str | None] = {voice.place: None for voice in here}

    alone = scene.held or not talk
    hears[scene.customer] = frozenset() if alone else _heard(talk)
    plays[scene.customer] = "hold" if alone else None
    for voice in talk:
        hears[voice.place] = (_heard(talk) | (frozenset() if alone else {scene.customer})) - {voice.place}
    if asked is not None and agent is not None:
        if asked.here:
            hears[agent.place], hears[asked.place] = _heard([asked]), _heard([agent])
        else:
            hears[agent.place], plays[agent.place] = frozenset(), "hold" if asked.away else "ringback"
    return Matrix(_listened(hears, plays, here, agent, scene.customer), plays, hears[scene.customer])


def _heard(voices: list[Voice]) -> frozenset[Place]:
    return frozenset(voice.place for voice in voices if not voice.muted)


def _listened(
    hears: dict[Place, frozenset[Place]], plays: dict[Place, str | None], here: list[Voice], agent: Voice | None, customer: Place
) -> dict[Place, frozenset[Place]]:
    """Who listens hears what the agent hears, and the agent; where there is no agent, the customer and whom he hears.

    A whisper is the agent's alone: no other listener hears it.
    """
    if agent is not None:
        heard = hears[agent.place] | _heard([agent])
    else:
        heard = hears[customer] | (frozenset({customer}) if hears[customer] else frozenset())
    listeners = [voice for voice in here if voice.role in (Role.MONITOR, Role.WHISPER)]
    whispers = [voice for voice in listeners if voice.role is Role.WHISPER]
    told = dict(hears)
    for voice in listeners:
        told[voice.place] = heard - {voice.place}
    if agent is not None:
        told[agent.place] = hears[agent.place] | _heard(whispers)
    return told
