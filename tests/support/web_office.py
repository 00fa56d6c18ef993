"""An office for the page's tests: the real switchboard, core, folds and accounts in virtual time; the wires are the test's own."""

import asyncio
import io
import math
import sqlite3
import wave
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Tables
from starlette.applications import Starlette

from appliance.base.errors import NotFound, Refused
from appliance.base.ids import LineId, QueueId, SeatId
from appliance.box.changes import Changes
from appliance.box.config_file import ConfigFile
from appliance.box.dial_guard import DialGuard
from appliance.box.modems import families
from appliance.calls.commands import Command, TestLamps
from appliance.calls.explanation import MomentOfRouting, explained
from appliance.calls.outgoing import Cap, Outgoing
from appliance.calls.picture import Pictures
from appliance.calls.queue_picture import QueuePictures
from appliance.calls.snapshot import CallView, NextView, QueueDetail, RecordingView, Snapshot
from appliance.calls.studio import Studio
from appliance.events import Event
from appliance.events.line import BalanceAsked
from appliance.flow.prompts import Prompts
from appliance.flow.sounds import Sound
from appliance.messages.balance import Account, Balances
from appliance.messages.post import Post
from appliance.messages.views import MessageView
from appliance.people.accounts import Accounts, put_password
from appliance.people.register import Register
from appliance.people.roles import Role
from appliance.recording.heads import Heads
from appliance.recording.keeper import Keeper
from appliance.recording.records import Records
from appliance.recording.register import Register as RecordingRegister
from appliance.recording.register import RegisterTable
from appliance.recording.retention import Retention
from appliance.recording.wav import Copy
from appliance.store.entry import Entry
from appliance.web.app import create_app
from appliance.web.office import Family, Modem
from firmware_cfg import check
from firmware_cfg.document import Agent, Document, Line, Queue, Recording, Seat
from tests.support.office import UTC, TestOffice

PASSWORDS = {"admin": "correct-horse-1", "li": "battery-staple-2", "wang": "battery-staple-4", "boss": "paper-clip-3"}
TOKENS = {
    "admin": "token-of-admin-0000000000",
    "li": "token-of-li-000000000000",
    "wang": "token-of-wang-0000000000",
    "boss": "token-of-boss-0000000000",
}


def web_document(language: str = "zh_CN") -> Document:
    """Two modules, two modems; two browser seats, two outside phones; agents li, wang and chen, and boss, a supervisor."""
    people = (("li", "李明", "agent"), ("wang", "王芳", "agent"), ("chen", "陈静", "agent"), ("boss", "赵班长", "supervisor"))
    return Document(
        name="Seatbox",
        language="zh_CN" if language == "zh_CN" else "en",
        line=(
            Line(
                id="l1",
                name="移动一",
                dialect="sim7600",
                port="exchange/l1-at",
                audio_port="exchange/l1-pcm",
                number="13900000001",
                queue="q",
            ),
            Line(
                id="l2",
                name="移动二",
                dialect="sim7600",
                port="exchange/l2-at",
                audio_port="exchange/l2-pcm",
                number="13900000002",
                queue="q",
            ),
            Line(id="l3", name="固话一", dialect="v253", port="exchange/l3", number="02061000003", queue="q"),
            Line(id="l4", name="固话二", dialect="v253", port="exchange/l4", number="02061000004", queue="q"),
        ),
        queue=(Queue(id="q", name="客户服务"),),
        seat=(
            Seat(id="b1", name="一号坐席", kind="browser", led="led1"),
            Seat(id="b2", name="二号坐席", kind="browser", led="led2"),
            Seat(id="p1", name="三号坐席", kind="phone", number="02081110001"),
            Seat(id="p2", name="四号坐席", kind="phone", number="02081110002"),
        ),
        agent=tuple(
            Agent(id=name, name=shown, queues=("q",), skills={"english": 3} if name == "li" else {}, role=role)  # type: ignore[arg-type]
            for name, shown, role in people
        ),
    )


class HandClock:
    def __init__(self, office: TestOffice) -> None:
        self.office = office

    def now_ms(self) -> int:
        return self.office.now_ms

    def utc_ms(self) -> int:
        return UTC + self.office.now_ms


