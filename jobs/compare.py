"""notemill compare: two runs over the same notes, or a run and gold, side by side.

notemill compare before after -o diff.html
notemill compare gold.jsonl out -o diff.html --json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from jobs._compare.figures import figures
from jobs._compare.matching import paired
from jobs._compare.view import compare_page
from jobs._formats.files import read_notes_of
from jobs._report.page import write_page
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes
from jobs.sources.guard import keep_all

MEGABYTE = 1_000_000


def compare(
    first: Annotated[
        str, typer.Argument(help="a run's folder; or gold: BRAT folder, IOB2 file, JSON lines")
    ],
    second: Annotated[str, typer.Argument(help="what is compared with it, of the same kinds")],
    file: Annotated[Path, typer.Option("--output", "-o", help="the HTML file to write")] = Path(
        "diff.html"
    ),
    max_mb: Annotated[
        float, typer.Option(min=1, help="of more notes than fit, those that differ most")
    ] = 20,
    json_: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
) -> None:
    """Show what is new, lost or changed in SECOND, and how far both agree by label.

    Precision and recall are those of SECOND where FIRST is right. Example:

        notemill compare gold.jsonl out -o diff.html
    """
    with errors_as_exit_codes():
        keep_all([first, second], [file])
        a, b = read_notes_of(first), read_notes_of(second)
        pairs = paired(a, b)
        found = figures(pairs)
        found["notes_only_in_first"] = len(a.notes) - len(pairs)
        found["notes_only_in_second"] = len(b.notes) - len(pairs)
        html, shown = compare_page((a.name, b.name), pairs, found, int(max_mb * MEGABYTE))
        write_page(file, html)
        if json_:
            typer.echo(json.dumps(found, ensure_ascii=False))
            return
        kinds, (low, high) = found["kinds"], found["all"]["interval"]
        alone = found["notes_only_in_first"] + found["notes_only_in_second"]
        typer.echo(
            f"{len(pairs)} notes in both, {alone} in one only. {kinds['same']} entities the same, "
            f"{kinds['label']} with another label, {kinds['span']} with another span, "
            f"{kinds['lost']} lost, {kinds['new']} new. F1 {found['all']['f1']:.3f} "
            f"({low:.3f} to {high:.3f}). Written to {file}, with {shown} notes."
        )


if __name__ == "__main__":
    typer.run(verb(compare))
