"""Modems that are plugged in and in no line of the configuration (A1, E2)."""

from pathlib import Path

from appliance.hw.discover import find_modems
from appliance.hw.profile import Profile
from appliance.web.office import Modem
from firmware_cfg.document import Document


def waiting_modems(document: Document, root: Path = Path("/")) -> list[Modem]:
    """By place, never by tty number: a modem in another socket is a new one."""
    ours = {port for line in document.line for port in (line.port, line.audio_port) if port is not None}
    found = []
    for one in find_modems(root, taken=[line.id for line in document.line]):
        if ours & one.names:
            continue
        profile = Profile.load(one.profile) if one.profile is not None else None
        limit = profile.limit if profile is not None else None
        limits = {} if limit is None else {"zh_CN": limit.zh_CN, "en": limit.en}
        found.append(Modem(one.by_path or one.path, one.usb, profile.title or profile.name if profile else None, limits, one.toml))
    return found
