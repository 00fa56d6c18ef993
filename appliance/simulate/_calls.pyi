from array import array
from collections.abc import Callable

NAMES: tuple[str, ...]
WHY: tuple[str, ...]

class Rows:
    """Lines of a CSV file to columns; calls_file.py drives it."""

    sorted: bool

    def __init__(
        self, order: list[int], own: list[int], queue_of: Callable[[bytes], int | None], want_of: Callable[[bytes], int | None], line: int
    ) -> None: ...
    def feed(self, text: bytes) -> None: ...
    def close(self) -> None: ...
    def columns(self) -> tuple[array[int], array[int], array[int], array[int], array[int], array[int]]: ...
    def take_wrong(self) -> list[tuple[int, str, str, str]]: ...