class WebMessages:
    """The real post office, without lines."""

    def __init__(self, clock: HandClock) -> None:
        self.post, self.clock, self.told = Post(), clock, list[Event]()

    def publish(self, facts: Sequence[Event]) -> int:
        for fact in facts:
            self.told.append(fact)
            follows = self.post.take(self.clock.now_ms(), self.clock.utc_ms(), fact)
            self.publish(follows + self.post.heard(self.clock.now_ms(), fact))
        return 0

    def newest(self, *, direction: str | None = None, number: str | None = None, limit: int = 200) -> list[MessageView]:
        return list(self.post.seen.newest(direction=direction, number=number))[:limit]

    def one(self, message: str) -> MessageView | None:
        return self.post.seen.one(message)

    @property
    def refusers(self) -> dict[str, str]:
        return self.post.refusers

    def write(self, to: str, text: str, by: str, template: str = "") -> tuple[str, int]:
        return f"m{self.post.last + 1:06d}", self.publish(self.post.write(self.clock.now_ms(), to, text, by))

    def mark_read(self, message: str, by: str) -> int:
        return self.publish(self.post.mark_read(self.clock.now_ms(), message, by))

    def opt(self, number: str, out: bool, by: str) -> int:
        return self.publish(self.post.opt(self.clock.now_ms(), number, out, by))


