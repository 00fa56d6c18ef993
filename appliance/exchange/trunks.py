"""A trunk (A1): one of the box's lines, with its modem on this side and the network on the other.

MobileTrunk has a module, whose calls are told by codes; AnalogTrunk has a pair of wires, where everything is a tone or a current.
"""
# ruff: noqa: ARG002, ARG005 -- every command, act or verb is called the same way

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from appliance.exchange._pace import Channel
from appliance.exchange.calls import Call
from appliance.exchange.modems.at import Act
from appliance.exchange.modems.huawei import Huawei
from appliance.exchange.modems.module import BOOT_MS, Module
from appliance.exchange.modems.quectel import Ec25
from appliance.exchange.modems.sim7600 import A7670, Sim800, Sim7600
from appliance.exchange.modems.v253 import V253
from appliance.exchange.tones import BUSY_TONE, CONGESTION_TONE, DIAL_TONE, NO_SUCH_NUMBER, RING_BACK, Sound, key_tone, pair

if TYPE_CHECKING:
    from appliance.exchange.network import Network

RING_EVERY_MS: Final = 5000
CALLER_ID_MS: Final = 1600
MODEM_FAULTS: Final = ("hang", "reboot", "urc_storm", "sim_removed", "no_network", "brown_out")
ENDS_ITSELF: Final = ("garbage", "flood", "reboot", "urc_storm")  # one that lasts stays what it was
STORM_LINES: Final = 4000  # in two seconds
STORM: Final = ("+CSQ: 17,99", "^RSSI:17", '+CREG: 1,"2A3F","01B2C3D4",7', "+QIND: PB DONE", "$MODE: 5,4")
MODULES: Final[dict[str, type[Module]]] = {"sim7600": Sim7600, "ec25": Ec25, "huawei": Huawei, "sim800": Sim800, "a7670": A7670}
SOUNDLESS: Final = ("sim800", "a7670")  # one port; nobody hears anything


