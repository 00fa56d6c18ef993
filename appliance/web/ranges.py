"""Parts of a body by `Range`, so that a player can jump (RFC 9110, 14)."""

import re

from starlette.requests import Request
from starlette.responses import Response


def ranged(request: Request, body: bytes, kind: str, tag: str | None = None) -> Response:
    """200 with the whole, 206 with the asked part, or 416. `tag`: the strong ETag of a body that will not change any more."""
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-cache" if tag else "no-store"}
    if tag:
        headers["etag"] = f'"{tag}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(b"", 304, headers)
    part = asked_part(request.headers.get("range"), len(body))
    if part is None or request.headers.get("if-range", headers.get("etag")) != headers.get("etag"):
        return Response(body, 200, headers, kind)
    begin, end = part
    if begin >= end:
        return Response(b"", 416, {**headers, "content-range": f"bytes */{len(body)}"})
    return Response(body[begin:end], 206, {**headers, "content-range": f"bytes {begin}-{end - 1}/{len(body)}"}, kind)


def asked_part(header: str | None, size: int) -> tuple[int, int] | None:
    """(begin, end) of one asked range, end exclusive; empty where it cannot be satisfied; None where the whole is to be sent.

    Several ranges at once are answered with the whole, as the standard allows.
    """
    match = re.fullmatch(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", header or "")
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match[1], match[2]
    if not first and not last:
        return None
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (0, 0)
    if last and int(last) < int(first):
        return None  # not a valid range: as if it were not there
    begin = int(first)
    return (begin, min(size, int(last) + 1 if last else size)) if begin < size else (0, 0)
