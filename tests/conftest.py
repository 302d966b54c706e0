"""What holds for every test: properties are tried on the same cases in every run, unless asked to explore."""

from __future__ import annotations

import os

from hypothesis import settings

#: ``HYPOTHESIS_PROFILE=explore`` looks for new cases; a run that everybody must be able to repeat does not.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
