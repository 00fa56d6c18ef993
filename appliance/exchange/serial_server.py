"""A serial server before one simulated modem (A1): its port by RFC 2217, with DTR, RI and CD, which a pseudo-terminal has not.

The protocol is pyserial's, as written for servers; the bytes go through the modem's own pseudo-terminal, opened as any program opens it.
"""

import asyncio
import contextlib
import os
import struct
from pathlib import Path
from typing import Final

from serial.rfc2217 import IAC, IAC_DOUBLED, PortManager

from appliance.exchange.modems.v253 import V253
from appliance.exchange.trunks import Trunk
from appliance.exchange.wiring import now_ms

WATCH_S: Final = 0.02
BLOCK: Final = 4096
MOST_SAID: Final = 256  # bytes of one subnegotiation; the longest of RFC 2217 that we know is a signature


class ControlLines:
    """What PortManager asks of a serial port. Speed and frame are taken and mean nothing: as with modems on USB."""

    baudrate, bytesize, parity, stopbits = 115_200, 8, "N", 1
    rtscts = xonxoff = break_condition = False
    cts = dsr = rts = True

    def __init__(self, trunk: Trunk) -> None:
        assert isinstance(trunk.modem, V253)
        self._trunk, self._modem, self._dtr = trunk, trunk.modem, False

    @property
    def ri(self) -> bool:
        return self._modem.ring_indicator(now_ms())

    @property
    def cd(self) -> bool:
        return self._modem.carrier_detect

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        self._dtr = on
        self._modem.data_terminal_ready(on, now_ms())
        self._trunk.work(now_ms())

    def reset_input_buffer(self) -> None:
        """Nothing is kept here."""

    reset_output_buffer = reset_input_buffer


class SerialServer:
    """One client at a time: a second is sent away, as by servers that lock a port. A client that goes lets DTR fall."""

    def __init__(self, trunk: Trunk, link: Path) -> None:
        self._lines, self._link, self._taken = ControlLines(trunk), link, False
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Where it listens. OSError where it cannot."""
        self._server = await asyncio.start_server(self._client, host, port)
        name = self._server.sockets[0].getsockname()
        return name[0], name[1]

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._taken:
            writer.close()
            return
        self._taken = True
        try:
            await self._serve(reader, writer)
        finally:
            self._taken = False
            self._lines.dtr = False
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        manager = PortManager(self._lines, writer)
        loop, port = asyncio.get_running_loop(), os.open(self._link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

        def from_modem() -> None:
            try:
                data = os.read(port, BLOCK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                writer.write(data.replace(IAC, IAC_DOUBLED))
            else:  # unplugged
                loop.remove_reader(port)
                writer.close()

        async def watch() -> None:
            while True:
                manager.check_modem_lines()
                await asyncio.sleep(WATCH_S)

        loop.add_reader(port, from_modem)
        watching = asyncio.create_task(watch())
        try:
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(BLOCK):
                    typed = from_client(manager, data)
                    if typed is None:
                        return
                    with contextlib.suppress(BlockingIOError):  # a modem that takes nothing loses it
                        os.write(port, typed)
        finally:
            watching.cancel()
            loop.remove_reader(port)
            os.close(port)


def from_client(manager: PortManager, data: bytes) -> bytes | None:
    """The modem's bytes of what came; None where it is no RFC 2217, which pyserial says by one of many errors, or never: send him away."""
    try:
        typed = b"".join(manager.filter(data))
    except (struct.error, ValueError, KeyError, TypeError, IndexError):
        return None
    return typed if len(manager.suboption or b"") <= MOST_SAID else None
