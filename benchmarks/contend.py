"""Runs one contender: `python -m benchmarks.contend NAME SPEC.json RESULT.json`.

The contender is imported by its name, so that Spark's workers can import what it hands them.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


def main(name: str, spec: str, result: str) -> None:
    contender = import_module(f"benchmarks.contenders.{name}")
    told = contender.run(json.loads(Path(spec).read_text("utf-8")))
    Path(result).write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
