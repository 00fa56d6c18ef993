"""docs/simulate.md (E4): its worked example gives what it shows, its words are the reader's, its ten lines run."""

import re
from pathlib import Path

from appliance.core import figures
from appliance.core.office import STRATEGIES
from appliance.simulate import scenario, simulate_command

ROOT = Path(__file__).parents[3]
BOOK = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")


def test_the_worked_example_gives_the_figures_that_stand_there(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text(BOOK.split("```toml\n")[1].split("```")[0])
    office, findings = scenario.read(tmp_path / "office.toml")
    assert office is not None, findings
    shown = BOOK.split("```toml\n")[1].split("```\n")[2].strip()
    assert simulate_command.as_text(office, figures.simulate(office)) == shown


def test_every_word_that_a_scenario_knows_is_explained() -> None:
    code = "".join((ROOT / "appliance" / "simulate" / f"{name}.py").read_text() for name in ("scenario", "shifts"))
    words = set(re.findall(r"\.(?:number|whole|word|text|numbers|tables?|skills)\(\s*\"(\w+)\"", code)) | {"queues", "days", "begin", "end"}
    assert {"seed", "hours", "offer_s", "ageing", "shifts", "slot_minutes", "weight", "sd_s", "values_s"} <= words
    assert not [word for word in words if not re.search(rf"[`\[{{ ]{word}[` =\]]", BOOK)]
    assert not [word for word in (*STRATEGIES, *figures.FIGURES) if f"`{word}`" not in BOOK]


def test_its_lines_of_python_run(capsys: object) -> None:
    exec(BOOK.split("```python\n")[1].split("```")[0], {"print": lambda wait: None if 35 < wait < 55 else 1 / 0})
