import numpy as np
from numpy.typing import NDArray

def run_elastic(
    sound: NDArray[np.int16], pushes: NDArray[np.int64], target: int = 320, most: int = 0
) -> tuple[NDArray[np.int16], NDArray[np.int64], int, int]: ...
