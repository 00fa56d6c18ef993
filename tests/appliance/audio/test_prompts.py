"""What the box says by itself (A4 A9)."""

import shutil

import numpy as np
import pytest

from appliance.audio import prompts


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="nothing here can speak")
@pytest.mark.parametrize("said_as", ["ke4 hu4 fu2 wu4", "customer service"])
def test_a_departments_name_is_said_once_and_music_follows_for_as_long_as_the_box_waits_with_its_own(said_as: str) -> None:
    sound, music = prompts.on_the_way(said_as), prompts.hold()
    assert sound is not None and np.array_equal(sound[-len(music) :], music)
    said_s = (len(sound) - len(music)) / prompts.RATE
    assert 1.0 < said_s < 9.0 and len(sound) / prompts.RATE > 10.0
    other = prompts.on_the_way("ji4 shu4 bu4")
    assert other is not None and not np.array_equal(other, sound)


def test_a_box_that_cannot_speak_says_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert prompts.on_the_way("ke4 hu4 fu2 wu4") is None
