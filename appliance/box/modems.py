"""Modem families for people, and modems that are plugged in and in no line of the configuration (A1, E2)."""

from pathlib import Path

from appliance.hw.discover import find_modems
from appliance.hw.profile import Profile
from appliance.web.office import Family, Modem
from firmware_cfg.document import Document


def families(profiles: list[Profile] | None = None) -> dict[str, Family]:
    found = {}
    for one in profiles or Profile.all():
        limits = {} if one.limit is None else {"zh_CN": one.limit.zh_CN, "en": one.limit.en}
        found[one.name] = Family(one.title or one.name, limits)
    return found


def waiting_modems(document: Document, root: Path = Path("/"), profiles: list[Profile] | None = None) -> list[Modem]:
    """By place, never by tty number: a modem in another socket is a new one."""
    ours = {port for line in document.line for port in (line.port, line.audio_port) if port is not None}
    known = families(profiles)
    return [
        Modem(one.by_path or one.path, one.usb, known.get(one.profile or ""), one.toml)
        for one in find_modems(root, profiles, [line.id for line in document.line])
        if not ours & one.names
    ]
