"""The routing core (A3 A4 E4): which call goes to whom. Sans-I/O, integer time, usable alone; imports nothing of ours.

    from appliance.core import Acd, inputs
    acd = Acd()
    decisions = acd.feed(now_ms, inputs.CallWaits(call=1, queue=1))

`reference.py` is the oracle, plain and slow: read it first. `_acd.pyx` is the same, fast.
"""

from appliance.core import decisions as decisions
from appliance.core import inputs as inputs
from appliance.core._acd import Acd as Acd
from appliance.core._decisions import CLASSES

for _fast in CLASSES:  # `isinstance(decision, decisions.Offer)` and `case Offer()` hold for what the core gives, too
    getattr(decisions, _fast.__name__).register(_fast)
