"""The model card (README.md of a model folder) and one-line summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def line(task: str, metrics: Mapping[str, Any]) -> str:
    """One line: the headline figures, then F1 by label."""
    names = ("precision", "recall", "f1") if "f1" in metrics else ("accuracy", "macro_f1")
    head = " ".join(f"{n} {metrics[n]:.4f}" for n in names)
    rows = " ".join(
        f"{label} {row['f1']:.4f}" for label, row in metrics["by_label"].items()
        if not label.endswith(" avg")
    )
    return f"{task}: {head} | {rows}"


def render(metrics: Mapping[str, Any], report: Mapping[str, Any] | None = None,
           facts: Mapping[str, Any] | None = None) -> str:
    """Markdown of the card."""
    return f"# {metrics['name']}\n"
