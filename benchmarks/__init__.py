"""Notemill against its peers on one machine: `python -m benchmarks.run` makes the report."""
