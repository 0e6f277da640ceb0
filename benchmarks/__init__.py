"""Notemill against its peers on one machine: `python -m benchmarks.run` makes the report."""

import os

# Whoever installs with pip has all of it compiled; a process measured must not compile it anew, nor
# must the hundreds that a run of the tests starts (tests/run.py imports this package).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
