"""Facts by subject. A fact is past tense, frozen, kept for ever: a name is never reused, a new field has a default."""

import msgspec

from appliance.base.ids import HOUSE, TenantId


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that happened. `at_ms` is of the boot-time clock."""

    at_ms: int
    tenant: TenantId = HOUSE
