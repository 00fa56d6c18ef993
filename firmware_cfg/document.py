"""One configuration, as a frozen document. A setting is a field with unit and default here; what may be wrong with it is in check.py."""

from typing import Literal

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One telephone line: a modem on a serial port (A1)."""

    id: str
    name: str = ""
    dialect: str  # the name of a file in modems/: "sim7600", "v253"
    port: str  # command port: a path (relative ones from the state directory), rfc2217://… or socket://…
    audio_port: str | None = None  # sim7600: the PCM port
    number: str  # the line's own number
    queue: str | None = None  # where its callers go
    direction: Literal["both", "in", "out"] = "both"
    reset_after_audio_trouble: bool = False  # AT+CRESET after a call whose sound had to be asked for twice
    trace: bool = False  # log every byte, numbers masked


class Queue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str = ""
    ring_limit_s: float = 15.0  # three rings of 5 s (A4)
    rest_s: float = 10.0  # after a missed or rejected offer
    ring_back_s: float = 10.0  # so long the waiting caller hears ring-back, then music


class Seat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str = ""
    kind: Literal["browser", "phone"]
    number: str | None = None  # a phone seat's
    led: str | None = None  # name of a lamp on the board file


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    queues: tuple[str, ...]
    skills: dict[str, int] = {}
    wrap_up_s: float = 10.0
    role: Literal["agent", "supervisor", "administrator"] = "agent"


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = "none"  # a file in boards/; "none": lamps on the page only


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = "Seatbox"
    language: Literal["zh_CN", "en"] = "zh_CN"
    country: Literal["CN"] = "CN"
    board: Board = Board()
    line: tuple[Line, ...] = ()
    queue: tuple[Queue, ...] = ()
    seat: tuple[Seat, ...] = ()
    agent: tuple[Agent, ...] = ()
