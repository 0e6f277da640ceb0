"""The processor as Linux tells it: its name and its instruction sets, which change int8 results."""

from __future__ import annotations

import platform
from pathlib import Path


def processor_name() -> str:
    """The model's name; the architecture's where there is none."""
    return _entry("model name") or platform.machine()


def processor_flags() -> frozenset[str]:
    """Every instruction set; none where the machine does not tell."""
    return frozenset(_entry("flags").split())


def _entry(name: str) -> str:
    """The first entry of this name in /proc/cpuinfo."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in found if key.strip() == name), "")
