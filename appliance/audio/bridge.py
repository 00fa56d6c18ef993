"""The bridge: the only face of the audio core (A4 A7). Endpoints hear each other as told, hear the box's sounds, are recorded.

Times are ms, sound is 8 kHz int16, levels are dBFS (a full-scale sine is 0), endpoints and taps are small integers.
All methods return at once but `remove`, `end_tap`, `free_tap` and `stop`, which wait for the end of a tick (20 ms at most).
"""

import math
import os
import termios
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.audio import prompts
from appliance.audio._bridge import Core, Sound
from appliance.audio._detect import Tones
from appliance.audio._ring import SharedRings
from firmware_cfg import call_progress

TICK_MS = 20
FRAME = 160
LEAD_MS = 60
PCM, V253, RINGS, SOURCE = 1, 2, 3, 4
LEAST_DB, MOST_DB = -60.0, 12.0
SPEECH_DBFS = -20.0
"""Active speech as level control makes it, and as the box's own prompts have it. ITU-T G.169 and G.115 recommend -19 dBm0:
-22.1 dBFS by G.711's scale, -19.0 as RFC 7874 (section 4) reckons it."""


@dataclass(frozen=True, slots=True)
class PortFigures:
    """One endpoint. `underruns`: its sound came too late, and `made_up_ms` filled the gaps; `underruns_out`: we wrote too late (by the
    modem's own clock). `echo_loss_db`: how much less there is of what a v253 port sent while it was spoken to. `voice`:
    somebody speaks there now (pauses of 0.3 s are none). `gain_db`: of its level control."""

    bytes_in: int
    bytes_out: int
    buffer_ms: float
    lead_ms: float
    underruns: int
    made_up_ms: float
    underruns_out: int
    flushed_ms: float
    refused_ms: float
    text_lost: int
    ppm: float
    echo_loss_db: float
    voice: bool
    level_control: bool
    gain_db: float
    streaming: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The tick's own statistics since the start. Lateness in µs; `late`: ticks that began more than 20 ms late."""

    ticks: int
    late: int
    skipped: int
    p50_us: float
    p99_us: float
    p999_us: float
    worst_us: float
    worst_work_us: float
    underruns: int
    real_time: bool
    memory_locked: bool
    endpoints: dict[int, PortFigures]


def heard_as(tones: call_progress.Tones) -> Tones:
    """A country's tones for the ear."""
    return Tones([(name, one.hz, one.tolerance_hz, one.cadence_ms, one.tolerance_ms, one.known_after_ms) for name, one in tones.named()])


def dbfs(mean_square: float) -> float:
    """The level of a mean square of int16 samples; -120.0 for silence."""
    return max(-120.0, 10 * math.log10(max(mean_square, 1e-9) / (32768.0**2 / 2)))


def _q12(db: float) -> int:
    """A gain as the tick has it: 4096 is 1."""
    if not LEAST_DB <= db <= MOST_DB:
        raise ValueError(f"a gain is {LEAST_DB:.0f}..+{MOST_DB:.0f} dB, not {db}")
    return round(4096 * 10 ** (db / 20))


def _raw(fd: int) -> None:
    """Non-blocking; a tty also raw, so no byte is changed, and a read of nothing is not taken for the end."""
    os.set_blocking(fd, False)
    if not os.isatty(fd):
        return
    mode = termios.tcgetattr(fd)
    mode[0] &= ~(termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP)
    mode[0] &= ~(termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSANOW, mode)


