"""A headset without hardware (A2): a PulseAudio of its own, whose null sinks are its ears and its mouth. Ending it is pulling the plug.

ALSA finds it by an own configuration, as the device "Virtual Headset"; `pacat` speaks into its microphone, `parec` listens at its ears.
A module's sound card is the same with the simulated exchange at its far end.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CAPTURE = """
pcm.%(name)s { type asym
  playback.pcm { type pulse server "unix:%(socket)s" device "spk" }
  capture.pcm { type pulse server "unix:%(socket)s" device "mic.monitor" }
  hint { show on description "Virtual Headset" } }
"""
NAME = "virtual_headset"
QUIET: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def as_hardware() -> None:
    """A device's clock waits for no program: real time where it is allowed, above the seat's own."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(30))


class VirtualHeadset:
    """Plugged in from `plug` on; `environment` makes ALSA know it."""

    def __init__(self, folder: Path, rate: int = 48_000, name: str = NAME) -> None:
        self.folder, self.rate = folder, rate
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "native"
        (folder / "asoundrc").write_text("</usr/share/alsa/alsa.conf>\n" + CAPTURE % {"socket": self.socket, "name": name})
        self._server: subprocess.Popen[bytes] | None = None
        self._mouth: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """For the process that shall find it."""
        return {"ALSA_CONFIG_PATH": str(self.folder / "asoundrc")}

    def _own(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "PULSE_SERVER": f"unix:{self.socket}"}

    def plug(self) -> None:
        """Returns when it can be used."""
        sink = "module-null-sink sink_name={} rate={} channels=1 format=s16le norewinds=1"
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no", "--high-priority=no"]
        command += ["--enable-memfd=no", "-L", f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"]
        command += ["-L", sink.format("spk", self.rate), "-L", sink.format("mic", self.rate)]
        self._server = subprocess.Popen(command, env=self._own(), preexec_fn=as_hardware, **QUIET)
        end = time.monotonic() + 10
        while subprocess.run(["pactl", "info"], env=self._own(), capture_output=True).returncode:
            assert time.monotonic() < end, "the virtual headset did not start"
            time.sleep(0.05)

    def unplug(self) -> None:
        """At once, whoever uses it."""
        self.be_silent()
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def speak(self, hz: float, level_dbfs: float = -13.0) -> None:
        """A tone into the microphone until `be_silent`."""
        second = 32767 * 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * round(hz) * np.arange(self.rate) / self.rate)
        tone = self.folder / "tone.raw"
        tone.write_bytes(np.tile(second.astype("<i2"), 60).tobytes())
        with tone.open("rb") as sound:
            command = ["pacat", "--playback", "-d", "mic", "--format=s16le", "--channels=1", f"--rate={self.rate}", "--latency-msec=40"]
            self._mouth = subprocess.Popen(command, env=self._own(), stdin=sound, preexec_fn=as_hardware, **QUIET)

    def be_silent(self) -> None:
        if self._mouth is not None:
            self._mouth.kill()
            self._mouth.wait()
            self._mouth = None

    def listen(self, seconds: float) -> NDArray[np.int16]:
        """What the ears hear from now on, (n,) at `rate`."""
        command = ["parec", "-d", "spk.monitor", "--format=s16le", "--channels=1", f"--rate={self.rate}", "--latency-msec=20"]
        with subprocess.Popen(command, env=self._own(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as ear:
            assert ear.stdout is not None
            sound = ear.stdout.read(2 * round(self.rate * seconds))
            ear.kill()
        return np.frombuffer(sound, "<i2")

    def close(self) -> None:
        self.unplug()
        shutil.rmtree(self.folder, ignore_errors=True)


class VirtualCard(VirtualHeadset):
    """A module's own sound card (A1), 8 kHz mono as an EC25's: what comes at the exchange's port goes in, what the box plays goes there."""

    def __init__(self, folder: Path, name: str, port: Path) -> None:
        super().__init__(folder, 8_000, name)
        self._port = port
        self._far_ends: list[subprocess.Popen[bytes]] = []

    def plug(self) -> None:
        """Returns when it can be used; the exchange's port is there by then."""
        super().plug()
        form = ["--raw", "--format=s16le", "--channels=1", "--rate=8000", "--latency-msec=20"]
        for command, mode in ((["pacat", "--playback", "-d", "mic"], "rb"), (["parec", "-d", "spk.monitor"], "wb")):
            with self._port.open(mode, buffering=0) as port:
                ends = {"stdin": port, "stdout": subprocess.DEVNULL} if mode == "rb" else {"stdout": port, "stdin": subprocess.DEVNULL}
                more: Any = {**ends, "stderr": subprocess.DEVNULL, "preexec_fn": as_hardware, "env": self._own()}
                self._far_ends.append(subprocess.Popen([*command, *form], **more))

    def unplug(self) -> None:
        """At once, whoever uses it."""
        for one in self._far_ends:
            one.kill()
            one.wait()
        self._far_ends.clear()
        super().unplug()