class WebOffice:
    """`Office` of web/office.py. `inside` is the office in virtual time; `told` of each change that the test made there."""

    demo = True
    version = "0.0.test"

    def __init__(self, state: Path, document: Document | None = None) -> None:
        self.state, self.document = state, document or web_document()
        self.inside = TestOffice(self.document)
        self.pictures = Pictures(self.inside.switchboard.live, self.inside.book, self.inside.days)
        self.queue_pictures = QueuePictures(self.inside.switchboard.live, self.pictures)
        self.feed = Changes(self.snapshot)
        self.audited: list[tuple[str, str, str]] = []
        self.alarms: list[str] = []
        self.plugged_in: list[Modem] = []
        (state / "config.toml").write_bytes((check.HERE / "demo.toml").read_bytes())
        self.configuration = ConfigFile(state / "config.toml", state)
        self.recordings: dict[str, bytes] = {}
        self.exchange_asked: list[dict[str, object]] = []
        self.committed_to = 0
        self.sounds: dict[str, Sound] = {}
        self.prompts = Prompts(state, self.sounds.__setitem__, lambda _: 0, lambda: 0)
        self.studio = Studio(self.inside.switchboard.live, self.inside.ears, self.prompts)
        self.messages = WebMessages(HandClock(self.inside))
        self.records = empty_records(state, HandClock(self.inside))
        self.outgoing = Outgoing(lambda utc_ms: str(utc_ms // 86_400_000))
        self.accounts = Balances()
        self.feed.look()

    def caps(self) -> list[Cap]:
        return DialGuard(self.outgoing, self.document).caps(UTC + self.inside.now_ms)

    def balances(self) -> dict[LineId, Account]:
        return self.accounts.accounts

    def ask_balance(self, line: str, by: str) -> int:
        if all(one.id != line or one.balance is None for one in self.document.line):
            raise NotFound(line)
        if self.accounts.waits(LineId(line)):
            raise Refused("lines.balance_waits")
        self.accounts.take(UTC, BalanceAsked(at_ms=0, line=LineId(line), day="1", how="ussd", by=by))
        return 0

    def families(self) -> dict[str, Family]:
        return families()

    def modems(self) -> list[Modem]:
        return self.plugged_in

    def snapshot(self) -> Snapshot:
        inside = self.inside
        return self.pictures.take(inside.now_ms, UTC + inside.now_ms, len(inside.facts), list(self.alarms))

    def queues_in_detail(self) -> list[QueueDetail]:
        return self.queue_pictures.details(self.inside.now_ms)

    def next_callers(self, queue: str) -> list[NextView]:
        return self.queue_pictures.next_callers(QueueId(queue), self.inside.now_ms)

    def command(self, command: Command, by: str) -> int:
        if not isinstance(command, TestLamps):
            self.inside.do(type(command), **{name: getattr(command, name) for name in command.__struct_fields__})
            seat = getattr(command, "seat", None)
            if type(command).__name__ == "LogIn" and self.inside.seat(seat).config.kind == "browser":
                self.inside.pages.add(str(seat))
                self.inside._take(self.inside.switchboard.alive(SeatId(str(seat)), self.inside.now_ms))
        self.moved()
        return self.audit(by, type(command).__name__, str(getattr(command, "seat", getattr(command, "line", getattr(command, "call", "")))))

    def moved(self) -> None:
        self.feed.look()

    def audit(self, by: str, what: str, about: str = "") -> int:
        self.audited.append((by, what, about))
        return len(self.inside.facts) + len(self.audited)

    async def committed(self, number: int) -> None:
        await asyncio.sleep(0)
        self.committed_to = max(self.committed_to, number)

    def call(self, call: str) -> CallView | None:
        return self.inside.book.views.get(call)

    def calls(self, *, live: bool | None = None, caller: str | None = None, limit: int = 200, before: str | None = None) -> list[CallView]:
        found = [
            view
            for view in reversed(self.inside.book.views.values())
            if (live is None or (view.ended_at_ms is None) is live)
            and caller in (None, view.caller)
            and (before is None or view.id < before)
        ]
        return found[:limit]

    async def whole(self, call: str) -> None:
        """Recordings are put here whole."""

    def explanation(self, call: str) -> list[MomentOfRouting]:
        return explained([(UTC + fact.at_ms, fact) for fact in self.inside.facts], call)

    def recording(self, call: str) -> Copy | None:
        if call not in self.recordings:
            return None
        path = self.state / f"{call}.wav"
        path.write_bytes(self.recordings[call])
        return Copy(path)

    def listening(self, call: str) -> None:
        return None

    def record(self, call: str, seconds: float = 2.0) -> bytes:
        """Gives the call a sealed recording: 620 Hz left, 1130 Hz right."""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            for n in range(int(8000 * seconds)):
                for hz in (620, 1130):
                    file.writeframesraw(int(9000 * math.sin(2 * math.pi * hz * n / 8000)).to_bytes(2, "little", signed=True))
        self.recordings[call] = out.getvalue()
        view = self.inside.book.views[call]  # type: ignore[index]
        sealed = RecordingView(seconds=seconds, sha256="ab" * 32)
        self.inside.book.views[call] = type(view)(**{n: getattr(view, n) for n in view.__struct_fields__} | {"recording": sealed})  # type: ignore[index]
        return self.recordings[call]

    def health(self) -> dict[str, Any]:
        audio = {"ticks": 812345, "late": 3, "p99_ms": 0.61, "worst_ms": 4.2, "underruns": 0}
        return {
            "status": "degraded" if self.alarms else "ok",
            "version": self.version,
            "uptime_s": 12.5,
            "alarms": list(self.alarms),
            "audio": audio,
        }

    def levels(self) -> dict[str, float]:
        return {"line:l1": -23.4, "seat:b1": -18.0}

    def changes(self) -> AsyncGenerator[tuple[str, dict[str, object]]]:
        return self.feed.watch()

    def seat_ticket(self, seat: str) -> tuple[str, int]:
        if seat not in {each.id for each in self.document.seat}:
            raise NotFound(seat)
        return f"ticket-for-{seat}", 9

    async def exchange(self, request: dict[str, object]) -> tuple[int, object]:
        """Rings the line at once, as the exchange's modem would make the driver tell."""
        self.exchange_asked.append(request)
        body: Any = request["body"]
        if request["method"] == "POST" and request["path"] == "/calls":
            line = next((each.id for each in self.document.line if each.number == body.get("to")), None)
            if line is None:
                return 422, {"error": "no such number"}
            self.inside.ring(line, body.get("from"))
            self.moved()
            return 201, {"id": "x1"}
        return (200, b"RIFFwave") if str(request["path"]).endswith("/recording") else (200, [])


def empty_records(state: Path, clock: HandClock) -> Records:
    """Of an office whose recordings are not sealed yet: nothing is found."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    RegisterTable().create(Tables(connection))
    register = RecordingRegister(lambda: nullcontext(connection))
    keeper = Keeper(state, NoJournal(), register, lambda _: None, clock, Recording)
    return Records(state, register, keeper, Heads(state, lambda _: 0, str), Retention(), lambda _: 0, clock, Recording)


class NoJournal:
    def entries(self, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Entry]:
        return iter(())


def make_accounts(office: WebOffice) -> Accounts:
    """The real ones. Hashing takes 0.1 s a password, so tests share a state directory."""
    accounts = Accounts(office.state, HandClock(office.inside))
    with Register(office.state).change() as book:
        if not book.accounts:
            for name, role in (("admin", Role.ADMINISTRATOR), ("li", Role.AGENT), ("wang", Role.AGENT), ("boss", Role.SUPERVISOR)):
                put_password(book, name, PASSWORDS[name], role)
    accounts.know({agent.id: agent.role for agent in office.document.agent})
    for name, token in TOKENS.items():
        accounts.keep_token(token, name, "tests")
    return accounts


def make_app(office: WebOffice) -> Starlette:
    return create_app(office, make_accounts(office))
