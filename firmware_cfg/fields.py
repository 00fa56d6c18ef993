"""Does the data have the document's form? Every unknown key, missing field and wrong type at once; msgspec would stop at the first."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, Final

import msgspec

from firmware_cfg.findings import Said, key_shown, listed, shown, suggestion
from firmware_cfg.line_numbers import Path

Report = Callable[[Path, Said, Said], None]  # path, what is wrong, what would be right
_INSPECT: Final = msgspec.inspect


def check_fields(data: object, kind: Any, report: Report) -> None:
    """Reports what in `data` (of tomllib) does not fit the struct `kind`."""
    _value(data, _INSPECT.type_info(kind), (), report)


def _value(value: object, kind: Any, path: Path, report: Report) -> None:
    if isinstance(kind, _INSPECT.StructType):
        _struct(value, kind, path, report)
    elif isinstance(kind, _INSPECT.VarTupleType):
        _list(value, kind, path, report)
    elif isinstance(kind, _INSPECT.DictType):
        _dict(value, kind, path, report)
    elif isinstance(kind, _INSPECT.UnionType):
        rest = [one for one in kind.types if not isinstance(one, _INSPECT.NoneType)]
        _value(value, rest[0], path, report)
    elif isinstance(kind, _INSPECT.LiteralType):
        if value not in kind.values or not isinstance(value, str):
            wrong = Said("{value} is not known here", value=shown(value))
            report(path, wrong, suggestion(value, map(str, kind.values), Said("leave it out")))
    elif not _fits(value, kind):
        wrong = Said("{value} is {kind}", value=shown(value), kind=_named(value))
        if isinstance(value, list | dict):
            wrong = Said("{kind} stands here", kind=_named(value))
        report(path, wrong, Said("write {wanted}", wanted=_wanted(kind)))


def _struct(value: object, kind: Any, path: Path, report: Report) -> None:
    if not isinstance(value, dict):
        right = Said("write [{name}] on a line and its settings below", name=path[-1] if path else "name")
        if path and isinstance(path[-1], int):
            right = Said("write [[{name}]] with two brackets", name=path[-2])
        report(path, Said("{value} stands where a table belongs", value=shown(value)), right)
        return
    fields = {field.encode_name: field for field in kind.fields}
    for key, item in value.items():
        if key in fields:
            _value(item, fields[key].type, (*path, key), report)
        else:
            wrong = Said("there is no setting {setting}", setting=key_shown(key))
            report((*path, key), wrong, suggestion(key, fields, Said("leave it out")))
    missing = [name for name, field in fields.items() if field.required and name not in value]
    for name in missing:
        report((*path, name), Said("is missing"), Said("add {setting} = {wanted}", setting=name, wanted=_wanted(fields[name].type)))


def _list(value: object, kind: Any, path: Path, report: Report) -> None:
    of_tables = isinstance(kind.item_type, _INSPECT.StructType)
    if not isinstance(value, list):
        right = Said("write [[{name}]] with two brackets", name=path[-1]) if of_tables else Said("write {wanted}", wanted=_wanted(kind))
        report(path, Said("{value} stands where a list belongs", value=shown(value)), right)
        return
    for index, item in enumerate(value):
        _value(item, kind.item_type, (*path, index), report)


def _dict(value: object, kind: Any, path: Path, report: Report) -> None:
    if not isinstance(value, dict):
        report(path, Said("{value} stands where a table belongs", value=shown(value)), Said("write {wanted}", wanted="{ name = 5 }"))
        return
    for key, item in value.items():
        _value(item, kind.value_type, (*path, key), report)


def _fits(value: object, kind: Any) -> bool:
    if isinstance(value, bool):
        return isinstance(kind, _INSPECT.BoolType)
    match kind:
        case _INSPECT.StrType():
            return isinstance(value, str)
        case _INSPECT.IntType():
            return isinstance(value, int) and abs(value) < 2**63
        case _INSPECT.FloatType():
            return isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)
    return False


def _named(value: object) -> Said:
    for kind, name in (
        (bool, Said("a truth value")),
        (str, Said("a text")),
        (int, Said("a whole number")),
        (float, Said("a number")),
        (list, Said("a list")),
        (dict, Said("a table")),
    ):
        if isinstance(value, kind):
            return name
    return Said("a date or time")


def _wanted(kind: Any) -> str:
    match kind:
        case _INSPECT.StrType():
            return Said('a text in quotes, "…"')
        case _INSPECT.IntType():
            return Said("a whole number, without quotes")
        case _INSPECT.FloatType():
            return Said("a number, without quotes")
        case _INSPECT.BoolType():
            return Said("true or false, without quotes")
        case _INSPECT.LiteralType():
            options = [listed([str(value)]) for value in kind.values]
            return reduce(lambda one, other: Said("{one} or {other}", one=one, other=other), options)
        case _INSPECT.VarTupleType():
            return Said("a list, [{wanted}]", wanted=_wanted(kind.item_type))
        case _INSPECT.UnionType():
            return _wanted(kind.types[0])
    return Said("a table")


def entries(data: dict[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables of a list, with their places; whatever else stands there has been reported."""
    found = data.get(name)
    if isinstance(found, list):
        yield from ((index, item) for index, item in enumerate(found) if isinstance(item, dict))
