"""What a person is told while the disk is slow, and while it refuses (E5): a slow disk is waited for, a refusing one is said."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.box import office
from appliance.box.config_file import ConfigFile
from appliance.box.office import BoxOffice
from appliance.web.ask import Sentence


class Disk:
    """Stands for a journal's disk: takes entries after some time, or refuses."""

    def __init__(self, takes_s: float, refusing: str | None) -> None:
        self.takes_s, self.refusing = takes_s, refusing

    async def committed(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        self.due = getattr(self, "due", loop.time() + self.takes_s)
        await asyncio.sleep(max(0.0, self.due - loop.time()))


async def told(disk: Disk, tmp_path: Path) -> None:
    parts: Any = SimpleNamespace(journal=disk)
    await BoxOffice(parts, tmp_path, None, ConfigFile(tmp_path / "config.toml", tmp_path)).committed(7)


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "COMMIT_S", 0.05)
    monkeypatch.setattr(office, "SLOW_S", 0.5)


def test_a_slow_disk_is_waited_for_and_not_called_full(tmp_path: Path) -> None:
    asyncio.run(told(Disk(takes_s=0.2, refusing=None), tmp_path))


@pytest.mark.parametrize(("takes_s", "why"), [(60.0, "database or disk is full"), (60.0, None)], ids=["refuses", "far too slow"])
def test_a_disk_that_does_not_take_it_is_said_and_nobody_waits_for_ever(tmp_path: Path, takes_s: float, why: str | None) -> None:
    with pytest.raises(Sentence) as said:
        asyncio.run(told(Disk(takes_s, why), tmp_path))
    assert said.value.status == 503
