"""python -m appliance.flow.pinyin: Chinese on its standard input as pinyin with tones, for espeak-ng, whose own reading is not understood.

A process of its own, as pypinyin's dictionary takes 40 MB that the box needs only while somebody writes a prompt.
"""

import re
import sys
from typing import Final

PAUSES: Final = str.maketrans("，。！？；：、（）“”《》", ",.!?;:,,,,,,,")


def pinyin(text: str) -> str:
    """ "您好，请稍候。" becomes "nin2 hao3, qing3 shao1 hou4." What is not Chinese stays."""
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(text.translate(PAUSES), style=Style.TONE3, neutral_tone_with_five=True)
    return re.sub(r"\s+([,.!?;:])", r"\1", " ".join(syllables))


if __name__ == "__main__":
    sys.stdout.write(pinyin(sys.stdin.read()))
