"""`notemill etl` into PostgreSQL, with a line of JSON for each commit: its entities and seconds.

python -m benchmarks.etl.commits CONFIG.yaml
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from jobs.cli import app
from jobs.sinks.postgresql.sink import PostgresqlSink

MARK = "commit "


def main() -> None:
    commit, before = PostgresqlSink.commit, [0]

    def timed(sink: PostgresqlSink, replaced: Any, tables: Any, run: Any, *more: Any) -> None:
        began = time.monotonic()
        commit(sink, replaced, tables, run, *more)
        seconds = round(time.monotonic() - began, 3)
        print(MARK + json.dumps({"entities": run.entities - before[0], "seconds": seconds}))
        before[0] = run.entities

    PostgresqlSink.commit = timed  # type: ignore[method-assign]
    app(["etl", sys.argv[1]])


if __name__ == "__main__":
    main()