class Trunk:
    """What both kinds share. The network gives it calls, the ports give it bytes; `send` writes to the command port."""

    kind = ""

    def __init__(self, network: "Network", line: str, number: str, channel: Channel) -> None:
        self.network, self.line, self.number, self.channel = network, line, number, channel
        self.call: Call | None = None
        self.send: Callable[[bytes], None] = lambda data: None
        self.on_stream: Callable[[bool], None] = lambda on: None  # the port is the pace's, or Python's again
        self.on_power: Callable[[bool], None] = lambda on: None  # the ports vanish, or are back
        self.hung = False
        self.back_ms: int | None = None
        self.ppm, self.echo_db = 0.0, None  # type: float, float | None
        self.echo_ms = 4.0
        self.fault: str | None = None
        self.balance = 50.0  # yuan that are left on its card

    modem: Module | V253

    @property
    def free(self) -> bool:
        return self.call is None

    @property
    def reachable(self) -> bool:
        return not self.modem.off and (not isinstance(self.modem, Module) or self.modem.registered)

    def feed(self, data: bytes, now: int) -> None:
        """Bytes of the command port."""
        if self.hung or self.modem.off:
            return
        self.modem.feed(data, now)
        self.work(now)

    def tick(self, now: int) -> None:
        if self.back_ms is not None and now >= self.back_ms:
            self.back_ms = None
            self.on_power(True)
            self.modem.booted(now)
        if not self.hung:
            self.modem.tick(now)
        self.work(now)
        if self.call is not None:
            self.step_call(self.call, now)
            self.work(now)

    def work(self, now: int) -> None:
        """Carry out what the modem said and did, in that order."""
        while not self.hung:
            data, acts = self.modem.take_bytes(), self.modem.take_acts()
            if data and not self.modem.off:
                self.send(data)
            for act in acts:
                self.carry_out(act, now)
            if not data and not acts:
                return

    def carry_out(self, act: Act, now: int) -> None:
        if act.what == "reboot":
            self.reboot(now)
        elif act.what == "ussd":
            self.network.asked(self, act.value, now)
        elif act.what == "sms":
            more = act.more
            self.network.texted(self, act.value, str(more["text"]), int(str(more["reference"])), bool(more["wants_report"]), now)

    def step_call(self, call: Call, now: int) -> None:
        """Ear, keys, hanging up of a connected call."""
        if call.state != "connected":
            return
        call.ear.feed(self.channel.heard())
        assert call.connected_ms is not None
        presser = call.presser
        if presser is not None and presser.due(now, call.ear.first_sound):
            sound, noticed = presser.step(now, self.channel.once_at, self.channel.once_done)
            if sound is not None:
                self.channel.say_once(sound)
            if self.fault != "silent_audio" and not self.hung:
                for key, ended in noticed:
                    (self.modem.key_ended if ended else self.modem.key)(key, now)
        after = call.far_end.hang_up_after_ms
        if after is not None and now >= call.connected_ms + after:
            self.network.hang_up(call, now)

    def connected(self, call: Call, now: int) -> None:
        """Far end and box are joined from now on."""
        self.channel.say_once(None)
        self.channel.say(call.far_end.says)
        self.channel.listen(True)

    def over(self, call: Call, now: int) -> None:
        """The far end is gone; the trunk may still be off-hook."""
        if call.connected_ms is not None:
            call.ear.feed(self.channel.heard())
        self.channel.listen(False)
        self.channel.say_once(None)
        self.channel.say(None)
        self.call = None

    def reboot(self, now: int) -> None:
        """Power off and on again: a call is lost, the ports vanish and come back."""
        if self.call is not None:
            self.network.end(self.call, "ended", now)
        self.modem.power_lost()
        self.work(now)
        self.on_power(False)
        self.hung = False
        self.back_ms = now + BOOT_MS

    def set_fault(self, fault: str | None, now: int) -> None:
        """The faults that are the modem's own, one of MODEM_FAULTS; None ends those that last. What of it is a port's is wiring.py's."""
        self.hung = fault == "hang"
        if fault == "reboot":
            self.reboot(now)
        elif fault == "urc_storm":
            for n in range(STORM_LINES):
                self.modem.at(now + n // 2, lambda then, n=n: self.modem.say(STORM[n % len(STORM)]))  # type: ignore[misc]
        if fault not in ENDS_ITSELF:
            self.fault = fault

    # each kind's own

    def offer(self, call: Call, now: int) -> None:
        raise NotImplementedError

    def progress(self, state: str, now: int) -> None:
        """An outgoing call is `ringing`, `connected`, `busy`, `congested`, `no_answer`, `unassigned`, `ended`."""
        raise NotImplementedError

    def far_hung_up(self, call: Call, was: str, now: int) -> None:
        raise NotImplementedError


class MobileTrunk(Trunk):
    """A line with a module; sound on a port of its own."""

    def __init__(self, network: "Network", line: str, number: str, channel: Channel, imei: str, kind: str = "sim7600") -> None:
        super().__init__(network, line, number, channel)
        self.kind = kind
        self.modem: Module = MODULES[kind](imei, number)

    def offer(self, call: Call, now: int) -> None:
        self.call = call
        self.modem.incoming(call.caller, now)
        self.work(now)

    def set_fault(self, fault: str | None, now: int) -> None:
        self.modem.set_network(fault != "sim_removed", fault not in ("sim_removed", "no_network"), now)
        super().set_fault(fault, now)
        self.work(now)

    def carry_out(self, act: Act, now: int) -> None:
        if self.fault == "brown_out" and act.what in ("answer", "dial"):
            self.reboot(now)  # the transmitter's peak is more than its supply can give
        elif act.what == "sound":
            self.channel.pcm(act.value == "on")
        elif act.what == "dial":
            self.call = self.network.dialled(self, act.value, now, 0)
        elif act.what == "answer" and self.call is not None:
            self.network.connect(self.call, now)
        elif act.what == "hang_up" and self.call is not None:
            self.network.box_hung_up(self.call, now)
        elif act.what == "digit" and self.call is not None and self.call.state == "connected":
            self.channel.tone_to_far_end(key_tone(act.value, 8 * int(str(act.more["ms"]))))
        else:
            super().carry_out(act, now)

    def progress(self, state: str, now: int) -> None:
        if state == "ringing":
            self.modem.alerting(now)
            self.channel.say(RING_BACK)
        elif state == "connected":
            self.modem.answered(now)
        else:
            self.modem.released({"no_answer": "no answer", "ended": "normal"}.get(state, state), now)
        self.work(now)

    def far_hung_up(self, call: Call, was: str, now: int) -> None:
        self.modem.released("normal", now)
        self.work(now)


class AnalogTrunk(Trunk):
    """A pair of wires and a modem on it."""

    kind = "v253"

    def __init__(self, network: "Network", line: str, number: str, channel: Channel) -> None:
        super().__init__(network, line, number, channel)
        self.modem: V253 = V253()
        self.off_hook = False
        self._next_ring = 0
        self._caller_id_at: int | None = None

    @property
    def free(self) -> bool:
        return self.call is None and not self.off_hook

    @property
    def reachable(self) -> bool:
        return True  # the exchange rings the wires whatever hangs on them

    def offer(self, call: Call, now: int) -> None:
        self.call = call
        self._next_ring, self._caller_id_at = now, now + CALLER_ID_MS

    def step_call(self, call: Call, now: int) -> None:
        if call.state == "ringing" and call.incoming and not self.hung and not self.modem.off:
            if now >= self._next_ring:
                self._next_ring += RING_EVERY_MS
                self.modem.ring(now)
            if self._caller_id_at is not None and now >= self._caller_id_at:
                self._caller_id_at = None
                stamp = self.network.wall()
                self.modem.caller_id(call.caller, stamp.strftime("%m%d"), stamp.strftime("%H%M"), now)
        super().step_call(call, now)

    def carry_out(self, act: Act, now: int) -> None:
        if act.what == "stream":
            self.channel.stream(int(str(act.more["codec"])), act.value != "tx", act.value != "rx")
            self.on_stream(True)
        elif act.what == "idle":
            self.channel.idle()
            self.on_stream(False)
        elif act.what == "off_hook":
            self._lift(now)
        elif act.what == "on_hook":
            self._hang(now)
        elif act.what == "dial":
            if self.call is not None and self.call.state == "connected":
                self.channel.tone_to_far_end(np.concatenate([key_tone(key, 760, 760) for key in act.value]))
                return
            self._tone("", None, now)
            self.call = self.network.dialled(self, act.value, now, int(str(act.more["after_ms"])))
        elif act.what == "tones":
            if self.call is not None and self.call.state == "connected":
                self.channel.tone_to_far_end(_tones(act.more["more"]))
        else:
            super().carry_out(act, now)

    def _lift(self, now: int) -> None:
        self.off_hook = True
        self.modem.ring_stopped(now)
        if self.call is not None and self.call.state == "ringing" and self.call.incoming:
            self.network.connect(self.call, now)
        else:
            self._tone("dial", DIAL_TONE, now)

    def _hang(self, now: int) -> None:
        self.off_hook = False
        self.channel.say(None)
        self.modem.line_tone("", now)
        if self.call is not None:
            self.network.box_hung_up(self.call, now)

    def _tone(self, name: str, sound: Sound | None, now: int) -> None:
        self.channel.say(sound)
        self.modem.line_tone(name, now)

    def connected(self, call: Call, now: int) -> None:
        super().connected(call, now)
        self.modem.line_tone("speech", now)

    def progress(self, state: str, now: int) -> None:
        if state == "ringing":
            self._tone("ringback", RING_BACK, now)
        elif state == "unassigned":
            self._tone("", NO_SUCH_NUMBER, now)
        elif state == "congested":
            self._tone("", CONGESTION_TONE, now)  # a modem's detector knows the busy tone's cadence alone
        elif state != "connected":
            self._tone("busy", BUSY_TONE, now)

    def far_hung_up(self, call: Call, was: str, now: int) -> None:
        self.modem.ring_stopped(now)
        if self.off_hook:
            self._tone("busy", BUSY_TONE, now)


def _tones(tones: object) -> Sound:
    """The sound of AT+VTS's tones; times in 0.01 s."""
    parts = []
    assert isinstance(tones, list)
    for tone in tones:
        if isinstance(tone[0], str):
            parts.append(key_tone(tone[0], 80 * tone[1], 640))
        else:
            parts.append(pair(tone[0], tone[1], 80 * tone[2]))
    return np.concatenate(parts)
