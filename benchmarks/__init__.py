"""Notemill against its peers on one machine: `python -m benchmarks.run` makes the report."""

import os

# Whoever installs with pip has all of it compiled; a process measured must not compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
