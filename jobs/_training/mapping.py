"""`--map FROM=TO` options of the training jobs."""

from __future__ import annotations

from collections.abc import Sequence

import typer


def parse(pairs: Sequence[str]) -> dict[str, str]:
    """FROM=TO pairs as a dict. Raises typer.BadParameter on another form."""
    out = {}
    for pair in pairs:
        found, equals, became = pair.partition("=")
        if not equals or not found:
            raise typer.BadParameter(f"found --map {pair}, expected FROM=TO (or FROM= to drop)")
        out[found] = became
    return out
