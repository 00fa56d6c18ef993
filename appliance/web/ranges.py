"""Parts of a body by `Range`, so that a player can jump (RFC 9110, 14)."""

import re
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from appliance.web.office import Sound


def ranged(request: Request, body: Sound | bytes, kind: str, tag: str | None = None) -> Response:
    """200 with the whole, 206 with the asked part, or 416. `tag`: the strong ETag of a body that will not change any more.

    A sound goes out piece by piece as its reader takes it, read in a thread: memory is bounded however long it is.
    """
    size = len(body) if isinstance(body, bytes) else body.size
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-cache" if tag else "no-store"}
    if tag:
        headers["etag"] = f'"{tag}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(b"", 304, headers)
    part, status = asked_part(request.headers.get("range"), size), 206
    if part is None or request.headers.get("if-range", headers.get("etag")) != headers.get("etag"):
        part, status = (0, size), 200
    begin, end = part
    if status == 206:
        if begin >= end:
            return Response(b"", 416, {**headers, "content-range": f"bytes */{size}"})
        headers["content-range"] = f"bytes {begin}-{end - 1}/{size}"
    headers["content-length"] = str(end - begin)
    if request.method == "HEAD":
        return Response(None, status, headers, kind)
    return StreamingResponse(_pieces(body, begin, end), status, headers, kind)


def _pieces(body: Sound | bytes, begin: int, end: int) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body[begin:end]
    else:
        yield from body.pieces(begin, end)


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
