"""Ids. Those of lines, seats, queues and agents come from the configuration; a call's is the box's own counter."""

from typing import NewType

TenantId = NewType("TenantId", str)
LineId = NewType("LineId", str)
SeatId = NewType("SeatId", str)
QueueId = NewType("QueueId", str)
AgentId = NewType("AgentId", str)
CallId = NewType("CallId", str)


def call_id(number: int) -> CallId:
    """Of the box's counter, which begins at 1."""
    return CallId(f"c{number:06d}")


def call_number(call: CallId) -> int:
    """The counter of such an id."""
    return int(call.removeprefix("c"))


HOUSE = TenantId("house")
"""The tenant that owns the box."""
