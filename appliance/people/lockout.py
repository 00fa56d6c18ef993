"""How often one may try (E2): each wrong password makes the next try wait longer, per name and address, so that a hostile guest of the LAN
locks out himself and nobody else; and one address may not try names without end."""

from collections import OrderedDict

import msgspec

from appliance.base.errors import Refused

FREE_TRIES = 3  # for one name from one address
FREE_TRIES_OF_ADDRESS = 30
LONGEST_MS = 15 * 60_000
FORGOTTEN_MS = 60 * 60_000
MOST = 10_000  # keys kept


class _Tries(msgspec.Struct):
    count: int = 0
    last_ms: int = 0
    until_ms: int = 0


class Lockout:
    """Sans-I/O; times are of the boot-time clock."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, ...], _Tries] = OrderedDict()

    def begin(self, name: str, address: str, now_ms: int) -> None:
        """To be called before the password is looked at; counts as a wrong one until `passed`. Raises Refused."""
        keys = (((name, address), FREE_TRIES), ((address,), FREE_TRIES_OF_ADDRESS))
        for key, _ in keys:
            tries = self._tries.get(key)
            if tries is not None and now_ms < tries.until_ms:
                raise Refused("refused.too_often", seconds=str((tries.until_ms - now_ms + 999) // 1000))
        for key, free in keys:
            self._count(key, free, now_ms)

    def _count(self, key: tuple[str, ...], free: int, now_ms: int) -> None:
        tries = self._tries.pop(key, None)
        if tries is None or now_ms - tries.last_ms > FORGOTTEN_MS:
            tries = _Tries()
        tries.count += 1
        tries.last_ms = now_ms
        if tries.count >= free:
            tries.until_ms = now_ms + min(1000 << min(tries.count - free, 20), LONGEST_MS)
        self._tries[key] = tries
        while len(self._tries) > MOST:
            self._tries.popitem(last=False)

    def passed(self, name: str, address: str) -> None:
        """The password was right: this name is free again, and the address is not blamed for this try."""
        self._tries.pop((name, address), None)
        tries = self._tries.get((address,))
        if tries is not None:
            tries.count = max(0, tries.count - 1)
            if tries.count < FREE_TRIES_OF_ADDRESS:
                tries.until_ms = 0
