"""The routing core (A3 A4 E4): which call goes to whom. Sans-I/O, integer time, usable alone; imports nothing of ours.

    from appliance.core import Acd, inputs
    acd = Acd()
    decisions = acd.feed(now_ms, inputs.CallWaits(call=1, queue=1))

`reference.py` is the oracle, plain and slow: read it first. `_acd.pyx` is the same, fast.
"""
