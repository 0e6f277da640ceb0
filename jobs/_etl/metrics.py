"""A run as Prometheus text, for node_exporter's textfile collector or a push gateway."""

from __future__ import annotations

import os
from pathlib import Path

from jobs._run.exit_codes import InputError
from jobs.sinks.tables import Run

_STATES = ("new", "changed", "unchanged", "deleted", "left", "annotated", "null", "error")


def check_metrics(file: str) -> None:
    """Raise InputError, before any work, where no file can be put there."""
    folder = Path(file).absolute().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)) or Path(file).is_dir():
        raise InputError(
            f"cannot write metrics to {file}: name a file in a folder that is there and may be "
            "written to."
        )


def write_metrics(file: str, run: Run | None, code: int) -> None:
    """Replace the file by the run's figures. Raises InputError where it cannot be written.

    run: None where nothing was begun. code: the exit code that the command ends with.
    """
    target = Path(file)
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_text(metrics_text(run, code), encoding="utf-8")
        new.replace(target)
    except OSError as failure:
        raise InputError(f"cannot write metrics to {file}: {failure.strerror}.") from None


def metrics_text(run: Run | None, code: int) -> str:
    """Counts, times and the exit code; never text of a note."""
    lines = [*_gauge("exit_code", "Exit code of the last run.", [("", code)])]
    if run is not None:
        notes = [(f'{{state="{s}"}}', getattr(run, f"notes_{s}")) for s in _STATES]
        began, ended = run.started.timestamp(), (run.ended or run.started).timestamp()
        lines += [
            *_gauge("notes", "Notes of the last run, by state.", notes),
            *_gauge("notes_in", "Notes in the source.", [("", run.notes_in)]),
            *_gauge("entities", "Entities that the last run found.", [("", run.entities)]),
            *_gauge("started_seconds", "When it began, Unix time.", [("", began)]),
            *_gauge("ended_seconds", "When it last committed, Unix time.", [("", ended)]),
            *_gauge("pipeline", "The pipeline that annotated.",
                    [(f'{{fingerprint="{run.fingerprint[:16]}"}}', 1)]),
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _gauge(name: str, text: str, values: list[tuple[str, float]]) -> list[str]:
    full = f"notemill_etl_{name}"
    head = [f"# HELP {full} {text}", f"# TYPE {full} gauge"]
    return [*head, *(f"{full}{labels} {value}" for labels, value in values)]
