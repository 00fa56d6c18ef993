"""The configuration's file and the ones before it (E2): read, checked, written whole or not at all, with a way back."""

import contextlib
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from appliance.base.errors import NotFound, Refused
from appliance.base.files import write_whole
from firmware_cfg import check
from firmware_cfg.findings import Finding

KEPT: Final = 30  # versions; a saved configuration is some kB


class ConfigFile:
    """`config`: what the box was started with. Versions that were in force lie in DIR/configurations/.

    A file that came with the product (a demonstration's) is never written: its like in DIR is, and is read from then on.
    """

    def __init__(self, config: Path, state: Path) -> None:
        self._started_with = config
        self._own = state / config.name if config.parent == check.HERE else config
        self._before = state / "configurations"

    @property
    def path(self) -> Path:
        return self._own if self._own.exists() else self._started_with

    def fingerprint(self) -> str | None:
        """SHA-256 of the file; None where it cannot be read."""
        try:
            return sha256(self.path.read_bytes()).hexdigest()
        except OSError:
            return None

    def read(self) -> tuple[str, str]:
        """(text, its fingerprint). Raises Refused where the file cannot be read."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise Refused("configuration.unreadable", why=error.strerror or str(error)) from None
        return data.decode("utf-8-sig", "replace"), sha256(data).hexdigest()

    def examine(self, text: str) -> list[Finding]:
        """Everything that is wrong with it, in the order of its lines."""
        return check.parse(text.encode(), self._own.name, check.known())[1]

    def save(self, text: str, was: str) -> str:
        """Puts it in place of the one whose fingerprint `was`; the new fingerprint. Raises Refused and changes nothing: there are mistakes
        in it, another was saved since, or the disk refuses. The box reads it within a second."""
        text = text.replace("\r\n", "\n").rstrip() + "\n"
        if self.examine(text):
            raise Refused("configuration.mistakes")
        old, found = self.read()
        if found != was:
            raise Refused("configuration.changed")
        try:
            self._before.mkdir(mode=0o700, exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
            write_whole(self._before / f"{stamp}.toml", old.encode())
            write_whole(self._own, text.encode())
        except OSError as error:
            raise Refused("configuration.unwritable", why=error.strerror or str(error)) from None
        for name in self.versions()[KEPT:]:
            with contextlib.suppress(OSError):
                (self._before / f"{name}.toml").unlink()
        return sha256(text.encode()).hexdigest()

    def versions(self) -> list[str]:
        """Names of the versions before, newest first: each the time (UTC) at which it was replaced."""
        try:
            return sorted((name.removesuffix(".toml") for name in os.listdir(self._before) if name.endswith(".toml")), reverse=True)
        except OSError:
            return []

    def version(self, name: str) -> str:
        """Raises NotFound."""
        if name not in self.versions():
            raise NotFound(name)
        return (self._before / f"{name}.toml").read_text("utf-8")
