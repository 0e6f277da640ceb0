"""A bar a contender, notes a second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.reporting.figures import rate

COLOURS = {"notemill": "#1b6e8c", "ceiling": "#b9c4c9"}
PEERS = "#c9762b"


def draw(timings: Mapping[str, Any], path: Path) -> None:
    """Write the chart of the peers as PNG; nothing where matplotlib (extra [bench]) is missing."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 (an extra)
    except ImportError:
        print("no chart: matplotlib is missing (pip install -e '.[bench]')")
        return
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    bars = sorted(
        ((rate(t), f"{t['title']}{_spark(t)}", key) for key, t in timings.items()
         if t["group"] == "peers"),
    )  # fmt: skip
    figure, axes = plt.subplots(figsize=(9, 0.45 * len(bars) + 1))
    colours = [COLOURS.get(key.split("_")[0], PEERS) for _, _, key in bars]
    drawn = axes.barh([title for _, title, _ in bars], [r for r, _, _ in bars], color=colours)
    axes.bar_label(drawn, fmt="%.1f", padding=3)
    axes.set_xlabel("notes a second, two cores, every sentence inferred")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _spark(timing: Mapping[str, Any]) -> str:
    return f" (Spark {timing['spark']})" if "spark" in timing else ""
