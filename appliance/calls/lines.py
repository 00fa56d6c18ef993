"""Lines as the switchboard sees them (A1): which state, whose call, whose leg."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.base.ids import CallId, LineId, SeatId
from appliance.events.line import (
    LineAlerting,
    LineAnswered,
    LineConnected,
    LineDialling,
    LineDisabled,
    LineEnabled,
    LineEvent,
    LineFault,
    LineHungUp,
    LineIdentified,
    LineIdle,
    LineQuality,
    LineRecovery,
    LineRinging,
    LineSoundOn,
    LineTakenUp,
)
from firmware_cfg.document import Line as LineConfig

MOST_STEPS: Final = 12


class LineState(StrEnum):
    """The contract's words."""

    STARTING = "starting"
    IDLE = "idle"
    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    FAULT = "fault"
    DISABLED = "disabled"


BECOMES: dict[type[LineEvent], LineState] = {
    LineIdle: LineState.IDLE,
    LineFault: LineState.FAULT,
    LineDisabled: LineState.DISABLED,
    LineEnabled: LineState.STARTING,
    LineRinging: LineState.RINGING,
    LineAnswered: LineState.TALKING,
    LineDialling: LineState.DIALLING,
    LineAlerting: LineState.DIALLING,
    LineConnected: LineState.TALKING,
    LineTakenUp: LineState.TALKING,
    LineHungUp: LineState.STARTING,
}
"""A line's state is what its driver told last; facts not named here change nothing."""


@dataclass(slots=True)
class Line:
    config: LineConfig
    state: LineState = LineState.STARTING
    fault: str | None = None
    operator: str | None = None
    signal_dbm: int | None = None
    call: CallId | None = None  # the customer on it
    leg_of: SeatId | None = None  # the outside-phone seat that it is the leg of
    party_of: CallId | None = None  # an outside number that is asked into this call is on it
    sound: bool = False
    imei: str | None = None
    recovery: list[tuple[int, str]] = field(default_factory=list)  # when, and a step of events.line.STEPS: the last trouble

    @property
    def id(self) -> LineId:
        return LineId(self.config.id)

    @property
    def says_answered(self) -> bool:
        """Its modem is told by the network when the far end answers; an analog one only hears."""
        return self.config.dialect not in ("v253", "rockwell")

    @property
    def may_dial(self) -> bool:
        return self.state is LineState.IDLE and not self._taken and self.config.direction in ("both", "out")

    @property
    def _taken(self) -> bool:
        return self.call is not None or self.leg_of is not None or self.party_of is not None

    @property
    def in_use(self) -> bool:
        """A call or a leg is on it, or the modem has not let go of one yet."""
        at_work = self.state in (LineState.RINGING, LineState.DIALLING, LineState.TALKING)
        return at_work or self._taken

    def told(self, fact: LineEvent) -> bool:
        """Takes the fact in; True where what others see has changed."""
        before = (self.state, self.fault, self.operator, self.signal_dbm)
        if isinstance(fact, LineQuality):
            self.operator, self.signal_dbm = fact.operator or self.operator, fact.signal_dbm
        if not (isinstance(fact, LineHungUp) and self.state is LineState.IDLE):  # a number refused outright: nothing had begun
            self.state = BECOMES.get(type(fact), self.state)
        if isinstance(fact, LineIdentified):
            self.imei = fact.imei
        if isinstance(fact, LineRecovery):
            if self.recovery and self.recovery[-1][1] == "back":
                self.recovery.clear()
            self.recovery = [*self.recovery, (fact.at_ms, fact.step)][-MOST_STEPS:]
            return True
        if isinstance(fact, LineFault):
            self.fault = fact.why
        elif isinstance(fact, LineIdle | LineDisabled):
            self.fault = None
        if isinstance(fact, LineSoundOn):
            self.sound = True
        elif isinstance(fact, LineIdle | LineFault | LineHungUp | LineDisabled):
            self.sound = False
        return before != (self.state, self.fault, self.operator, self.signal_dbm)
