"""On a board with pins: lets the virtual environment see Debian's `lgpio`, and nothing else of Debian's Python packages."""

import sys
import sysconfig
from pathlib import Path

site = Path(sysconfig.get_paths()["purelib"])
found = [*Path("/usr/lib/python3/dist-packages").glob("lgpio.py"), *Path("/usr/lib/python3/dist-packages").glob("_lgpio*.so")]
for file in found:
    link = site / file.name
    link.unlink(missing_ok=True)
    link.symlink_to(file)
if not found:
    sys.stderr.write("python3-lgpio is not installed: lamps show on the page only\n")
