from array import array

from appliance.core.decisions import Decision
from appliance.core.inputs import Input

INPUT_WIDTH: int
ACTION_WIDTH: int

class Acd:
    """One office: feed it inputs at times that never go back, carry out what it decides. Not for two threads at once."""

    def feed(self, now_ms: int, given: Input) -> list[Decision]:
        """The decisions in order. An input that does not fit gives Refused and changes nothing; MemoryError ends the core's life."""

    def run(self, rows: array[int] | memoryview) -> array[int]:
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
        """logged_out free offered talking wrap_up paused resting, and when it ends by itself. Unknown: KeyError."""

    def explain(self, agent: int) -> str | None:
        """Why he gets no call: a state, `vanished`, `blocked`, `no queue`, `had turn`; None: he is next. Unknown: KeyError."""
