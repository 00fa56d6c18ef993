"""Hypothesis repeats itself in `make test` and searches anew in `make soak`. No deadline: a clock proves nothing here."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", deadline=None, max_examples=5000, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if os.environ.get("SEATBOX_SOAK") else "house")
