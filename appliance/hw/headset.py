"""One USB headset at the box (A2), or one module's sound card (A1), as a process of its own: sound between it and rings in shared memory.

Alone, because PortAudio lists devices only when it starts, and a device that vanishes can hang it: then this process ends, or is ended,
and the next one looks anew. It tells the box by JSON lines: `{"is":"open","device","rate"}`, `{"is":"alive","underruns"}` each half
second in which sound ran, `{"is":"still"}` where a module's card is there and gives none (it may, between calls), and as its last word
`{"is":"gone","why"}`. It ends when the box does.
"""

import argparse
import json
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from appliance.audio._ring import SharedRings
from appliance.base.precedence import come_before_others
from appliance.hw.headset_sound import HeadsetSound
from appliance.hw.sound_card import card_number
from firmware_cfg.document import SOUND_CARDS

SAY_S: Final = 0.5
STILL_S: Final = 2.0
"""A device that moves no sound for so long is gone, whatever PortAudio says."""
BLOCK_S: Final = 0.01
LINE_BLOCK_S: Final = 0.02  # a module's card moves its sound in periods of 160 to 320 frames (serial-line field practice)
RATES: Final = (48_000, 44_100, 16_000, 32_000, 8_000)


class NoHeadset(Exception):
    """Says why in words."""


def both_ways(sd: Any) -> list[tuple[int, str]]:
    """(number, name) of the devices with ears and microphone."""
    return [(n, str(one["name"])) for n, one in enumerate(sd.query_devices()) if one["max_input_channels"] and one["max_output_channels"]]


def find(sd: Any, wanted: str) -> int:
    """PortAudio's number of the one device with ears and microphone whose name contains `wanted`; an exact name comes first."""
    both = both_ways(sd)
    if wanted.startswith(SOUND_CARDS):
        return find_card(both, wanted)
    fits = [n for n, name in both if name == wanted] or [n for n, name in both if wanted.lower() in name.lower()]
    if fits:
        return fits[0]
    others = ", ".join(repr(name) for _, name in both) or "none"
    raise NoHeadset(f"no device {wanted!r} with ears and microphone is plugged in; there are: {others}")


def find_card(both: list[tuple[int, str]], wanted: str) -> int:
    """PortAudio's number of `card:ID` or `usb:PLACE`; `card:NAME` may also be a PCM that /etc/asound.conf names so."""
    number = card_number(wanted)
    place = f"(hw:{number}," if number is not None else None
    for n, name in both:
        if (place is not None and place in name) or (place is None and f"card:{name}" == wanted):
            return n
    raise NoHeadset(f"sound card {wanted} is not plugged in" if place is None else f"sound card {wanted} takes no sound both ways")


def forms(sd: Any, device: int, line: bool = False) -> Iterator[tuple[int, int, int]]:
    """(rate, microphone channels, ear channels) that the device takes, the best first: its own rate (a line's: 8 kHz), one channel."""
    own = 8_000 if line else round(sd.query_devices(device)["default_samplerate"])
    for rate in (own, *(each for each in RATES if each != own)):
        for ins, outs in ((1, 1), (1, 2), (2, 2)):
            try:
                sd.check_input_settings(device, ins, "int16", samplerate=rate)
                sd.check_output_settings(device, outs, "int16", samplerate=rate)
            except (sd.PortAudioError, ValueError):
                continue
            yield rate, ins, outs


def opened(sd: Any, rings: SharedRings, wanted: str) -> tuple[Any, HeadsetSound, str, int]:
    """A running stream; raises NoHeadset."""
    device, line = find(sd, wanted), wanted.startswith(SOUND_CARDS)
    name, wrong = str(sd.query_devices(device)["name"]), "it takes no 16-bit sound at any usual rate"
    for rate, ins, outs in forms(sd, device, line):
        sound = HeadsetSound(rings, rate, rate)

        def moved(heard: Any, ears: Any, _frames: int, _time: Any, _flags: Any, sound: HeadsetSound = sound) -> None:
            sound.heard(np.ascontiguousarray(heard[:, 0]))
            ears[:] = sound.take(len(ears))[:, None]

        try:
            stream = sd.Stream(
                samplerate=rate,
                blocksize=round(rate * (LINE_BLOCK_S if line else BLOCK_S)),
                device=(device, device),
                channels=(ins, outs),
                dtype="int16",
                latency="low",
                callback=moved,
            )
            stream.start()
        except sd.PortAudioError as error:
            wrong = str(error)
            continue
        return stream, sound, name, rate
    raise NoHeadset(f"{name!r} does not open: {wrong}")


def keep(box: socket.socket, rings: SharedRings, wanted: str) -> None:
    """Returns when the box ends; raises NoHeadset when the headset does."""
    try:
        import sounddevice as sd
    except OSError as error:  # PortAudio itself is missing
        raise NoHeadset(f"{error}; `apt-get install libportaudio2`") from None
    come_before_others()  # never in real time: a driver whose device has gone may spin
    number = card_number(wanted)
    stream, sound, name, rate = opened(sd, rings, wanted)
    say(box, {"is": "open", "device": name, "rate": rate})
    seen, since = -1, time.monotonic()
    while not select.select([box], [], [], SAY_S)[0]:  # the box says nothing; readable is its end
        now = time.monotonic()
        if sound.blocks != seen and stream.active:
            seen, since = sound.blocks, now
            say(box, {"is": "alive", "underruns": sound.underruns})
        elif number is not None and stream.active and card_number(wanted) == number:
            say(box, {"is": "still"})
        elif now - since > STILL_S or not stream.active:
            raise NoHeadset(f"{name!r} moves no sound any more: unplugged?")


def say(box: socket.socket, words: dict[str, object]) -> None:
    box.sendall(json.dumps(words).encode() + b"\n")


def main(arguments: list[str]) -> int:
    ask = argparse.ArgumentParser(prog="seatbox headset")
    ask.add_argument("--list", action="store_true", help="name the devices that could be one, and end")
    ask.add_argument("--box-fd", type=int)
    ask.add_argument("--rings")
    ask.add_argument("--device")
    told = ask.parse_args(arguments)
    if told.list:
        import sounddevice

        sys.stdout.write("".join(f"{name}\n" for _, name in both_ways(sounddevice)))
        sys.stdout.flush()
        return 0
    box = socket.socket(fileno=told.box_fd)
    try:
        keep(box, SharedRings.attach(told.rings), told.device)
    except NoHeadset as why:
        say(box, {"is": "gone", "why": str(why)})
        return 1
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # closing a device that has gone can hang: the system closes it
