"""A configuration as TOML again (E2): what differs from the defaults, in the order of document.py."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from firmware_cfg.document import Document

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def content(document: Document) -> dict[str, Any]:
    """As tomllib would give it, without what is at its default."""
    found = _content(document)
    assert isinstance(found, dict)
    return found


def toml(content: Mapping[str, Any]) -> str:
    """Of any content, right or wrong: to be checked as a file would be."""
    lines = [f"{_key(name)} = {_value(value)}" for name, value in content.items() if not _is_table(value)]
    for name, value in content.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_key(name)}]", *_settings(value)]
        elif _is_table(value):
            for one in value:
                lines += ["", f"[[{_key(name)}]]", *_settings(one)]
    return "\n".join(lines).lstrip() + "\n"


def _content(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        found = {}
        for each in msgspec.structs.fields(type(value)):
            own = getattr(value, each.name)
            default = each.default_factory() if each.default_factory is not msgspec.NODEFAULT else each.default
            if own is not None and own != default:
                found[each.name] = _content(own)
        return found
    if isinstance(value, tuple):
        return [_content(one) for one in value]
    return value


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value))


def _settings(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if _BARE.match(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + "}"
    return repr(value)
