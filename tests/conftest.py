"""How hard the property tests look: a little in every run, hard when asked.

``CONVOKE_TEST_THOROUGH=1 make test`` tries ten times as many examples.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "everyday", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile("thorough" if os.environ.get("CONVOKE_TEST_THOROUGH") else "everyday")
