"""Every parser of bytes that come from outside, as one list (A1, E5): `make test` runs each briefly, `make soak` under atheris.

A target is a function of bytes. It returns; or raises, and that is a defect: an exception that the parser does not document, a buffer or
an output that grows beyond its bound (Broken). Those that live in time are in fuzz_lines.py and fuzz_modems.py.
"""

import asyncio
import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from serial.rfc2217 import PortManager

from appliance.audio._detect import Detector
from appliance.audio._dle import Decoder, shield
from appliance.audio._dsp import decode_bytes
from appliance.audio.reference import unshielded
from appliance.base.errors import Refused
from appliance.base.ids import LineId, TenantId
from appliance.core.office import Office
from appliance.events.line import TextStored
from appliance.exchange._pace import Engine
from appliance.exchange.network import Network
from appliance.exchange.requests import Requests
from appliance.exchange.script import BadScript, Script
from appliance.exchange.serial_server import ControlLines, from_client
from appliance.exchange.server import _parsed, _reply
from appliance.exchange.wiring import Wiring
from appliance.flow.sounds import read_sound
from appliance.hw.at.chat import Chat, Command
from appliance.hw.at.dle import DleLifter
from appliance.hw.at.fields import fields, numbers
from appliance.hw.at.parser import LONGEST, LineParser
from appliance.hw.modems.gsm_call import cause_of, listed, plain
from appliance.hw.modems.v253_formats import formats, line_label
from appliance.messages import ussd
from appliance.messages.balance import amount_fen
from appliance.messages.inbox import Inbox
from appliance.messages.pdu import LONG_AT_MOST, BadPdu, Part, Report, read, submits, text_of
from appliance.messages.templates import filled, places
from appliance.simulate import calls_file, scenario
from appliance.store import verify
from appliance.store.entry import GENESIS, entry_of, entry_of_row, event_of
from appliance.store.head import read_head
from appliance.store.packed import PackedSound
from appliance.store.witness import Witnesses, judged
from appliance.web.api import calls, custody, messages, prompts, recordings, seats
from appliance.web.ask import Ask, Sentence
from appliance.web.ranges import asked_part
from appliance.web.seat_socket import Answer, Hostile, Page, json_object
from appliance.web.seat_strangers import same_host
from firmware_cfg.check import examine_tones, known, parse
from firmware_cfg.findings import Finding
from tests.support.fuzz_lines import FAMILIES, Broken, a_line, must
from tests.support.fuzz_modems import MODEMS, a_modem

FuzzTarget = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """`share`: of the soak's inputs, as a weight; fast parsers get more. `short`: changed inputs in `make test`."""

    name: str
    run: FuzzTarget
    share: int
    short: int


# ---- a modem's bytes --------------------------------------------------------------------------------------------------------------


def pieces(data: bytes) -> list[bytes]:
    """Cut where 0xFE stands, as a wire cuts."""
    return data.split(b"\xfe")


def at_lines(data: bytes) -> None:
    parser = LineParser()
    for piece in pieces(data):
        for line in parser.feed(piece):
            must(0 < len(line) <= LONGEST and line.isascii() and line.isprintable(), f"no line: {line!r}")
        must(len(parser._rest) <= LONGEST, "what is kept of a line has no end")
    must(parser.noise <= len(data), "more noise than bytes")


def at_chat(data: bytes) -> None:
    """Lines and time against commands: each command is told its end once, and none is left for ever."""
    told: list[int] = []
    silent: list[bool] = []
    chat, now = Chat(lambda: silent.append(True)), 0
    texts = (("AT+CLCC", "+CLCC:"), ("ATA", ""), ("AT+CMGL=4", "+CMGL:"), ("AT+CGSN", "*"))
    sent = 0
    for piece in pieces(data):
        kind, rest = piece[:1], piece[1:]
        if kind == b"!" and sent < 40:
            text, prefix = texts[(rest[0] if rest else 0) % 4]
            command = Command(text, prefix=prefix, finals=frozenset({"NO CARRIER"}), good=frozenset({"CONNECT"}))
            command.then = lambda _reply, number=sent: told.append(number)  # type: ignore[misc]
            chat.send(command, now, urgent=len(rest) > 1)
            sent += 1
        elif kind == b".":
            now += 50 * (rest[0] if rest else 1)
            chat.touch(now)
            chat.tick(now)
        else:
            for line in piece.decode("latin-1").splitlines():
                chat.feed(line, now)
        must(len(chat._queue) <= sent and len(chat.take_writes()) <= 2 * sent + 10, "commands out of nothing")
        if chat._flying is not None:
            must(len(chat._flying.lines) <= 600, "an answer without end")
    for _ in range(12 * (sent + 1)):
        if chat.deadline_ms is not None:
            now = max(now, chat.deadline_ms)
            chat.tick(now)
    must(len(told) == len(set(told)), "an end told twice")
    must(chat.idle or silent, "a command that never ends")


