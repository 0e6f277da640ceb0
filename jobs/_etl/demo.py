"""Three nights on the sample notes: all new, nothing new, one note changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from jobs._run.exit_codes import InputError
from jobs.demo import SAMPLE
from jobs.sinks.file_lock import make_private

FOLDER = "etl-demo"
_FIRST = "# Made by `notemill etl --demo`."
_CONFIG = f"""{_FIRST}
source: {{path: %s}}
sink: {{path: %s}}
"""


def demo_nights(folder: str, night: Callable[[str], None], say: Callable[[str], None]) -> None:
    """Run the job three times over notes in `folder`. Raises InputError where others' files lie.

    night: runs the job of a configuration file.
    """
    place = Path(folder).absolute()
    config, notes = place / "etl.yaml", place / "notes.jsonl"
    if place.exists() and any(place.iterdir()):
        raise InputError(f"{folder} is there already: name another folder, or remove it.")
    make_private(place)
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    notes.write_text("\n".join(lines) + "\n", encoding="utf-8")
    quoted = [json.dumps(str(path)) for path in (notes, place / "archive")]
    config.write_text(_CONFIG % tuple(quoted), encoding="utf-8")
    say("First night: every note is new.")
    night(str(config))
    say("Second night: nothing new.")
    night(str(config))
    first = json.loads(lines[0])
    first["text"] += "\nAddendum: the patient denies chest pain and takes aspirin."
    notes.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n", encoding="utf-8")
    say("Third night: one note has changed.")
    night(str(config))
    say(f"The configuration is {config}; tables are in {place / 'archive'}: entities, notes, "
        "rejects, runs (Parquet).")  # fmt: skip
