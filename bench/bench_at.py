"""What the command ports cost: bytes to lines, a whole dialogue through a dialect, events of a voice modem, random bytes."""

import random
from typing import Any

from appliance.base.ids import LineId
from appliance.hw.at.dle import DleLifter
from appliance.hw.at.parser import LineParser
from appliance.hw.dialect import Profile, load_dialect

CHATTER = b'\r\nRING\r\n\r\n+CLIP: "13800138000",161,,,,0\r\n\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\n+CLCC: 1,1,4,0,0,"13800138000",161\r\n'
LINES = 5
ROUNDS = 2_000


def run(report: Any) -> None:
    chance = random.Random(report.seed)

    def parse(piece: int) -> None:
        parser, data = LineParser(), CHATTER * ROUNDS
        for at in range(0, len(data), piece):
            parser.feed(data[at : at + piece])

    report.row("AT lines parsed, read whole (4096 bytes)", LINES * ROUNDS / report.best(lambda: parse(4096)), "lines/s")
    report.row("AT lines parsed, byte by byte", LINES * ROUNDS / report.best(lambda: parse(1), repeat=3), "lines/s", "worst case of a UART")

    def dialect() -> None:
        line = load_dialect("sim7600")(LineId("l1"), Profile.load("sim7600"), 0)
        line.found(0)
        for now in range(ROUNDS):
            line.feed(CHATTER, now * 1000)
            line.tick(now * 1000)
            line.take_facts(), line.take_writes(), line.take_sound()

    report.row("lines through the whole sim7600 dialect", LINES * ROUNDS / report.best(dialect, repeat=3), "lines/s")

    noise = chance.randbytes(1 << 20)

    def garbage() -> None:
        parser = LineParser()
        for at in range(0, len(noise), 4096):
            parser.feed(noise[at : at + 4096])

    report.row("1 MB of random bytes through the parser", report.best(garbage) * 1e3, "ms")

    def events() -> None:
        lifter = DleLifter()
        for at in range(0, len(noise), 4096):
            lifter.feed(noise[at : at + 4096])

    report.row("1 MB of random bytes through the DLE lifter", report.best(events) * 1e3, "ms")
