"""What the machine knows of bad power (E5): a Pi's under-voltage, a USB port's over-current. Where it says nothing, nothing is said.

Source: Linux hwmon driver raspberrypi-hwmon (in0_lcrit_alarm), Raspberry Pi firmware (get_throttled, bit 0: now),
sysfs-bus-usb (over_current_count).
"""

from pathlib import Path


class Power:
    """Remembers what it saw, so that each sign is told once for each time it comes. `root`: another tree for tests."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        self._over_current = self._counts()

    def signs(self) -> list[str]:
        """Of "under_voltage" and "over_current", those that are there now or new since last time."""
        found = ["under_voltage"] if self._under_voltage() else []
        counts = self._counts()
        if counts > self._over_current:
            found.append("over_current")
        self._over_current = counts
        return found

    def _under_voltage(self) -> bool:
        for monitor in sorted((self.root / "sys/class/hwmon").glob("hwmon*")):
            if _read(monitor / "name") == "rpi_volt" and _read(monitor / "in0_lcrit_alarm") == "1":
                return True
        flags = _read(self.root / "sys/devices/platform/soc/soc:firmware/get_throttled")
        try:
            return bool(int(flags, 16) & 0x1)
        except ValueError:
            return False

    def _counts(self) -> int:
        ports = (self.root / "sys/bus/usb/devices").glob("*/*-port*/over_current_count")
        return sum(int(text) for port in ports if (text := _read(port)).isdigit())


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
