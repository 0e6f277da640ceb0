"""The report's part on where the model's time goes: what keeps the ratios from growing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.reporting.tables import table

SHOWN = 0.01
"""Operators with a smaller share of the time are added up."""

TRIED = """Other ways to int8 and bf16 that were tried by hand, wordpieces a second to those of
the shipped int8 and root mean square error of the logits against fp32 (shipped: 0.053); 25
November 2026, AMD EPYC with AVX-512 VNNI, one thread, every second batch of these notes. None was
taken: a factor below 1.25 does not make up for its error, or for other weights than those that
saved pipelines know.

| way | speed | error |
| --- | --- | --- |
| the same arithmetic in fewer operators (`MatMulIntegerToFloat` over rows) | 1.03 | 0.053 |
| activations with a fixed scale a tensor | 1.20 | 0.239 |
| the same, outlying channels smoothed into the weights | 1.11 | 0.091 |
| 8-bit blocks of 128 (`MatMulNBits`), on random wordpieces | 0.66 | not measured |
| bf16 by OpenVINO | 0.71 | not measured |"""


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
        + "\n\n"
        + TRIED
    )


def _products(name: str, found: Mapping[str, Any]) -> str:
    return (
        f"- {name}: products with weights run at {found['gops']:,.0f} billion operations a second, "
        f"{found['gops'] / found['best_gops']:.0%} of what this core reaches in one large product "
        f"({found['best_gops']:,.0f}). Were all else free, notes would be annotated "
        f"{1 / found['shares'][found['product']]:.2f} times as fast."
    )