def at_fields(data: bytes) -> None:
    text = data.decode("latin-1")
    with contextlib.suppress(ValueError):
        found = fields(text)
        must(sum(map(len, found)) <= len(text), "fields out of nothing")
    with contextlib.suppress(ValueError):
        must(all(abs(one) < 1_000_000 for one in numbers(text, least=1)), "a number without end")
    with contextlib.suppress(ValueError):
        listed(text)
    lines = text.splitlines()
    must(cause_of(lines) in ("busy", "no_answer", "far", "refused", "congestion"), "no word of an end")
    plain(text)


def voice_formats(data: bytes) -> None:
    lines = data.decode("latin-1").splitlines()
    for one in formats(lines):
        must(one.encoding in ("ulaw", "alaw", "signed16", "unsigned8") and 0 <= one.code < 10_000, f"no format: {one}")
    must(0 <= line_label(lines) < 10_000, "no position of a line")


def dle_text(data: bytes) -> None:
    """Cut anywhere, the same comes out."""
    whole = DleLifter().feed(data.replace(b"\xfe", b""))
    lifter = DleLifter()
    cut: list[bytes | str] = []
    for piece in pieces(data):
        cut += lifter.feed(piece)
    joined = [b"".join(part for part in found if isinstance(part, bytes)) for found in (whole, cut)]
    must(joined[0] == joined[1], "text depends on the cuts")
    must([part for part in whole if isinstance(part, str)] == [part for part in cut if isinstance(part, str)], "events depend on the cuts")
    must(all(len(part) == 1 for part in whole if isinstance(part, str)), "an event of two letters")


def dle_sound(data: bytes) -> None:
    """The audio thread's decoder beside the plain one, and the way back."""
    flat = data.replace(b"\xfe", b"")
    sound, events, used = unshielded(flat)
    decoder, got, letters, taken = Decoder(), b"", b"", 0
    for piece in pieces(data):
        part, codes, size = decoder.feed(piece)
        got, letters, taken = got + part, letters + codes, taken + size
        if codes.endswith(b"\x03"):
            break
    must((got, letters) == (sound, events) and taken - used in (0, 1), "the decoders differ")
    must(unshielded(shield(flat)) == (flat, b"", len(shield(flat))), "shielded sound does not come back")


