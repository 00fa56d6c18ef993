"""Does the data have the document's form? Every unknown key, missing field and wrong type at once; msgspec would stop at the first."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from firmware_cfg.findings import key_shown, listed, shown, suggestion
from firmware_cfg.line_numbers import Path

Report = Callable[[Path, str, str], None]  # path, what is wrong, what would be right
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
            report(path, f"{shown(value)} is not known here", suggestion(value, map(str, kind.values), ""))
    elif not _fits(value, kind):
        report(path, f"{shown(value)} is {_named(value)}", f"write {_wanted(kind)}")


def _struct(value: object, kind: Any, path: Path, report: Report) -> None:
    if not isinstance(value, dict):
        report(
            path, f"{shown(value)} stands where a table belongs", f"write [{path[-1] if path else 'name'}] on a line and its settings below"
        )
        return
    fields = {field.encode_name: field for field in kind.fields}
    for key, item in value.items():
        if key in fields:
            _value(item, fields[key].type, (*path, key), report)
        else:
            report((*path, key), f"there is no setting {key_shown(key)}", suggestion(key, fields, ""))
    missing = [name for name, field in fields.items() if field.required and name not in value]
    for name in missing:
        report((*path, name), "is missing", f"add {name} = {_wanted(fields[name].type)}")


def _list(value: object, kind: Any, path: Path, report: Report) -> None:
    of_tables = isinstance(kind.item_type, _INSPECT.StructType)
    if not isinstance(value, list):
        right = f"write [[{path[-1]}]] with two brackets" if of_tables else f"write a list, [{_wanted(kind.item_type)}]"
        report(path, f"{shown(value)} stands where a list belongs", right)
        return
    for index, item in enumerate(value):
        _value(item, kind.item_type, (*path, index), report)


def _dict(value: object, kind: Any, path: Path, report: Report) -> None:
    if not isinstance(value, dict):
        report(path, f"{shown(value)} stands where a table belongs", "write { name = 5 }")
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


def _named(value: object) -> str:
    for kind, name in (
        (bool, "a truth value"),
        (str, "a text"),
        (int, "a whole number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "a table"),
    ):
        if isinstance(value, kind):
            return name
    return "a date or time"


def _wanted(kind: Any) -> str:
    match kind:
        case _INSPECT.StrType():
            return 'a text in quotes, "…"'
        case _INSPECT.IntType():
            return "a whole number, without quotes"
        case _INSPECT.FloatType():
            return "a number, without quotes"
        case _INSPECT.BoolType():
            return "true or false, without quotes"
        case _INSPECT.LiteralType():
            return listed(map(str, kind.values)).replace(", ", " or ")
        case _INSPECT.VarTupleType():
            return "a list, [" + _wanted(kind.item_type) + "]"
        case _INSPECT.UnionType():
            return _wanted(kind.types[0])
    return "a table"


def entries(data: dict[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables of a list, with their places; whatever else stands there has been reported."""
    found = data.get(name)
    if isinstance(found, list):
        yield from ((index, item) for index, item in enumerate(found) if isinstance(item, dict))
