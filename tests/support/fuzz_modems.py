"""The simulated exchange's modems fed with anything (A1): what a host may type, and what the network does meanwhile, in virtual time.

An input is cut at 0xFE. A piece that begins with `.` lets time pass, `!` is a deed of the network; any other is what the host typed.
"""

from collections.abc import Callable
from typing import Any, Final

from appliance.exchange.modems.at import AtModem
from appliance.exchange.modems.huawei import Huawei
from appliance.exchange.modems.quectel import Ec25
from appliance.exchange.modems.sim7600 import A7670, Sim800, Sim7600
from appliance.exchange.modems.v253 import V253
from tests.support.fuzz_lines import must

MODEMS: Final[dict[str, Callable[[], AtModem]]] = {
    "sim7600": lambda: Sim7600("861475035737602", "13800000001"),
    "a7670": lambda: A7670("861475035737602", "13800000001"),
    "sim800": lambda: Sim800("861475035737602", "13800000001"),
    "ec25": lambda: Ec25("861475035737602", "13800000001"),
    "huawei": lambda: Huawei("861475035737602", "13800000001"),
    "v253": V253,
}
PDU: Final = "0891683108200105F0240BA13108108300F00008621127419021230454264E00"
MOST_TO_COME: Final = 200  # in the agenda, beside what was typed just now
MOST_KEPT: Final = 1 << 16


def _network(modem: Any, deed: int, now: int) -> None:
    """What a trunk does to its modem."""
    if isinstance(modem, V253):
        (
            lambda: modem.ring(now),
            lambda: modem.ring_stopped(now),
            lambda: modem.caller_id("13912345678", "0705", "1405", now),
            lambda: modem.line_tone("dial", now),
            lambda: modem.line_tone("busy", now),
            lambda: modem.key("5", now),
            lambda: modem.key_ended("5", now),
            lambda: modem.stream_ended(now, b"\x10\x03"),
        )[deed % 8]()
    else:
        (
            lambda: modem.incoming("13912345678", now) if modem.call is None else None,
            lambda: modem.alerting(now),
            lambda: modem.answered(now),
            lambda: modem.released("busy", now),
            lambda: modem.key("5", now),
            lambda: modem.deliver(PDU, now),
            lambda: modem.reported(PDU, now),
            lambda: modem.set_network(deed & 8 > 0, deed & 16 > 0, now),
        )[deed % 8]()


def a_modem(kind: str) -> Callable[[bytes], None]:
    make = MODEMS[kind]

    def run(data: bytes) -> None:
        modem, now = make(), 0
        for piece in data.split(b"\xfe")[:200]:
            rest = piece[1:]
            if piece[:1] == b".":
                now += 4 * int.from_bytes(rest[:2], "little")
            elif piece[:1] == b"!" and rest:
                _network(modem, rest[0], now)
            else:
                modem.feed(piece, now)
            modem.tick(now)
            acts = modem.take_acts()
            must(len(acts) <= 20 + len(piece), "acts out of nothing")
            must(len(modem.take_bytes()) <= 100_000 + 200 * len(piece), "words out of nothing")
        # left alone, it comes to rest
        for _ in range(120):
            now += 5_000
            modem.tick(now)
            modem.take_acts()
            modem.take_bytes()
        must(len(modem._agenda) <= 12, "it is busy for ever with more and more")
        must(len(modem._input) <= MOST_KEPT and len(modem._line) <= 1_200, "kept without bound")

    return run
