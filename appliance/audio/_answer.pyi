import numpy as np
from numpy.typing import NDArray

from appliance.audio._detect import Tones

class AnswerEar:
    """Who answers, over whole sounds, for tests: they begin where the far end has answered."""

    def __init__(self, tones: Tones | None = None) -> None: ...
    def feed(self, pcm: NDArray[np.int16]) -> list[tuple[int, str]]:
        """[(sample, "answered_by_person" | "answered_by_machine" | "beep")]; whole frames only."""
