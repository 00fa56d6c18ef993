import numpy as np
from numpy.typing import NDArray

def run_level(
    frames: NDArray[np.int16],
    told: NDArray[np.int64],
    speaking: NDArray[np.uint8],
    tone: NDArray[np.uint8],
    target: float,
) -> tuple[NDArray[np.int16], NDArray[np.float64]]: ...
