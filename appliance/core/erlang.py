"""Closed forms of queueing (E4), to hold the lab to: what is known exactly about offices simple enough.

`offered` is work in erlangs: calls a second times mean talk. Sources: Erlang 1917 (B and C); Palm 1946, as Garnett, Mandelbaum and Reiman
write it in 2002 (A: callers of exponential patience); Cobham 1954 (priorities; no talk is cut short), for servers of one mean talk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Over all callers, those who left included. Times in the unit of the mean talk."""

    p_wait: float
    mean_wait: float
    p_abandon: float = 0.0


def erlang_b(servers: int, offered: float) -> float:
    """Share of callers who find all servers busy and go."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float, mean_talk: float = 1.0) -> Waiting:
    """All wait as long as it takes. ValueError where the work is more than the servers can do."""
    if offered >= servers:
        raise ValueError("overload: the wait has no mean")
    blocked = erlang_b(servers, offered)
    p_wait = blocked / (1 - offered / servers * (1 - blocked))
    return Waiting(p_wait, p_wait * mean_talk / (servers - offered))


def erlang_c_within(servers: int, offered: float, mean_talk: float, within: float) -> float:
    """Share of callers answered within that time."""
    return 1 - erlang_c(servers, offered, mean_talk).p_wait * math.exp(-(servers - offered) * within / mean_talk)


def erlang_a(servers: int, offered: float, mean_talk: float, mean_patience: float) -> Waiting:
    """Callers leave after an exponential patience: stable at any load. By the chain of births and deaths itself, in logarithms."""
    leaves = mean_talk / mean_patience  # each who waits, in a mean talk
    logs, n = [0.0], 0
    while n < servers or logs[-1] > max(logs) - 50 or offered > servers + (n - servers) * leaves:
        n += 1
        logs.append(logs[-1] + math.log(offered / (min(n, servers) + max(0, n - servers) * leaves)))
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    total = math.fsum(weights)
    queue = math.fsum((n - servers) * weight for n, weight in enumerate(weights) if n > servers) / total
    return Waiting(math.fsum(weights[servers:]) / total, queue / offered * mean_talk, leaves * queue / offered)


def cobham(servers: int, offered: tuple[float, ...], mean_talk: float = 1.0) -> tuple[float, ...]:
    """Mean wait of each class, the first class first, all of one mean talk. ValueError where the work is more than the servers can do."""
    before = erlang_c(servers, sum(offered), mean_talk).p_wait * mean_talk / servers  # until a server is free
    waits, load = [], 0.0
    for work in offered:
        ahead, load = load, load + work / servers
        waits.append(before / ((1 - ahead) * (1 - load)))
    return tuple(waits)