class Bridge:
    """See docs/shape.md, "The bridge". With `start_thread=False`, `start` does nothing and `step` moves the time."""

    def __init__(self, start_thread: bool = True, priority: int = 50) -> None:
        self._core = Core()
        self._threaded, self._priority = start_thread, priority
        self._sounds: dict[str, Sound] = {}
        self._tones: dict[call_progress.Tones, Tones] = {}  # for the life of the bridge: the thread may be inside them
        self._endpoints: set[int] = set()
        self._gone_underruns = 0
        for name, pcm in prompts.built_in().items():
            self.load_sound(name, pcm)

    # the thread

    def start(self) -> None:
        """The 20 ms thread: real-time where the system lets us, ordinary elsewhere (`figures().real_time`)."""
        if self._threaded:
            self._core.start(self._priority)

    def stop(self) -> None:
        """Ends the thread after its tick. Ports stay open and as they are."""
        self._core.stop()

    def step(self, now_ns: int) -> int:
        """For tests: carries out the ticks that are due at this (virtual) time, and says how many these were."""
        return self._core.step(now_ns)

    @property
    def event_fd(self) -> int:
        """Readable when text or events wait. `events()` makes it quiet: call that first, then `read_text` of each v253 port."""
        return self._core.event_fd

    @property
    def tick(self) -> int:
        """The number of the next tick; skipped ones are counted, so it is time in units of 20 ms."""
        return self._core.tick

    # endpoints

    def add_pcm_port(self, fd: int, lead_ms: int = LEAD_MS) -> int:
        """A module's raw PCM port; silent until `sound_on`. lead_ms (20..200): how much more than was read we write in all."""
        _raw(fd)
        return self._add(PCM, fd, None, lead_ms)

    def add_v253_port(self, fd: int, lead_ms: int = LEAD_MS) -> int:
        """An analog modem's one port; from here on its bytes are the bridge's. Sound is µ-law until `set_encoding`."""
        _raw(fd)
        return self._add(V253, fd, None, lead_ms)

    def add_ring(self, ring: SharedRings) -> int:
        """A browser's or headset's rings; the bridge keeps them mapped until `remove`."""
        return self._add(RINGS, -1, ring, LEAD_MS)

    def add_line_ring(self, ring: SharedRings) -> int:
        """The rings of a line whose sound is a sound card: silent until `sound_on`, with keys and tones, as a pcm port."""
        return self._add(RINGS, -1, ring, LEAD_MS, far=True)

    def add_source(self) -> int:
        """An endpoint whose voice is what is played to it: music or a notice that several hear (and recordings may have) at their gains."""
        return self._add(SOURCE, -1, None, LEAD_MS)

    def _add(self, kind: int, fd: int, rings: SharedRings | None, lead_ms: int, far: bool = False) -> int:
        if not 20 <= lead_ms <= 200:
            raise ValueError(f"lead_ms is 20..200, not {lead_ms}")
        ep = self._core.add(kind, fd, rings, lead_ms * 8, far)
        self._endpoints.add(ep)
        return ep

    def remove(self, ep: int) -> None:
        """Forgets an endpoint everywhere (nobody hears or records it any more). The descriptor is the caller's to close, afterwards."""
        figures = self._core.port(ep)
        self._gone_underruns += figures["underruns"] + figures["underruns_out"]
        self._core.remove(ep)
        self._endpoints.discard(ep)

    def sound_on(self, ep: int) -> None:
        """A call has sound now: throws away what is old, then reads and writes. Nothing for v253 (its stream says it)."""
        self._core.sound(ep, True)

    def sound_off(self, ep: int) -> None:
        """Between calls: reads and drops, writes nothing."""
        self._core.sound(ep, False)

    def set_gain(self, ep: int, db: float) -> None:
        """How loud this endpoint is for all who hear it and for the recording, -60..+12 dB; 0 at first. Changes in 5 ms."""
        self._core.gain(ep, _q12(db))

    def set_gain_to(self, ep: int, db: float) -> None:
        """How loud all that it hears is, -60..+12 dB; 0 at first. Changes in 5 ms."""
        self._core.gain_to(ep, _q12(db))

    def set_detect(self, ep: int, keys: bool, tones: bool) -> None:
        """What is looked for in its sound; at first: pcm and a line's rings both, v253 tones (keys are events), other rings nothing."""
        self._core.find(ep, keys, tones)

    def set_tones(self, ep: int, tones: call_progress.Tones) -> None:
        """Which country's exchange is at the other end; of none at first, when only a fax's tones are known."""
        if tones not in self._tones:
            self._tones[tones] = heard_as(tones)
        self._core.tones(ep, self._tones[tones])

    def find_answer(self, ep: int) -> None:
        """Its far end answers now: who it is will be told, at the latest when it has spoken for 2.5 s; a machine's beep for a minute.
        Ends with the call's sound."""
        self._core.answer(ep)

    def set_echo_canceller(self, ep: int, on: bool) -> None:
        """v253: whether the echo of what is sent is taken out of what comes; on at first. It learns anew in each call."""
        self._core.cancel(ep, on)

    def set_level_control(self, ep: int, on: bool, target_db: float = SPEECH_DBFS) -> None:
        """Whether its voice is brought to a level for those who hear it (dBFS of active speech, -30..-10), by -12..+12 dB; off at first.
        A recording, and what looks for keys and tones, have it as it came."""
        if not -30 <= target_db <= -10:
            raise ValueError(f"a level of speech is -30..-10 dBFS, not {target_db}")
        self._core.level(ep, on, 32768.0**2 / 2 * 10 ** (target_db / 10))

    # text of a v253 port

    def send_text(self, ep: int, data: bytes, expect_connect: bool = False, shielded: bool = False) -> None:
        """Command bytes. They wait while a stream runs; `expect_connect`: after `CONNECT<CR><LF>` sound follows.

        shielded: see `send_escape`. BlockingIOError when the port has not taken 16 kB of commands.
        """
        self._core.send(ep, data, expect_connect, shielded)

    def send_escape(self, ep: int, data: bytes) -> None:
        """A shielded command inside the stream, as `b"\\x10^"`; dropped where there is no stream. After one that ends the stream
        (its last byte is ETX, ^, ! or ESC) no more sound is written."""
        self._core.send(ep, data, False, True)

    def read_text(self, ep: int) -> bytes:
        """v253: text and DLE events (`10 xx`) in the order in which they came; the oldest of more than 64 kB is lost."""
        return self._core.read_text(ep)

    def set_encoding(self, ep: int, name: str) -> None:
        """v253: ulaw, alaw, unsigned8 or signed16 (as `+VSM` was set). Before the stream begins."""
        self._core.encoding(ep, name)

    def text_mode(self, ep: int) -> None:
        """v253: the modem was reset, or never said `<DLE><ETX>`: whatever comes now is text."""
        self._core.text_mode(ep)

    def resume_stream(self, ep: int) -> None:
        """v253: its stream runs already, from before this process: what comes from now on is sound. After `set_encoding`."""
        self._core.resume_stream(ep)

    # who hears what

    def set_hears(self, ep: int, sources: Iterable[int] | Mapping[int, float]) -> None:
        """Whom it hears from the next tick on, faded in 5 ms: a set, or source -> gain of -60..+12 dB. Never itself; unknown numbers are
        nobody. All gains of one call of this take effect in the same tick; the sum is saturated once."""
        weights = {source: _q12(db) for source, db in sources.items() if db != 0} if isinstance(sources, Mapping) else {}
        self._core.hears(ep, frozenset(sources), weights)

    def play(self, ep: int, sound: str | None, loop: bool = True, gain_db: float = 0.0) -> None:
        """What it hears from the box besides (a source: what it says), faded in and out in 5 ms; gain -60..+12 dB. Without loop its end
        is the event `play_end`."""
        if sound is not None and sound not in self._sounds:
            raise KeyError(f"no sound {sound!r}; there are {', '.join(sorted(self._sounds))}")
        self._core.play(ep, None if sound is None else self._sounds[sound], loop, _q12(gain_db))

    def load_sound(self, name: str, pcm: NDArray[np.int16]) -> None:
        """A sound for `play`; one of the same name is replaced from the next `play` on."""
        self._sounds[name] = Sound(np.ascontiguousarray(pcm, np.int16))

    def forget_sound(self, name: str) -> None:
        """`play` knows it no more; whoever hears it still hears its end."""
        self._sounds.pop(name, None)

    def sounds(self) -> list[str]:
        """The names that `play` knows."""
        return sorted(self._sounds)

    # recording

    def tap(self, left: int, right: Iterable[int] = frozenset()) -> int:
        """Begins a recording with the next tick: left is the customer's endpoint, right the sum of the agents'. At most 32 s wait."""
        return self._core.tap(left, frozenset(right))

    def set_tap(self, tap: int, right: Iterable[int]) -> None:
        """Other agents from the next tick on."""
        self._core.tap_right(tap, frozenset(right))

    def read_tap(self, tap: int) -> NDArray[np.int16]:
        """Frames (n, 2) that were not fetched yet; n is a multiple of 160, one 160 for each tick, skipped ones silent."""
        return self._core.tap_read(tap)

    def end_tap(self, tap: int) -> None:
        """Nothing is added after this; read what is left, then `free_tap`."""
        self._core.tap_end(tap)

    def free_tap(self, tap: int) -> None:
        self._core.tap_free(tap)

    def lost_frames(self, tap: int) -> int:
        """Frames that nobody fetched for 32 s. They are silence in what follows: the recording's time stays true."""
        return self._core.tap_lost(tap)

    # what happens

    def events(self) -> list[tuple[int, str, int]]:
        """(endpoint, what, tick) since last time, and quiets `event_fd`. What: `key:5` once a press, `busy_tone`, `congestion_tone`,
        `ringback_tone`, `dial_tone` each once a call (a call begins with `sound_on` or a stream), `fax_calling_tone`, `fax_answer_tone`,
        after `find_answer` `answered_by_person`, `answered_by_machine` (also after a person, by its beep), `beep`;
        `port_gone`, `port_error`, `play_end`. While sound should flow: `no_sound` (2 s without any from it; of a pcm port or line ring also
        nothing but zeros), `sound_not_taken` (2 s in which the port took none), `sound_again` (both flow again)."""
        return self._core.events()

    def level_dbfs(self, ep: int) -> tuple[float, float]:
        """(from it, to it), the mean of the last second."""
        inward, outward = self._core.power(ep)
        return dbfs(inward), dbfs(outward)

    def figures(self) -> Figures:
        """The tick's statistics and each endpoint's."""
        ports = {ep: PortFigures(**self._core.port(ep)) for ep in sorted(self._endpoints)}
        ran, late, skipped, p50, p99, p999, worst, work = self._core.ticks()
        underruns = self._gone_underruns + sum(p.underruns + p.underruns_out for p in ports.values())
        core = self._core
        return Figures(ran, late, skipped, p50, p99, p999, worst, work, underruns, core.real_time, core.locked, ports)
