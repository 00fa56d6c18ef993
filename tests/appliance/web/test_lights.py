"""The page's lights keep the very rhythm of the lamps (E1)."""

import re

import pytest

from appliance.base.patterns import PATTERNS, level
from appliance.web.lamps import style_sheet


def shown(css: str, name: str, t_ms: int) -> bool:
    """What a browser shows of this style sheet at that time: step-end keyframes, or a steady opacity."""
    rule = re.search(rf"\.lamp-{name}::before {{ (.*?) }}", css)
    assert rule is not None
    if steady := re.search(r"opacity: (\d)", rule[1]):
        return steady[1] == "1"
    cycle = int(re.search(r"(\d+)ms step-end infinite", rule[1])[1])  # type: ignore[index]
    frames = re.search(rf"@keyframes lamp-{name} {{ (.*) }}\n", css)
    assert frames is not None
    steps = [(float(at) * cycle / 100, value) for at, value in re.findall(r"([\d.]+)% { opacity: (\d) }", frames[1])]
    return [value for at, value in steps if at <= t_ms % cycle + 1e-6][-1] == "1"


@pytest.mark.parametrize("name", PATTERNS)
def test_the_rhythm_is_the_lamps_own(name: str) -> None:
    css = style_sheet()
    assert [shown(css, name, t) for t in range(0, 4000, 10)] == [level(PATTERNS[name], t) for t in range(0, 4000, 10)]


def test_all_eight_are_told_apart_without_colour() -> None:
    css = style_sheet()
    rhythms = {tuple(shown(css, name, t) for t in range(0, 4000, 10)) for name in PATTERNS}
    assert len(rhythms) == 8
