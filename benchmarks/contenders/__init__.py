"""One module a contender: `run(spec)` in a process of its own, see benchmarks/processes.py."""
