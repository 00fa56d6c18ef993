"""What the fuzzing begins with: dialogues of tests/corpora, a few honest inputs, and what was found before (tests/corpora/fuzz/TARGET)."""

import io
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from appliance.exchange.modems.sms import delivers, report
from tests.support.fuzz_lines import HEARD, ORDERS
from tests.support.hw_twin import ANSWERS, CORPORA

FOUND = CORPORA / "fuzz"
ORDER = {type(order).__name__: number for number, order in enumerate(ORDERS)}
_STAMP = datetime(2026, 11, 27, 14, 9, tzinfo=UTC)


def seeds(name: str) -> list[bytes]:
    """In a fixed order."""
    return [*dict.fromkeys((*_kept(name), *_honest(name)))]


def _kept(name: str) -> Iterator[bytes]:
    folder = FOUND / name
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield path.read_bytes()


@cache
def dialogues() -> dict[str, list[bytes]]:
    """Each dialogue as pieces for a line."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(CORPORA.glob("*.txt")):
        out: list[bytes] = []
        last = 0.0
        for line in path.read_text("utf-8").splitlines():
            match = re.match(r"\s*([0-9.]+) ([<x!?]) (.*)", line.split(" # ")[0])
            if match is None:
                continue
            at, kind, text = float(match[1]), match[2], match[3].strip()
            if at > last:
                out.append(b"." + min(65_535, int((at - last) * 250)).to_bytes(2, "little"))
                last = at
            if kind == "<":
                out.append(f"\r\n{text}\r\n".encode())
            elif kind == "x":
                out.append(bytes.fromhex(text))
            elif kind == "!":
                out.append(b"!" + bytes([ORDER.get(text.split()[0], 0)]))
            elif kind == "?" and text in HEARD:
                out.append(b"?" + bytes([HEARD.index(text)]))
        found[path.stem] = out
    return found


def _lines_of_dialogues() -> list[str]:
    told = [piece.decode("latin-1").strip() for pieces in dialogues().values() for piece in pieces if piece[:2] == b"\r\n"]
    return list(dict.fromkeys([*told, *(line for answer in ANSWERS.values() for line in answer)]))


def _honest(name: str) -> list[bytes]:
    if name.startswith("line_"):
        family = name[5:]
        own = [b"\xfe".join(pieces) for stem, pieces in dialogues().items() if stem.startswith(family)]
        common = [
            b"\xfe".join(pieces) for stem, pieces in dialogues().items() if stem.startswith("gsm") and family not in ("v253", "rockwell")
        ]
        return (
            own
            + common
            + [
                b"~\x00\xfe.\x10\x27\xfe~\x01",
                b"~\x02\xfe.\xff\xff\xfe~\x03",
                b"!\x06\xfe.\xff\x10",
                b"!\x01\xfe.\x40\x40\xfe!\x02",
                *_floods(),
            ]
        )
    if name.startswith("modem_"):
        return _typed(name[6:])
    make = globals().get(f"_{name}")
    return make() if make is not None else [b""]


def _floods() -> list[bytes]:
    """More of one thing than a modem ever says."""
    ring, long = b"\r\nRING\r\n", b"9" * 25
    return [
        ring + b"\xfeNO CARRIER\r\n\xfe.\xff\x00\xfe~\x02\xfe" + ring + b"\xfe" + b"NO CARRIER\r\n" * 300,
        b"!\x01\xfe.\xff\x00\xfe" + b"BUSY: 1\r\n" * 3,
        b"~\x02\xfe!\x06\xfe\r\n> \xfe\r\n+CMGS: " + long + b"\r\n\r\nOK\r\n",
        b'~\x02\xfe+CMTI: "SM",1\r\n\xfe.\x40\x00\xfeOK\r\n\xfe+CMGL: '
        + long
        + b",0,,24\r\n0891683108200105F0240BA13108108300F0\r\nOK\r\n",
        ring + b"\xfe!\x00\xfe.\xff\x00\xfe" + b"+RXDTMF: 5\r\n" * 300,
        ring + b"\xfe!\x00\xfe.\xff\x00\xfe" + b"\x105" * 300,
        b'!\x08\xfe.\xff\x00\xfe+CUSD: 0,"x\r\ny",' + long + b"\r\n",
        b'!\x08\xfe.\xff\x00\xfe+CUSD: 1,"' + b"x" * 900 + b"\r\n" * 3 + b'",72\r\n',
        b"RDY\r\n" * 100 + b"\xfe" + b"+CPIN: NOT READY\r\n" * 20,
    ]


def _typed(kind: str) -> list[bytes]:
    texts = {
        "v253": (
            "AT+FCLASS=8", "AT+VLS=1", "AT+VSM=?", "AT+VTR", "ATDT13912345678;", "AT+VTS={5,20},[941,1336,10]", "AT+VCID=2", "ATS0=1",
        ),
    }.get(
        kind,
        ("ATE0V1", "AT+CMEE=2", 'AT+CPMS="SM","SM","SM"', "AT+CMGL=4", "ATD13912345678;", "ATA", "AT+CHUP", "AT+CLCC", "AT+CLIP=1;+CRC=1",
         "AT+CFUN=1,1", "AT+CNMI=2,1,0,1,0", "AT+COPS=?", 'AT+CSCS="UCS2"', "AT+CMGR=1", "AT+CMGD=1,4", "AT+VTS=5", "A/", "AT+AUTOCSQ=1,1",
         "AT+CPCMREG=1", "AT^DDSETEX=2", "AT+QPCMV=1,0", 'AT+QINDCFG="ccinfo",1', "AT^DSCI=1", "AT+CLCC=1", "AT+CUSD=1,*100#"),
    )  # fmt: skip
    lines = [text.encode() + b"\r" for text in texts]
    pause = b".\x40\x02"
    script = b"\xfe".join(one for line in lines for one in (line, pause))
    message = b"\xfe".join((b"AT+CMGS=18\r", b".\x10\x00", b"0011000B813108108300F00008A7044F60597D\x1a", b".\x00\x02"))
    calls = b"\xfe".join((b"!\x00", pause, b"ATA\r", pause, b"!\x04", pause, b"!\x03", pause, b"!\x05", b"!\x06", b"!\x07"))
    floods = [b"AT+CMGS=18\r\xfe.\x10\x00\xfe" + b"0" * 7000, b"AT+AUTOCSQ=1,1\r\xfe.\x40\x00\xfe" * 60, b"AT+COPS=?\rAT\r" + b"x" * 7000]
    return [script, message, calls, *floods, *lines]


def _at_lines() -> list[bytes]:
    return [
        b"".join(f"\r\n{line}\r\n".encode() for line in _lines_of_dialogues()[:40]),
        b"AT+CLIP=1\r\r\nOK\r\n\xfe\x00\xff\r\n> ",
        b"x" * 2100 + b"\n",
    ]


def _at_chat() -> list[bytes]:
    return [
        b"!\x00\xfe+CLCC: 1,1,0,0,0\nOK",
        b"!\x01x\xfe!\x02\xfe.\xff\xfeNO CARRIER\xfe.\x10\xfeOK\xfe.\xff",
        b"!\x03\xfe.\xff\xfe.\xff\xfe.\xff\xfe.\xff",
    ]


def _at_fields() -> list[bytes]:
    return [line.partition(":")[2].strip().encode() for line in _lines_of_dialogues() if ":" in line] + [
        b'1,,"a,b"',
        b"+CEER: 5,17",
        b"00310033003800300030",
    ]


def _voice_formats() -> list[bytes]:
    return ["\n".join(answer).encode() for answer in ANSWERS.values()] + [b'+VSM: 128,"8-BIT LINEAR",8,(7200,8000-11025)']


def _dle_text() -> list[bytes]:
    return [
        b"\r\nOK\r\n\x10R\xfe\x10\xfe5\x10\x10\x10\x1a\r\nVCON\r\n",
        *(b"".join(p) for s, p in dialogues().items() if s.startswith("v253")),
    ]


def _dle_sound() -> list[bytes]:
    return [b"\x80\x10\x10\x90\x10\x1a\x10b\xfe\x10\xfe\x03OK", b"\x10" * 9, bytes(range(256))]


def _sound() -> list[bytes]:
    t = np.arange(400) / 8000
    keys = [(np.sin(2 * np.pi * a * t) + np.sin(2 * np.pi * b * t)) * 6000 for a, b in ((697, 1209), (941, 1477), (450, 450), (450, 0))]
    return [key.astype("<i2").tobytes() for key in keys]


def _message_pdu() -> list[bytes]:
    found = [
        pdu
        for text in ("Hello {}", "您的报修已受理，工单号 20261127，请保持电话畅通。" * 4, "x" * 200)
        for pdu in delivers("+8613912345678", text, _STAMP, 7)
    ]
    return [bytes.fromhex(pdu) for pdu in (*found, report("13912345678", 9, _STAMP))] + [found[0].encode()]


def _message_inbox() -> list[bytes]:
    parts = [bytes.fromhex(pdu) for pdu in delivers("13912345678", "一二三四五六七八九十" * 20, _STAMP, 3)]
    return [b"\xfe".join(parts), b"\xfe".join(reversed(parts)), b"\xfe".join(parts[:2] * 3)]


def _message_answers() -> list[bytes]:
    return [b"\x0f" + "您的余额为35.20元".encode(), b"\x48" + b"60A87684", b"\x111e999", b"\x0f" + b"9" * 400, b"\x00AA180C3602"]


def _message_text() -> list[bytes]:
    return ["您好 {ticket} 😀😀".encode(), b"[{}]~^|\\ Hello", "é".encode() * 90, "😀".encode() * 60, b"x" * 161, b"{a}{b}"]


def _configuration() -> list[bytes]:
    import firmware_cfg

    folder = Path(firmware_cfg.__file__).parent
    small = b'name = "x"\n[[queue]]\nid = "q"\nwiden = [{ after_s = 3, lower = 1 }]\n[[line]]\nid = "l1"\n'
    small += b'dialect = "gsm"\nport = "/dev/x"\nnumber = "1"\nqueue="q"\n'
    return [
        small,
        (folder / "factory.toml").read_bytes()[:4000],
        *(path.read_bytes() for path in sorted((folder / "tones").glob("*.toml"))),
        b"a.b.c = [1, {x = 1979-05-27T07:32:00Z}]\n\"q\".'r' = '''t'''\n",
        b"[recording]\nkeep_days = nan\n",
        b"a" + b".a" * 3000 + b" = 1\n",
    ]


def _calls_csv() -> list[bytes]:
    return [
        b"t_s,talk_s,queue\n0,60,q\n1.5,60.25,q\n",
        b't_s,talk_s,patience_s,priority\n0,1,,3\n"1",2,5,\n',
        b"12\n3.5\n\n1e3\n",
        b"seconds\n5\n",
    ]


def _packed_recording() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.flac"
        soundfile.write(path, np.zeros((400, 2), np.int16), 8000, "PCM_16", format="FLAC")
        return [path.read_bytes(), b"fLaC", b"RIFF" + bytes(40)]


def _journal_entries() -> list[bytes]:
    from appliance.events.call import CallStarted
    from appliance.events.recording import RecordingBegan, RecordingBlock, RecordingSealed

    encode = msgspec.msgpack.encode
    base = {"at_ms": 1}
    began = RecordingBegan(**base, call="c1", path="c1.wav", rate_hz=8000, channels=2)
    block = RecordingBlock(**base, call="c1", index=0, offset=0, size=100, blake2b="00" * 32)
    sealed = RecordingSealed(**base, call="c1", size=204, seconds=0.02, sha256="00" * 32, blocks="00" * 32)
    started = CallStarted(**base, call="c1", direction="in", line="l1")
    nul = RecordingBegan(**base, call="c1", path="c\0.wav")
    vast = RecordingBlock(**base, call="c1", index=1, offset=44, size=2**50, blake2b="00" * 32)
    head = RecordingBlock(**base, call="c1", index=0, offset=0, size=44, blake2b=blake2b(b"RIFF" + bytes(40), digest_size=32).hexdigest())
    last = RecordingBlock(**base, call="c1", index=2, offset=100, size=4, blake2b="00" * 32)
    deep = b"\x82\xa4type\xabCallStarted\xa1x" + b"\x91" * 3000
    odd = [encode(nul) + b"\xfe\xfe" + encode(sealed), b"\xfe\xfe".join(map(encode, (began, head, vast, last, sealed))), deep]
    return [*odd, b"\xfe\xfe".join(map(encode, (began, block, sealed))), b"\xfe\xfe".join(map(encode, (started, began, block, block)))]


@cache
def _journal_db() -> bytes:
    from appliance.store import table
    from tests.support.store_office import RecordingOffice

    with tempfile.TemporaryDirectory() as folder:
        office = RecordingOffice(Path(folder))
        office.call_begins("c1")
        office.close()
        with sqlite3.connect(Path(folder) / table.NAME) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("VACUUM")
        return (Path(folder) / table.NAME).read_bytes()


def _journal_file() -> list[bytes]:
    return [_journal_db(), b"SQLite format 3\x00" + bytes(84), b""]


def _seat_socket() -> list[bytes]:
    return [
        b'{"pong": 1, "underruns": 0, "buffer_ms": 40}\xfe=' + bytes(160) + b'\xfe{"pong": 3}',
        b'{"ticket": "x"}',
        b"[" * 1000,
        b"1" * 500,
        b'{"pong": true}',
    ]


def _http_body() -> list[bytes]:
    return [
        b"\x02" + b'{"to": "13912345678", "text": "x", "line": "l1"}',
        b"\x06" + b'{"agent": "li"}',
        b"\x00a=1&b=%ff&c",
        b"\x01" + b"[" * 600,
        b"\x0b" + b'{"to":"s2","x":' + b"[" * 700,
    ]


def _http_headers() -> list[bytes]:
    return [b"bytes=0-99", b"bytes=-5", b"bytes=5-", b"https://box:8443", b"https://[::1]:8443"]


def _exchange_control() -> list[bytes]:
    asks = (
        b'{"method":"POST","path":"/calls","body":{"to":"13800000001","from":"13912345678","says":"tone:620","keys":"12,3","hang_up_after_s":5}}',
        b'{"method":"PUT","path":"/phones/13912345678","body":{"answers_after_s":3,"busy":false}}',
        b'{"method":"POST","path":"/messages","body":{"to":"13800000001","from":"13912345678","text":"x"}}',
        b'{"method":"PUT","path":"/trunks/l1","body":{"ppm":10,"echo_db":20,"echo_ms":5}}',
        b'{"method":"GET","path":"/calls"}', b'{"path":"/trunks"}', b"[" * 2000, b'{"hello":"box"}',
        b'{"method":"PUT","path":"/trunks/l1","body":{"ppm":NaN,"echo_db":NaN,"echo_ms":1e400}}',
    )  # fmt: skip
    odd = (
        b'{"method":"PUT","path":"/trunks/l1","body":{"ppm":NaN}}', b'{"path":"/\\ud800"}',
        b'{"path":"/calls","query":{"number":"\\ud800"}}',
        b'{"method":"POST","path":"/messages","body":{"to":"13800000001","from":"13912345678","text":"\\ud83d"}}',
        b'{"method":"POST","path":"/calls","body":{"to":"13800000001","says":"file:\\ud800"}}',
    )  # fmt: skip
    return [*asks, *odd, b"\n".join(asks[:4])]


def _serial_server() -> list[bytes]:
    return [
        b"\xff\xfd\x2c\xff\xfb\x2c\xff\xfa\x2c\x01\x00\x00\x96\x00\xff\xf0\xff\xfa\x2c\x03\x01\xff\xf0AT\r\xff\xffx",
        b"\xff\xfa\x2c\x01\x00\xff\xf0", b"\xff\xf0", b"\xff\xfa\x2c\x03\x63\xff\xf0", b"\xff\xfa" + b"x" * 3000,
        b"\xff\xfa\x2c\x05\x08\xff\xf0\xff\xfa\x2c\x0c\x03\xff\xf0",
    ]  # fmt: skip


def _scenario_file() -> list[bytes]:
    plain = b'[[queue]]\nid = "q"\narrivals = { kind = "poisson", per_hour = 240.0 }\ntalk = { kind = "exponential", mean_s = 180.0 }\n'
    plain += b'[[agents]]\ncount = 3\nqueues = ["q"]\nskills = { english = 5 }\n'
    return [
        b"hours = 1\n" + plain,
        b"seed = nan\n" + plain + b"patience_s = { kind = 5 }\n",
        b"a" + b".a" * 2000 + b" = 1\n",
        *_configuration()[:1],
    ]


def _prompt_upload() -> list[bytes]:
    found = []
    tone = (np.sin(np.arange(800) / 3) * 9000).astype(np.int16)
    for kind, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")):
        with io.BytesIO() as file:
            soundfile.write(file, tone, 8000, subtype, format=kind)
            found.append(file.getvalue())
    return found


def _exchange_script() -> list[bytes]:
    return [
        b"says tone:620\nring 13800138000\nwait answer\nkeys 12,3\nwait 2.5\nhang-up # x\n",
        b"answer after 3\ntext 138 hello\nheard 'a b'\nfault none",
    ]


# ---- mutations for the short form ---------------------------------------------------------------------------------------------------

WORDS = (
    b"\xfe",
    b"\r\n",
    b"\x10",
    b"\x00",
    b"\xff",
    b'"',
    b",",
    b"9" * 25,
    b"-1",
    b"NaN",
    b"\\ud800",
    b"[" * 50,
    b"{",
    b"\n",
    b"\x1a",
    b"\x1b",
    b"=",
    b"=?",
)


def mutations(name: str, count: int, seed: int = 1) -> Iterator[bytes]:
    """The seeds themselves, then so many changed ones; always the same for one seed."""
    kept = seeds(name)
    yield from kept
    chance = random.Random(f"{name} {seed}")
    for _ in range(count):
        data = bytearray(chance.choice(kept))
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(data))
            match chance.randrange(7):
                case 0:
                    data[at:at] = chance.choice(WORDS)
                case 1:
                    data[at : at + chance.randint(1, 8)] = b""
                case 2 if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
                case 3:
                    data[at:at] = data[at : at + chance.randint(1, 40)] * chance.randint(1, 8)
                case 4:
                    data[at:] = chance.choice(kept)[chance.randrange(40) :]
                case 5:
                    data[at:at] = chance.randbytes(chance.randint(1, 8))
                case _:
                    data[at : at + 1] = bytes([chance.randrange(256)])
        yield bytes(data[:8192])
