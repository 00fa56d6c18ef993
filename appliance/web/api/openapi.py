"""GET /openapi.json: the interface described from its own declarations (OpenAPI 3.1; the schemas are msgspec's)."""

import re
from typing import Any

import msgspec
from starlette.responses import Response

from appliance.web.api.noun import PREFIX, Noun, Operation
from appliance.web.api.shapes import Error
from appliance.web.ask import Ask

NOUN = Noun("openapi")
_REF = "#/components/schemas/{name}"
_ERRORS = {"401": "sign in first", "403": "the role does not allow it", "404": "there is no such thing"}


@NOUN.on("GET", "/openapi.json")
async def openapi(ask: Ask) -> Response:
    """This description."""
    from appliance.web.api.find import nouns

    document = describe([operation for noun in nouns(ask.office.demo) for operation in noun.operations], ask.office.version)
    return Response(msgspec.json.encode(document), 200, None, "application/json")


def describe(operations: list[Operation], version: str) -> dict[str, Any]:
    types = [kind for each in operations for kind in (each.takes, each.gives) if kind is not None and not isinstance(kind, str)]
    schemas, components = msgspec.json.schema_components([*types, Error], ref_template=_REF)
    of = dict(zip(map(repr, [*types, Error]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Seatbox", "version": version, "description": "Times are ISO 8601 with offset, durations seconds, newest first."},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}, {"page": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "page": {"type": "apiKey", "in": "cookie", "name": "seatbox", "description": "posts bring X-Forgery-Token besides"},
            },
        },
    }


def _operation(each: Operation, of: dict[str, Any]) -> dict[str, Any]:
    errors = dict(_ERRORS) if each.role is not None else {}
    if each.method not in ("GET", "HEAD"):
        errors |= {"409": "the state does not allow it", "422": "the body is not as it should be"}
    described: dict[str, Any] = {
        "operationId": f"{each.method.lower()}_{re.sub(r'[^a-z0-9]+', '_', each.path.lower()).strip('_')}",
        "summary": " ".join((each.handler.__doc__ or "").split()),
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"{(\w+)}", each.path)),
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in each.query),
        ],
        "responses": {
            str(each.status): {"description": "done", **_content(each.gives, of)},
            **{status: {"description": text, **_content(Error, of)} for status, text in errors.items()},
        },
    }
    if each.role is not None:
        described["x-role"] = each.role.name.lower()
    else:
        described["security"] = [{}, {"token": []}, {"page": []}]
    if each.takes is not None:
        described["requestBody"] = {"required": False, **_content(each.takes, of)}
    return described


def _content(kind: Any, of: dict[str, Any]) -> dict[str, Any]:
    if kind is None:
        return {}
    if isinstance(kind, str):
        return {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
    return {"content": {"application/json": {"schema": of[repr(kind)]}}}
