"""The report's part on where the model's time goes: what keeps the ratios from growing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.tables import table

SHOWN = 0.01
"""Operators with a smaller share of the time are added up."""


def profile_part(found: Mapping[str, Any]) -> str:
    names = [name for precision in found.values() for name in precision["shares"]]
    shown = [
        name
        for name in dict.fromkeys(names)
        if any(precision["shares"].get(name, 0) >= SHOWN for precision in found.values())
    ]
    rows = [
        [name, *(f"{precision['shares'].get(name, 0):.1%}" for precision in found.values())]
        for name in shown
    ]
    rest = [1 - sum(p["shares"].get(name, 0) for name in shown) for p in found.values()]
    rows.append(["other operators, and calling them", *(f"{share:.1%}" for share in rest)])
    return (
        "## Where the model's time goes\n\nonnxruntime alone, one process, one thread, batches of "
        "512 wordpieces, by its own profiler.\n\n"
        + table(["operator", *found], rows)
        + "\n\n"
        + "\n".join(_products(name, precision) for name, precision in found.items())
    )


def _products(name: str, found: Mapping[str, Any]) -> str:
    return (
        f"- {name}: products with weights run at {found['gops']:,.0f} billion operations a second, "
        f"{found['gops'] / found['best_gops']:.0%} of what this core reaches in one large product "
        f"({found['best_gops']:,.0f}). Were all else free, notes would be annotated "
        f"{1 / found['shares'][found['product']]:.2f} times as fast."
    )
