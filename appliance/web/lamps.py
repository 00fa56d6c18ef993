"""The lights on the page (E1): the style sheet's rhythms are made from the one source that the pins have too."""

from hashlib import blake2b
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appliance.base.patterns import PATTERNS, Pattern

SHADES: Final = {"none": "transparent", "green": "#16a34a", "amber": "#f59e0b", "red": "#dc2626", "blue": "#2563eb"}
BODY: Final = """\
.lamp { display: inline-block; position: relative; flex: none; width: 1.05rem; height: 1.05rem; border-radius: 50%;
  border: 2px solid color-mix(in srgb, var(--bulb) 55%, var(--dim, #888)); vertical-align: -.15em; }
.lamp.small { width: .75rem; height: .75rem; border-width: 1.5px; vertical-align: 0; }
.lamp::before { content: ""; position: absolute; inset: 1px; border-radius: 50%; background: var(--bulb);
  box-shadow: 0 0 .5rem color-mix(in srgb, var(--bulb) 60%, transparent); }
"""


def keyframes(name: str, pattern: Pattern) -> str:
    """Steps, no fading: on and off at the very times of the lamp, as parts of the cycle. A steady light has none."""
    if not any(on and off for on, off in pattern.rhythm):
        return ""
    at, steps = 0, []
    for on, off in pattern.rhythm:
        steps.append(f"{_part(at, pattern)} {{ opacity: 1 }}")
        steps.append(f"{_part(at + on, pattern)} {{ opacity: 0 }}")
        at += on + off
    return f"@keyframes lamp-{name} {{ {' '.join(steps)} 100% {{ opacity: 0 }} }}\n"


def _part(at_ms: int, pattern: Pattern) -> str:
    return f"{100 * at_ms / pattern.cycle_ms:g}%"


def style_sheet() -> str:
    rules = [BODY]
    for name, pattern in PATTERNS.items():
        moves = keyframes(name, pattern)
        dark = all(not on for on, _ in pattern.rhythm)
        light = f"animation: lamp-{name} {pattern.cycle_ms}ms step-end infinite" if moves else f"opacity: {0 if dark else 1}"
        rules.append(
            f"{moves}.lamp-{name} {{ --bulb: {SHADES[pattern.colour]}; }}\n.lamp-{name}::before {{ {light}; }}\n"
            f".status-{name} {{ --tone: {SHADES[pattern.colour] if pattern.colour != 'none' else 'var(--line)'}; }}\n"
        )
    return "".join(rules)


STYLE_SHEET: Final = style_sheet()
TAG: Final = f'"{blake2b(STYLE_SHEET.encode(), digest_size=8).hexdigest()}"'


async def lamps(request: Request) -> Response:
    headers = {"etag": TAG, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == TAG:
        return Response(b"", 304, headers)
    return Response(STYLE_SHEET, 200, headers, "text/css")


ROUTE: Final = Route("/lamps.css", lamps)
