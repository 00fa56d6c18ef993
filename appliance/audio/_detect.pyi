import numpy as np
from numpy.typing import NDArray

class Detector:
    """Both detectors over whole sounds, for tests and the bench."""

    def feed(self, pcm: NDArray[np.int16]) -> list[tuple[int, str]]: ...
