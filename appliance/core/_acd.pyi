from array import array
from typing import Any

from appliance.core.decisions import Decision
from appliance.core.inputs import Input

INPUT_WIDTH: int
ACTION_WIDTH: int

class Acd:
    """One office: feed it inputs at times that never go back, carry out what it decides. Not for two threads at once."""

    def feed(self, now_ms: int, given: Input) -> list[Decision]:
        """The decisions in order. An input that does not fit gives Refused and changes nothing; MemoryError ends the core's life."""

    def run(self, rows: array[int] | memoryview) -> memoryview:
        """Many inputs, int64, INPUT_WIDTH numbers each as `trace.pack` makes them; gives ACTION_WIDTH numbers a decision (trace.unpack)."""

    @property
    def next_deadline_ms(self) -> int | None:
        """When a Tick is due at the latest."""

    @property
    def hash(self) -> int:
        """64 bits over all decisions so far; equal to the oracle's."""

    def waiting(self, queue: int) -> list[int]:
        """Callers not joined with anybody, those with an open offer included, in the order in which they will be taken."""

    def agent(self, agent: int) -> tuple[str, int | None]:
        """logged_out free offered talking wrap_up paused resting busy, and when it ends by itself. Unknown: KeyError."""

    def explain(self, agent: int) -> str | None:
        """Why he gets no call: his state, `vanished`, `blocked`, `not asked`, `no queue`, or what why_not says of the first caller of his
        queues who rings nobody; None: he is next. Unknown: KeyError."""

    def why_not(self, call: int, agent: int) -> str | None:
        """Why this agent may not take this caller now, one of reference.WHY_NOT; None: he may. Unknown: KeyError."""

    def position(self, call: int) -> int:
        """1: the first of his queue. Unknown: KeyError; ValueError where he does not wait."""

    def expected_wait_ms(self, call: int) -> int | None:
        """Position times the queue's measured time between talks' beginnings while others wait; None before there was one."""

    def measured(self, queue: int) -> tuple[int | None, int, int]:
        """(that time in ms, how many waits were foretold at joining and came to a talk, the sum of their errors in ms)."""

    def state(self) -> dict[str, Any]:
        """All that decides what comes, as plain data; equal to the oracle's. Not for a core in the midst of a step."""

    @staticmethod
    def restore(state: dict[str, Any]) -> Acd:
        """A core that goes on where that one was: same decisions, same hash. Of what no core has given: ValueError or KeyError."""
