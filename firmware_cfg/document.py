"""One configuration, as a frozen document. A setting is a field with unit and default here; what may be wrong with it is in check.py."""

from typing import Final, Literal

import msgspec

SOUND_CARDS: Final = ("card:", "usb:")


class Balance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a line's network is asked what is left on its card (A1): by a USSD code, or by a short message that it answers."""

    ussd: str = ""  # as "*100#"
    sms_to: str = ""  # as "10086"
    text: str = ""  # of the message, as "YE"
    pattern: str = ""  # a regular expression whose one group is the amount in yuan; "": as China's carriers say it
    at: str = "09:30"  # each day


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One telephone line: a modem on a serial port (A1)."""

    id: str
    name: str = ""
    dialect: str  # the name of a file in modems/: "sim7600", "ec25", "v253" ...
    port: str  # command port: a path (relative ones from the state directory), rfc2217://… or socket://…
    audio_port: str | None = None  # where its sound is: the module's second port, or its sound card, "card:ID" (ALSA's) or "usb:PLACE"
    number: str  # the line's own number
    country: str = "cn"  # whose exchange's tones are heard there: a file in tones/
    queue: str | None = None  # where its callers go
    direction: Literal["both", "in", "out", "messages"] = "both"  # "messages": no calls at all
    priority: int = 0  # points of its callers, beside their queue's weight
    tier: int = 0  # VIP tier of its callers, 0..9
    imei: str | None = None  # of its module: another one at the port is refused
    power_key: str | None = None  # name of a power key on the board file, to revive a module that hangs
    reset_after_audio_trouble: bool = False  # AT+CRESET after a call whose sound had to be asked for twice
    level_control: bool = False  # who is at its other end is brought to one level for those who hear him; a recording has him as he came
    tenant: str | None = None  # who rents it, a [[tenant]]; without one it is the office's own
    fax: Literal["tell", "hang_up"] = "tell"  # a fax machine that calls; "hang_up": at once, while no agent has the call
    balance: Balance | None = None
    balance_low: float = 0.0  # yuan; an alarm stands while less is left
    trace: bool = False  # log every byte, numbers masked

    @property
    def sound_card(self) -> str | None:
        """The sound card that audio_port names, as it is written there."""
        return self.audio_port if self.audio_port is not None and self.audio_port.startswith(SOUND_CARDS) else None

    @property
    def ports(self) -> list[str]:
        """The serial ports alone, as configured."""
        return [port for port in (self.port, self.audio_port) if port is not None and port != self.sound_card]


class Widen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has waited so long needs less, or may be taken by others too (A3)."""

    after_s: float
    lower: int = 0  # levels less of each skill that is needed
    also: str | None = None  # agents of this queue too


class Queue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where callers wait (A3); what the settings mean in full: docs/routing-core.md."""

    id: str
    name: str = ""
    said_as: str = (
        ""  # the name as the box says it to who is passed on to it: pinyin with tones (ke4 hu4 fu2 wu4), or English; "": not said
    )
    ring_limit_s: float = 15.0  # three rings of 5 s (A4)
    rest_s: float = 10.0  # after a missed offer
    reject_rest_s: float | None = None  # after a rejected one; as rest_s where it is not said
    busy_rest_s: float | None = None  # after one whose telephone was busy; as reject_rest_s
    ring_back_s: float = 10.0  # so long the waiting caller hears ring-back, then music
    announce_s: float = 0.0  # his place and the expected wait are said each so many seconds; 0: never
    strategy: Literal["longest-idle", "best-level", "fewest-calls", "least-talk", "round-robin", "fixed", "random"] = "longest-idle"
    at_once: int = 1  # so many agents ring for one caller; 0: all who may take him
    more_s: float = 0.0  # one more each so many seconds; 0: never
    needs: dict[str, int] = {}  # skill: least level, 1..9
    prefers: dict[str, int] = {}
    weight: int = 0  # points of all its callers
    ageing: int = 0  # points a second of waiting; 0: priority always wins
    tier_points: int = 100  # points of a VIP tier
    length_max: int = 0  # callers who wait; 0: no limit
    wait_max_s: float = 0.0
    overflow_s: float = 0.0
    overflow_to: str | None = None
    last_agent_s: float = 0.0  # so long a caller is kept for who talked with him last, who is first in any case; 0: for nobody
    back_s: float = 0.0  # whose line broke and who calls again so soon has his place back
    call_back_key: str = ""  # who presses it while he waits hangs up and is called back at his turn; "": nobody
    call_back_tries: int = 3
    call_back_again_s: float = 300.0  # between two of them
    call_back_machine: Literal["tell", "hang_up"] = "tell"  # an answering machine takes the call-back
    leave_key: str = ""  # who presses it waits no longer
    leave_to: str | None = None  # but in this queue; without it his call ends
    when_empty: tuple[Literal["nobody_logged_in", "all_paused", "all_in_wrap_up"], ...] = ()  # then its callers are let go
    widen: tuple[Widen, ...] = ()


class Seat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str = ""
    kind: Literal["browser", "headset", "phone"]
    number: str | None = None  # a phone seat's
    device: str | None = None  # a headset's: the sound device at the box whose name contains this
    button: str | None = None  # a headset's: name of a push-button on the board file
    led: str | None = None  # name of a lamp on the board file
    level_control: bool = False  # the agent is brought to one level for those who hear him; of a phone seat its line's setting holds
    stay_connected: bool = False  # a phone stays connected between calls, once its agent has pressed key 1
    stay_max_s: float = 3600.0  # at the longest so long; a talk is never cut
    second_call: bool = False  # a second call that is meant for the agent may wait here while he talks


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    queues: tuple[str, ...]
    skills: dict[str, int] = {}
    orders: dict[str, int] = {}  # queue: 1 (first) to 9; callers of a lower number come first
    wrap_up_s: float = 10.0
    misses_max: int = 0  # so many missed offers in a row, and he is paused; 0: never
    weight: int = 1  # of strategy "random"
    rank: int = 0  # of strategy "fixed"
    role: Literal["agent", "inspector", "supervisor", "administrator"] = "agent"


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is rented or licensed: beyond it a login or a call is refused by name (B1)."""

    seats: int | None = None  # agents logged in at once
    calls: int | None = None  # calls in the queues at once


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = "none"  # a file in boards/; "none": lamps on the page only


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of recordings (A7)."""

    pack: bool = True  # to FLAC, without loss
    pack_after_h: float = 168.0  # after the seal; 0: at once
    listening_copy: bool = False  # Opus beside each original that is old enough to be packed: what the page plays
    keep_days: int = 0  # younger ones nobody can delete; 0: all are kept for ever
    pause_max_s: float = 300.0  # a pause of the recording ends by itself after that
    head_to: tuple[str, ...] = ()  # telephone numbers that get each day's head as a short message


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the carrier takes for a call (A10). Of several beginnings that fit, the longest holds."""

    begins: str  # how the number begins; "": all others
    yuan: float  # each begun step, to the thousandth
    step_s: int = 60  # a minute