def sound(data: bytes) -> None:
    """Bytes of a line as sound: tones and keys heard in it."""
    for encoding in ("ulaw", "alaw"):
        pcm = decode_bytes(encoding, data)
        must(len(pcm) == len(data), "samples out of nothing")
    whole = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
    if not len(whole):
        return
    told = Detector().feed(np.tile(whole, max(1, min(40, 3200 // len(whole)))))
    must(len(told) <= 200, "tones without end")


# ---- short messages ---------------------------------------------------------------------------------------------------------------


def message_pdu(data: bytes) -> None:
    for text in (data.hex(), data.decode("latin-1")):
        try:
            got = read(text)
        except BadPdu:
            continue
        must(len(msgspec.msgpack.encode(got)) < 2_000, "a part larger than a part")
        if isinstance(got, Report):
            must(0 <= got.reference < 256 and len(got.to) <= 21, "no report")
            continue
        must(1 <= got.number <= got.total < 256, "no number of a part")
        must(not got.at or datetime.fromisoformat(got.at).tzinfo is not None, f"no time: {got.at}")
        must(len(text_of([got])) <= 160, "a text longer than its part")


def message_inbox(data: bytes) -> None:
    """Parts in any order and places: each message is told, once, and nothing is kept without bound."""
    inbox, now, told = Inbox(), 0, 0
    for number, piece in enumerate(pieces(data)):
        now += 1_000
        fact = TextStored(at_ms=now, line=LineId("l1"), store="SM", index=number % 50, pdu=piece.hex().upper())
        inbox.take(now, fact)
        for one in list(inbox.due(now)):
            told += 1
            must(len(msgspec.msgpack.encode(one)) < 70_000, "a message without end")
            inbox.take(now, one)
        must(len(inbox.slots) <= 50 and len(inbox._open) <= 500, "kept without bound")
    for one in list(inbox.due(now + 25 * 3600 * 1000)):
        told += 1
        inbox.take(now, one)
    must(not inbox._open and told <= len(pieces(data)), "parts that are never told")


def message_text(data: bytes) -> None:
    """What is to be sent: parts that a receiver reads as the text that was written."""
    text = data.decode("utf-8", "replace")
    places(text)
    with contextlib.suppress(Refused):
        filled(text, dict.fromkeys(places(text)[:3], "1"))
    try:
        parts = submits("13800138000", text, len(data))
    except ValueError:
        return
    must(1 <= len(parts) <= LONG_AT_MOST, "too many parts")
    read_back: list[Part] = []
    for pdu in parts:
        raw = bytes.fromhex(pdu)
        first = raw[1]
        # a SUBMIT as the network turns it round: DELIVER, no reference, a time instead of the validity
        deliver = bytes([0, (first & 0x40) | 0x04]) + raw[3:13] + bytes.fromhex("62705041503223") + raw[14:]
        part = read(deliver[:12].hex() + deliver[12:].hex())
        assert isinstance(part, Part)
        read_back.append(part)
    must(text_of(read_back) == text, "another text comes than was written")


def message_answers(data: bytes) -> None:
    """A network's answer by USSD, and the amount in it, by our own patterns and one that takes anything."""
    coding, said = (data[0], data[1:].decode("utf-8", "replace")) if data else (15, "")
    for in_hex in (False, True):
        text = ussd.text_of(said, coding, in_hex)
        must(len(text) <= 2 * len(said), "words out of nothing")
        for pattern in ("", r"([-+.\w]+)"):
            fen = amount_fen(text, pattern)
            must(fen is None or abs(fen) < 10**12, f"no amount: {fen}")


# ---- configuration ----------------------------------------------------------------------------------------------------------------


def configuration(data: bytes) -> None:
    path = _scratch() / "tones.toml"
    path.write_bytes(data)
    found: list[Finding] = []
    for document, findings in (parse(data, "box.toml", _known()), examine_tones(path)):
        must((document is None) == bool(findings), "neither a document nor a finding")
        found += findings
    for finding in found:
        text = str(finding)
        must(text.isprintable() and len(text) < 2_000, f"not one clear line: {text[:200]!r}")


@cache
def _known() -> Any:
    return known()


def calls_csv(data: bytes) -> None:
    path = _scratch() / "calls.csv"
    path.write_bytes(data)
    made, findings = calls_file.calls(path, Office((), ()), [])
    must(len(made.at) <= len(data) and len(findings) <= 20, "calls out of nothing")
    values, findings = calls_file.durations(path)
    must(len(values) <= len(data), "durations out of nothing")
    for finding in findings:
        must(str(finding).isprintable(), f"not one clear line: {str(finding)[:200]!r}")


@cache
def _scratch() -> Path:
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = tempfile.TemporaryDirectory(prefix="seatbox-fuzz-", dir=place)
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[object] = []


def scenario_file(data: bytes) -> None:
    path = _scratch() / "scenario.toml"
    path.write_bytes(data)
    office, findings = scenario.read(path)
    must((office is None) == bool(findings), "neither an office nor a finding")
    for finding in findings:
        must(str(finding).isprintable(), f"not one clear line: {str(finding)[:200]!r}")


def prompt_upload(data: bytes) -> None:
    """A sound file as an administrator uploads it."""
    with contextlib.suppress(Refused):
        must(len(read_sound(data)) <= 600 * 8_000, "longer than ten minutes")


# ---- recordings and the journal ---------------------------------------------------------------------------------------------------


def packed_recording(data: bytes) -> None:
    path = _scratch() / "one.flac"
    path.write_bytes(data)
    try:
        packed = PackedSound(path)
    except OSError:
        return
    try:
        for at in (0, 40, 44, 1_000, max(0, packed.size - 10)):
            must(len(packed.read(4_000, at)) <= 4_000, "more than was asked for")
    finally:
        packed.close()


def journal_entries(data: bytes) -> None:
    """Entries with a true chain and any body: whoever writes the whole journal anew can do that. Pieces are bodies."""
    witnesses, before = Witnesses(), GENESIS
    heads, deletions = verify.Heads({}), verify.Deletions()
    folder = _scratch() / "recordings"
    folder.mkdir(exist_ok=True)
    (folder / "c1.wav").write_bytes(b"RIFF" + bytes(200))
    found: list[str] = []
    for number, body in enumerate(data.split(b"\xfe\xfe"), 1):
        fact = event_of("RecordingBlock", body, 0, TenantId("own"))
        row = (number, "boot", 0, 0, 1, "own", "RecordingBlock", body, bytes(32))
        must(verify._link(row, number - 1, before) is not None, "a hash of zeros follows")
        entry = entry_of_row(row)
        found += [*heads.take(entry), *deletions.take(entry)]
        witness = witnesses.take(entry)
        if witness is not None:
            judged(witness, folder)
        with contextlib.suppress(OverflowError):
            before = entry_of(fact, before, number, "boot", 0, True).hash
    for witness in witnesses.still_open():
        judged(witness, folder, size_before=10)


def journal_file(data: bytes) -> None:
    """`seatbox verify` of a state directory whose journal is these bytes: it says what is wrong, in lines."""
    state = _scratch() / "state"
    (state / "recordings").mkdir(parents=True, exist_ok=True)
    (state / "journal.db").write_bytes(data)
    (state / "head").write_bytes(data[-86:])
    read_head(state / "head")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = verify.main(state)
    must(code in (0, 1), "no verdict")
    must(code == 1 or "verify: all holds" in said.getvalue(), "a verdict without a word")
    must(len(said.getvalue()) < 1_000_000, "a report without end")


# ---- what pages and programs send ---------------------------------------------------------------------------------------------------


class _NoSocket:
    async def send(self, message: str | bytes) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


def seat_socket(data: bytes) -> None:
    """Messages of a browser seat, text and sound."""
    page = Page("s1", _NoSocket(), 0.0)
    for number, piece in enumerate(pieces(data)):
        page.ping()
        now = 0.005 * number
        message: str | bytes = piece[1:] if piece[:1] == b"=" else piece.decode("utf-8", "replace")
        try:
            heard = page.receive(message, now)
        except Hostile as wrong:
            must(4000 <= wrong.code < 5000 and len(wrong.why.encode()) < 120, "no close code")
            break
        if isinstance(heard, Answer):
            must(0 <= heard.underruns < 2**31 and 0 <= heard.buffer_ms < 2**31, "no answer")
    with contextlib.suppress(Hostile):
        json_object(data)
    with contextlib.suppress(Hostile):
        json_object(data.decode("utf-8", "surrogateescape"))


_BODIES = (
    calls.SuperviseBody, custody.ProposalBody, messages.MessageBody, messages.OptBody, prompts.TextBody, recordings.ExemplaryBody,
    seats.LogInBody, seats.PauseBody, seats.MuteBody, seats.KeyBody, seats.NextBody, seats.TransferBody, seats.ReasonBody, seats.NoteBody,
)  # fmt: skip


class _Request:
    """As much of a request as its body needs: the transport's part, no code of ours."""

    def __init__(self, data: bytes) -> None:
        self.state, self.headers = SimpleNamespace(), {"content-type": "application/json"}
        self._data = data

    async def stream(self) -> Any:
        for at in range(0, len(self._data), 1_000):
            yield self._data[at : at + 1_000]


def http_body(data: bytes) -> None:
    """A JSON body or a form as each call of the interface takes it: a struct, or a sentence for who sent it."""
    ask = Ask(_Request(data[1:]), None, None, None, None, lambda: True)  # type: ignore[arg-type]
    kind: Any = _BODIES[data[0] % len(_BODIES)] if data else _BODIES[0]
    for take in (lambda: ask.body(kind), lambda: ask.body(dict[str, Any]), ask.form):
        try:
            taken = _now(take())
        except Sentence as sentence:
            must(400 <= sentence.status < 500, "no fault of the asker's")
        else:
            if isinstance(taken, dict):
                must(len(taken) <= len(data), "fields out of nothing")


def http_headers(data: bytes) -> None:
    text = data.decode("latin-1")
    part = asked_part(text, 1_000)
    must(part is None or (0 <= part[0] <= 1_000 and 0 <= part[1] <= 1_000), f"no part: {part}")
    same_host([text], [text[8:]], secure=True)


def _now(coroutine: Any) -> Any:
    """The result of one that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise Broken("it waits")


# ---- the simulated exchange ---------------------------------------------------------------------------------------------------------


class _Exchange:
    def __init__(self) -> None:
        folder = _scratch() / "exchange"
        (folder / "sounds").mkdir(parents=True)
        (folder / "heard").mkdir()
        self.network = Network(folder / "heard", lambda: datetime.fromisoformat("2026-07-05T14:05:00+00:00"))
        self.wiring = Wiring(self.network, Engine())
        self.wiring.add("l1", "sim7600", "13800000001", [folder / "l1", folder / "l1-audio"])
        self.wiring.add("l2", "v253", "13800000002", [folder / "l2"])
        self.requests = Requests(self.network, self.wiring, folder / "sounds")
        self.loop = asyncio.new_event_loop()


@cache
def _exchange() -> _Exchange:
    return _Exchange()


def exchange_control(data: bytes) -> None:
    """Lines of JSON at the exchange's socket: each is answered by one line that JSON can read."""
    exchange = _exchange()
    for line in data.split(b"\n"):
        request = _parsed(line)
        status, answer = 400, {"error": "a request is one line of JSON"}
        if request is not None:
            status, answer = exchange.loop.run_until_complete(exchange.requests.ask(request))
        reply = _reply(status, answer)
        json.loads(reply.split(b"\n")[0])
        must(isinstance(answer, bytes) or len(reply) < 20_000 + 10 * len(data), "an answer without end")
    network = exchange.network
    for call in list(network.calls.values()):
        network.hang_up(call, 0)
    network.calls.clear()
    network.phones.clear()
    network._waiting.clear()
    for wire in exchange.wiring.wires.values():
        trunk = wire.trunk
        must(abs(trunk.ppm) <= 100_000, f"no drift: {trunk.ppm}")


def exchange_script(data: bytes) -> None:
    with contextlib.suppress(BadScript):
        must(len(Script(data.decode("utf-8", "replace")).steps) <= len(data), "steps out of nothing")


class _Sink:
    """The transport's part of a writer."""

    def write(self, data: bytes) -> None: ...


def serial_server(data: bytes) -> None:
    """A client of a modem by RFC 2217."""
    trunk = _exchange().wiring.wires["l2"].trunk
    manager, typed = PortManager(ControlLines(trunk), _Sink()), 0
    for piece in pieces(data):
        got = from_client(manager, piece)
        if got is None:
            break
        typed += len(got)
        must(len(manager.suboption or b"") <= 256, "a subnegotiation without end")
    must(typed <= len(data), "bytes out of nothing")


# ---- the list -----------------------------------------------------------------------------------------------------------------------

TARGETS: tuple[Target, ...] = (
    Target("at_lines", at_lines, 900, 4000),
    Target("at_chat", at_chat, 1800, 2000),
    Target("at_fields", at_fields, 600, 4000),
    Target("voice_formats", voice_formats, 600, 4000),
    Target("dle_text", dle_text, 700, 4000),
    Target("dle_sound", dle_sound, 250, 4000),
    Target("sound", sound, 100, 1000),
    Target("message_pdu", message_pdu, 600, 4000),
    Target("message_inbox", message_inbox, 100, 1000),
    Target("message_text", message_text, 80, 1000),
    Target("message_answers", message_answers, 200, 1000),
    Target("configuration", configuration, 50, 1000),
    Target("calls_csv", calls_csv, 60, 1000),
    Target("packed_recording", packed_recording, 60, 1000),
    Target("journal_entries", journal_entries, 60, 1000),
    Target("journal_file", journal_file, 5, 300),
    Target("seat_socket", seat_socket, 400, 3000),
    Target("http_body", http_body, 1200, 1000),
    Target("http_headers", http_headers, 2500, 4000),
    Target("exchange_control", exchange_control, 50, 1000),
    Target("serial_server", serial_server, 300, 1000),
    Target("scenario_file", scenario_file, 30, 1000),
    Target("prompt_upload", prompt_upload, 30, 300),
    Target("exchange_script", exchange_script, 800, 1000),
    *(Target(f"line_{family}", a_line(family), 3, 150) for family in FAMILIES),
    *(Target(f"modem_{kind}", a_modem(kind), 20, 500) for kind in MODEMS),
)
BY_NAME = {target.name: target for target in TARGETS}
