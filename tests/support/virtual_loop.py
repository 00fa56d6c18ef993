"""An event loop in virtual time: where all wait, time jumps to the next timer. Pseudo-terminals and work in threads are real."""

import asyncio
import os
import select
import selectors
import time
import tty
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

SETTLES_S = 0.0005
LIMIT_S = 0.5  # a wait so long is somebody's time limit: before it passes, a loaded machine is given more time to bring the answer
LIMIT_SETTLES_S = 0.005
PROBES = 4  # what a byte of ours takes, so many times more is waited


class _Probe:
    """A pseudo-terminal of our own. The kernel carries the bytes of all by one list of work: what was written before our byte has come by
    now, or comes soon; what our byte took says how soon, however busy the machine is."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self._poll = select.poll()
        self._poll.register(self.master, select.POLLIN)

    def took_s(self) -> float:
        started = time.perf_counter()
        os.write(self.slave, b".")
        assert self._poll.poll(30_000), "the kernel has not carried one byte in 30 s"
        os.read(self.master, 1)
        return time.perf_counter() - started

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


class _Selector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.passed_s, self.at_work = 0.0, 0
        self._probe = _Probe()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.at_work or timeout is None:
            return super().select(0.5)
        found = super().select(0)
        if not found:
            settles_s = SETTLES_S if timeout < LIMIT_S else LIMIT_SETTLES_S
            found = super().select(settles_s + PROBES * self._probe.took_s())
        if not found:
            self.passed_s += timeout
        return found

    def close(self) -> None:
        self._probe.close()
        super().close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """`clock` is the box's clock in it."""

    def __init__(self) -> None:
        self._virtual = self.selector()
        super().__init__(self._virtual)

    def selector(self) -> Any:
        """What makes time pass: `passed_s` counts it."""
        return _Selector()

    def time(self) -> float:
        return self._virtual.passed_s

    def now_ms(self) -> int:
        return round(self.time() * 1000)

    def utc_ms(self) -> int:
        return 1_780_000_000_000 + self.now_ms()

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:
        self._virtual.at_work += 1

        def done(_: Any) -> None:
            self._virtual.at_work -= 1

        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(done)
        return future


def run(story: Callable[[VirtualLoop], Any]) -> None:
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(story(loop))
    finally:
        asyncio.set_event_loop(None)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
