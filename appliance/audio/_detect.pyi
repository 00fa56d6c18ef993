from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class Tones:
    """The tones of one country's exchanges, ready for the ear."""

    def __init__(self, tones: Sequence[tuple[str, tuple[float, ...], float, tuple[int, ...], int, int]]) -> None:
        """tones: (word, hz, tolerance_hz, cadence_ms, tolerance_ms, known_after_ms), words without `_tone`."""

class Detector:
    """Both detectors over whole sounds, for tests and the bench."""

    def __init__(self, tones: Tones | None = None) -> None: ...
    def feed(self, pcm: NDArray[np.int16]) -> list[tuple[int, str]]: ...
