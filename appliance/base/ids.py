"""Ids. Those of lines, seats, queues and agents come from the configuration; a call's is the box's own counter."""

from typing import NewType

TenantId = NewType("TenantId", str)
LineId = NewType("LineId", str)
SeatId = NewType("SeatId", str)
QueueId = NewType("QueueId", str)
AgentId = NewType("AgentId", str)
CallId = NewType("CallId", str)

HOUSE = TenantId("house")
"""The tenant that owns the box."""