class Dialling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What any line may dial, whoever orders it (A10)."""

    international: bool = False  # numbers of other countries, +… and 00…
    refuse: tuple[str, ...] = ("160", "168", "12590")  # how a refused number begins; at first China's charged voice services
    allow: tuple[str, ...] = ()  # how one begins that is allowed whatever else is said here
    emergency: Literal["allow", "refuse"] = "allow"  # 110 112 119 120 122; "allow": no cap holds them back either
    per_minute: int = 20  # calls of one line
    per_day: int = 2000
    line_spend_per_day: float = 0.0  # yuan of one line; 0: no limit, as with all that follow
    all_per_minute: int = 0  # calls of all lines together
    all_per_day: int = 0
    at_once: int = 0  # outgoing calls of all lines together
    spend_per_day: float = 0.0  # yuan of all lines together
    messages_per_day: int = 1000  # parts of short messages, of all lines together; 0: no limit
    price: tuple[Price, ...] = ()


class Tenant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who rents lines of the box, and what these may dial together (A10 B1), within the office's own caps. 0: no limit."""

    id: str
    name: str = ""
    per_minute: int = 0
    per_day: int = 0
    at_once: int = 0
    spend_per_day: float = 0.0  # yuan


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calls that agents pass to telephones outside the box (A9 A10): nobody's calls go from line to line but by an agent's own order."""

    outside: Literal["off", "stay", "on"] = "off"  # "stay": only while an agent is in the talk; "on": he may leave it
    numbers: tuple[str, ...] = ()  # how an allowed number begins; "" allows all
    longest_s: float = 1800.0  # so long a customer talks with an outside number and nobody of the office


class Supervision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Listening to live calls (A8)."""

    agents_see: bool = True  # an agent's desk says that somebody listens


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call was about: the agent chooses one in wrap-up."""

    id: str
    name: str
    name_en: str = ""  # as name where it is not said


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short message that is sent again and again (A5)."""

    id: str
    name: str = ""  # what its button says; as id where it is not said
    text: str  # {office}, {agent}, {queue} and {line} are filled by the box, other places in braces by who sends it


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = "Seatbox"
    language: Literal["zh_CN", "en"] = "zh_CN"
    country: Literal["CN"] = "CN"
    board: Board = Board()
    limits: Limits = Limits()
    recording: Recording = Recording()
    line: tuple[Line, ...] = ()
    queue: tuple[Queue, ...] = ()
    seat: tuple[Seat, ...] = ()
    agent: tuple[Agent, ...] = ()
    transfer: Transfer = Transfer()
    dialling: Dialling = Dialling()
    supervision: Supervision = Supervision()
    reason: tuple[Reason, ...] = ()
    template: tuple[Template, ...] = ()
    tenant: tuple[Tenant, ...] = ()
