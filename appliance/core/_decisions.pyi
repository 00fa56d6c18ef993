from appliance.core.decisions import (
    Connect as Connect,
    Free as Free,
    Missed as Missed,
    Offer as Offer,
    Paused as Paused,
    Rejected as Rejected,
    Release as Release,
    Requeued as Requeued,
    Rests as Rests,
    Refused as Refused,
    Ringing as Ringing,
    Withdrawn as Withdrawn,
    WrapUp as WrapUp,
)

CLASSES: tuple[type, ...]
