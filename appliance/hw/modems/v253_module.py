"""An analog voice modem apart from its calls: start-up, what it offers, into and out of a stream (A1). Source: ITU-T V.253."""

import re
from collections.abc import Generator
from typing import Final

from appliance.base.ids import LineId
from appliance.events.line import LineFormat
from appliance.hw.at.chat import CALL_ENDS, Command, Reply
from appliance.hw.at.dle import DleLifter
from appliance.hw.dialect import Dialect, Kept, Profile, Quiet, Script, SoundStop, Wait, Wish
from appliance.hw.modems.v253_formats import SoundFormat, best_format, line_label

STREAM_ENDS_MS: Final = 1_000
POLL_MS: Final = 10_000
ENDS_STREAM: Final = (b"\x00\x10\x5e", b"\x10\x10\x10\x5e", b"\x10\x10\x10\x03", b"\x10\x18\x10\x03")
# left by a box that died: receive, transmit and two-way streams, then a CR for a half-typed line
LEAVES_ANY_STREAM: Final = b"\x00\x10\x18\x10\x03\x10\x5e\x10\x21\x10\x10\x10\x5e"
STALE_MS: Final = 100  # what the port held while nobody read
LISTEN_MS: Final = 200
STREAM_BYTES: Final = LISTEN_MS * 8 // 2  # a stream has 8 or 16 bytes a ms; half of the one is no text and no noise
HEAD: Final = ("ATE0", "ATV1Q0", "ATS0=0", "AT&D0")


class V253Module(Dialect):
    """One port: text and events outside a stream, sound and events inside; the audio thread takes the sound out."""

    def __init__(self, line: LineId, profile: Profile, now_ms: int) -> None:
        super().__init__(line, profile, now_ms)
        self.format: SoundFormat | None = None
        self._encoding = ""  # of its streams
        self._label = 1
        self._streaming = False
        self._etx = False  # the stream's end passed
        self._off_hook = False
        self._lifter = DleLifter()
        self._listened: int | None = None  # bytes that came while we only listen

    def feed(self, data: bytes, now_ms: int) -> None:
        """Text and events; a pair of DLE may be split anywhere."""
        if self._listened is not None:
            self._at(now_ms)
            self._listened += len(data)
            return
        for part in self._lifter.feed(data):
            if isinstance(part, bytes):
                super().feed(part, now_ms)
            else:
                self._at(now_ms)
                if self.mood != "closed":
                    self._event(part)
                    self._listen_for_noise(2)

    def _event(self, letter: str) -> None:
        raise NotImplementedError

    # into service

    def _start_up(self) -> Script:
        """A stream that a box left running is ended, the line put on-hook: then the modem is asked what it can do."""
        self._lifter.reset()
        self._streaming = False
        kept, self.kept = self.kept, None
        if kept is not None and kept.encoding:
            streams = yield from self._listen()
            if streams or (yield from self._is_off_hook()):
                yield from self._take_up(kept, streams)
                return
        self._unprepared = False
        yield Command("", raw=LEAVES_ANY_STREAM, limit_ms=300, resync=False)
        yield Quiet(300)
        if not (yield from self._wake()):
            self._went_silent()
            return
        yield Command("ATH")
        for text in HEAD + self.profile.init:
            yield Command(text)
        reply = yield Command("AT+FCLASS=8")
        if not reply.ok:
            self._give_up("the modem has no voice mode (AT+FCLASS=8 was refused): another modem is needed", climb=False)
            return
        yield Command("AT+VCID=1")
        yield from self._choose_format()
        if self.format is None:
            return
        reply = yield Command("AT+VLS=?", prefix="*")
        self._label = line_label(reply.lines)
        reply = yield Command("AT+VLS=0")
        if not reply.ok:
            yield Command("ATH")
            yield Command("AT+FCLASS=8")
        self._off_hook = False
        self._into_service()

    def _listen(self) -> Generator[Wish, Reply, bool]:
        """True where a voice stream runs. Nothing is sent: in a stream it would be played to the caller."""
        self._listened = 0
        yield Wait(STALE_MS)
        self._listened = 0
        yield Wait(LISTEN_MS)
        found, self._listened = self._listened, None
        self._lifter.reset()
        return found >= STREAM_BYTES

    def _is_off_hook(self) -> Generator[Wish, Reply, bool]:
        """The box ended between going off-hook and the stream's begin; no stream runs, so text is heard by nobody."""
        reply = yield Command("AT+VLS?", prefix="*", limit_ms=1_000, resync=False)
        return reply.ok and any(re.match(r"(\+VLS: ?)?0*[1-9]", line) for line in reply.lines)

    def _take_up(self, kept: Kept, streams: bool) -> Script:
        raise NotImplementedError

    def _choose_format(self) -> Script:
        self.format = None
        reply = yield Command("AT+VSM=?", prefix="*")
        found = best_format(reply.lines, self.profile)
        if found is None:
            self._give_up("the modem offers no sound format that the box knows (AT+VSM=?)", climb=False)
            return
        reply = yield Command(f"AT+VSM={found.code},8000")
        if not reply.ok:
            reply = yield Command(f"AT+VSM={found.code},8000,0,0")
        if not reply.ok:
            self._give_up(f"the modem refused its own sound format {found.code} (AT+VSM)", climb=False)
            return
        self.format = found
        if self._encoding != found.encoding:
            self._encoding = found.encoding
            self._tell(LineFormat, encoding=found.encoding)

    def _into_service(self) -> None:
        self._after("poll", POLL_MS, self._poll)
        self._become_idle()

    def _poll(self) -> None:
        """Is it alive? Not while a caller ID may come: a typing host silences the modem's reports."""
        if self.mood == "idle":
            self._after("poll", POLL_MS, self._poll)
            self._send(Command("AT", limit_ms=1_000))

    def _leave_stream(self) -> Script:
        """The triple form is for chips that miss the single one."""
        if not self._streaming:
            return
        self._etx = False
        for ending in ENDS_STREAM:
            reply = yield Command(
                "", raw=ending, shielded=True, limit_ms=STREAM_ENDS_MS, good=frozenset({"VCON"}), finals=CALL_ENDS, resync=False
            )
            if reply.final or self._etx:
                break
        self._streaming = False
        self._sound.append(SoundStop())  # whatever comes now is text, even where the modem never said so

    def _on_hook(self) -> Script:
        """Out of the stream, then off the line."""
        yield from self._leave_stream()
        if not self._off_hook:
            return
        for text in ("AT+VLS=0", "ATH", "AT+VLS=0"):
            reply = yield Command(text)
            if reply.ok:
                break
        else:
            self._give_up("the modem will not hang up")
            return
        if text == "ATH":
            yield Command("AT+FCLASS=8")  # some chips leave voice mode with ATH
        self._off_hook = False
