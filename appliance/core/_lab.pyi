from array import array
from collections.abc import Iterable
from typing import Any

from appliance.core._acd import Acd

LOG_WIDTH: int

class Lab:
    """One run of an office in virtual time; appliance/core/lab.py makes and drives these."""

    def __init__(
        self,
        core: Acd,
        lines: list[tuple[Any, ...]],
        people: list[tuple[int, int]],
        times: tuple[int, int, int, int, int, int],
        seed: tuple[int, int, int],
        shifts: list[tuple[int, int, bool]],
        week: int,
        calls: tuple[Any, ...] | None,
        logging: bool,
    ) -> None: ...
    def open_doors(self, logged_in: Iterable[int]) -> None: ...
    def step_on(self, rows: int = ..., inputs: int = ...) -> bool: ...
    def take_log(self) -> array[int]: ...
    def figures(self) -> tuple[list[tuple[int, int, int, int, int, int, int, int, int]], list[tuple[int, int]], int, int]: ...
