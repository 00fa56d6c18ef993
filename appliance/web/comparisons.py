"""Comparisons of a past day with a candidate (pages/what_if_day.py), each in a process of its own at the lowest priority (A3 E4).

One runs at a time, within MOST_S and the memory of calls/comparing.py; the last KEPT results are remembered, each for whom asked for it.
"""

import asyncio
import contextlib
import logging
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from appliance.base.errors import NotFound, Refused
from appliance.calls.comparing import Answer, Task
from appliance.calls.comparison import Comparison
from appliance.calls.explanation import MomentOfRouting
from firmware_cfg.document import Document

log = logging.getLogger(__name__)
MOST_S: Final = 300.0
KEPT: Final = 6
_LONGEST_LINE: Final = 64 << 20
_COMMAND: Final = ("nice", "-n", "19", sys.executable, "-m", "appliance.calls.comparing")

Whys = tuple[list[MomentOfRouting], list[MomentOfRouting]]


@dataclass
class Job:
    """`share`: how much is done. When `over`: `found`, or `wrong` (the page's text `compare.WRONG`) and its `words`."""

    id: str
    by: str
    day: date
    document: Document
    share: float = 0.0
    over: bool = False
    found: Comparison | None = None
    wrong: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    whys: dict[str, Whys] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Comparisons:
    """Of one box; all of it on its event loop, which only reads what a process writes."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._jobs: dict[str, Job] = {}
        self._asking = asyncio.Lock()

    def begin(self, by: str, day: date, document: Document) -> Job:
        """His own that still runs is cancelled. Raises Refused where another person's runs."""
        for job in [each for each in self._jobs.values() if not each.over]:
            if job.by != by:
                raise Refused("compare.busy")
            self.cancel(job)
        while len(self._jobs) >= KEPT:
            del self._jobs[next(iter(self._jobs))]
        job = Job(secrets.token_hex(6), by, day, document)
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._compare(job), name=f"comparison {job.id}")
        return job

    def find(self, id: str, by: str) -> Job:
        """Raises NotFound: there is none, or it is another person's."""
        job = self._jobs.get(id)
        if job is None or job.by != by:
            raise NotFound(id)
        return job

    def known(self, id: str | None, by: str) -> Job | None:
        """As `find`; None where it raises."""
        job = self._jobs.get(id or "")
        return job if job is not None and job.by == by else None

    def cancel(self, job: Job) -> None:
        if not job.over and job.task is not None:
            job.over, job.wrong = True, "cancelled"
            job.task.cancel()

    async def whys(self, job: Job, call: str) -> Whys:
        """Why a call went to whom, and would have; some seconds. One person's question after the other."""
        async with self._asking:
            if call not in job.whys:
                task = Task(state=str(self._state), day=job.day, document=job.document, call=call)
                answer = await self._run(task, lambda _: None)
                if answer.whys is None:
                    raise Refused(f"compare.{answer.wrong}", **answer.words)
                job.whys[call] = answer.whys
            return job.whys[call]

    async def _compare(self, job: Job) -> None:
        def heard(share: float) -> None:
            job.share = share

        answer = Answer(wrong="broken")
        try:
            answer = await self._run(Task(state=str(self._state), day=job.day, document=job.document), heard)
        finally:
            if not job.over:
                job.over, job.found, job.wrong, job.words = True, answer.found, answer.wrong, answer.words

    async def _run(self, task: Task, heard: Callable[[float], None]) -> Answer:
        """The last answer; the process is gone when this returns, or is cancelled."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=pipe, stdout=pipe, limit=_LONGEST_LINE)
        except OSError as error:
            log.error("a comparison's process cannot be started: %s", error)
            return Answer(wrong="broken")
        assert process.stdin is not None and process.stdout is not None
        answer = Answer()
        try:
            async with asyncio.timeout(MOST_S):
                process.stdin.write(msgspec.json.encode(task) + b"\n")
                while line := await process.stdout.readline():
                    answer = msgspec.json.decode(line, type=Answer)
                    heard(answer.share)
        except TimeoutError:
            return Answer(wrong="too_long")
        except (OSError, ValueError) as error:
            log.error("a comparison's process was not understood: %s", error)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.stdin.close()
            await asyncio.shield(process.wait())
        if answer.found is None and answer.whys is None and answer.wrong is None:
            log.error("a comparison of %s ended without a result, code %s", task.day, process.returncode)
            return Answer(wrong="broken")
        return answer
