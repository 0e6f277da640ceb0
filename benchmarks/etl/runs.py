"""What a night left in the table `runs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd


def last_run(archive: Path, names: Sequence[str]) -> dict[str, int]:
    """These counts of the last run."""
    run = pd.read_parquet(archive / "runs").sort_values("started").iloc[-1]
    return {name: int(run[name]) for name in names}
