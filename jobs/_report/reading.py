"""Reads the Parquet folders notes/ and entities/ of a run on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from annotators.core.views.annotated import score_of
from annotators.core.views.notes import Entity, Note, SentenceLabel
from annotators.core.views.rebuilding import rebuilt
from jobs._report.run import Run
from jobs._run.exit_codes import InputError
from jobs.sinks.tables import FINGERPRINT, SHA256
from jobs.sources.guard import local

MADE_BY = "expected the output folder of `notemill annotate` or `notemill etl`"
ENTITY = ("begin", "end", "text", "label")
KNOWN = (*ENTITY, "score", "sentence", FINGERPRINT)
ANNOTATION = {"annotatorType", "begin", "end", "result", "metadata"}


def read_run(output: str) -> Run:
    """The run at a folder. Raises InputError, in one line, for what is none or is not whole."""
    folder = local(output)
    if folder is None:
        raise InputError(f"{output} is not on this machine: copy it here, then name the copy.")
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}; {MADE_BY}.")
    notes, entities = folder / "notes", folder / "entities"
    if not notes.is_dir():
        raise InputError(f"{folder} has no folder notes/; {MADE_BY}.")
    table = _table(notes)
    found = _notes(notes, table)
    if entities.is_dir():
        _add_entities(entities, _table(entities), found)
    made = Run(folder.resolve().name, list(found.values()), _facts(notes, table.schema))
    made.sha256 = _hashes(table)
    return made


def _table(folder: Path) -> pa.Table:
    """A whole table; `_SUCCESS` says that Spark finished it, a link that a commit shows it."""
    files = _files(folder)
    if not (folder / "_SUCCESS").exists() and not folder.is_symlink():
        raise InputError(
            f"{folder} has no _SUCCESS: the run that writes it failed or is not done yet. Wait, or "
            "run it again with --overwrite."
        )
    if not files:
        raise InputError(f"{folder} holds no Parquet files; {MADE_BY}.")
    try:
        return ds.dataset([str(file) for file in sorted(files)], format="parquet").to_table()
    except (pa.ArrowException, OSError) as failure:
        raise InputError(
            f"{folder} cannot be read as Parquet ({type(failure).__name__}): it is damaged or "
            f"another tool's; {MADE_BY}."
        ) from None


def _files(folder: Path) -> list[Path]:
    """The files of a table; of a Delta table those that its log counts."""
    place = folder.resolve()
    if not (place / "_delta_log").is_dir():
        return [file for file in place.glob("*.parquet") if file.is_file()]
    if find_spec("deltalake") is None:
        raise InputError(f"{folder} is a Delta table: pip install 'notemill[delta]'.")
    from deltalake import DeltaTable  # noqa: PLC0415 (extra [delta])

    return [place / uri.rsplit("/", 1)[-1] for uri in DeltaTable(str(place)).file_uris()]


def _annotation_columns(schema: pa.Schema) -> dict[str, str]:
    """Each column of annotations with its annotator type, as the stages wrote it down."""
    types = {}
    for column in schema:
        kind = column.type
        if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
            names = {kind.value_type.field(i).name for i in range(kind.value_type.num_fields)}
            if names >= ANNOTATION:
                types[column.name] = _spark_metadata(schema, column.name).get("annotatorType", "")
    return types


def _spark_metadata(schema: pa.Schema, column: str) -> dict[str, Any]:
    raw = (schema.metadata or {}).get(b"org.apache.spark.sql.parquet.row.metadata", b"{}")
    fields = json.loads(raw).get("fields", [])
    return next((f.get("metadata", {}) for f in fields if f.get("name") == column), {})


def _hashes(table: pa.Table) -> dict[str, str | None] | None:
    """The hash of each note's text, of tables of etl whose notes hold no sentences."""
    kinds = _annotation_columns(table.schema).values()
    if SHA256 not in table.column_names or "document" in kinds:
        return None
    ids, hashes = (table.column(name).to_pylist() for name in (table.column_names[0], SHA256))
    return {_shown(i): sha256 for i, sha256 in zip(ids, hashes, strict=True)}


def _notes(folder: Path, table: pa.Table) -> dict[str | None, Note]:
    types = _annotation_columns(table.schema)
    texts = [name for name, kind in types.items() if kind == "document"]
    plain = [name for name in table.column_names if name not in types and name != "error"]
    if not plain or not (types or SHA256 in plain):
        raise InputError(
            f"{folder} has the columns {', '.join(table.column_names)}: none with annotations, or "
            f"none with the note's id; {MADE_BY}."
        )
    ids = table.column(plain[0]).to_pylist()
    errors = (
        table.column("error").to_pylist() if "error" in table.column_names else [None] * len(ids)
    )
    notes = [Note(_shown(i), "", error=error) for i, error in zip(ids, errors, strict=True)]
    if texts:
        for note, row in zip(notes, _rows(table.column(texts[0])), strict=True):
            note.text = rebuilt((b, e, r) for b, e, r, _ in row)
    for name in (name for name, kind in types.items() if kind == "category"):
        for note, row in zip(notes, _rows(table.column(name), metadata=True), strict=True):
            note.sentences += [
                SentenceLabel(name, b, e + 1, r, score_of(dict(m or ()).get(r)))
                for b, e, r, m in row
            ]
    return (
        dict(zip(ids, notes, strict=True)) if len(set(ids)) == len(ids) else _numbered(ids, notes)
    )


def _numbered(ids: list[str | None], notes: list[Note]) -> dict[str | None, Note]:
    """Notes whose ids repeat: entities belong to the first, the others carry their error."""
    found: dict[str | None, Note] = {}
    for number, (key, note) in enumerate(zip(ids, notes, strict=True)):
        found[key if key not in found else f"{key}\0{number}"] = note
    return found


def _rows(column: pa.ChunkedArray, *, metadata: bool = False) -> Iterator[list[tuple[Any, ...]]]:
    """The annotations of each row: (begin, end inclusive, result, metadata or None)."""
    for chunk in column.chunks:
        parts = [chunk.values.field(name).to_pylist() for name in ("begin", "end", "result")]
        rest = chunk.values.field("metadata").to_pylist() if metadata else [None] * len(parts[0])
        flat = list(zip(*parts, rest, strict=True))
        offsets, there = chunk.offsets.to_pylist(), chunk.is_valid().to_pylist()
        for (lo, hi), valid in zip(pairwise(offsets), there, strict=True):
            yield flat[lo:hi] if valid else []


def _add_entities(folder: Path, table: pa.Table, notes: dict[str | None, Note]) -> None:
    missing = [name for name in ENTITY if name not in table.column_names]
    others = [name for name in table.column_names if name not in KNOWN]
    if missing or not others:
        raise InputError(
            f"{folder} lacks {', '.join(missing) or 'a column with the id'}; it has "
            f"{', '.join(table.column_names)}; {MADE_BY}."
        )
    id_col, *facts = others
    for batch in table.to_batches():
        read = {name: batch.column(name).to_pylist() for name in table.column_names}
        empty = [None] * batch.num_rows
        for row in range(batch.num_rows):
            note = notes.get(read[id_col][row])
            if note is None:
                raise InputError(f"{folder} has entities of notes that are not in notes/: the two "
                                 "are of different runs. Run again with --overwrite.")  # fmt: skip
            note.entities.append(
                Entity(
                    read["begin"][row], read["end"][row] + 1, _shown(read["label"][row]),
                    read["text"][row] or "", read.get("score", empty)[row],
                    read.get("sentence", empty)[row],
                    tuple((f, str(read[f][row])) for f in facts if read[f][row] is not None),
                )
            )  # fmt: skip


def _facts(folder: Path, schema: pa.Schema) -> dict[str, str]:
    """What the files themselves tell of the run."""
    stamp = max(file.stat().st_mtime for file in _files(folder))
    made = datetime.fromtimestamp(stamp, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    facts = {"Folder": folder.parent.resolve().name, "Written": made}
    spark = (schema.metadata or {}).get(b"org.apache.spark.version")
    if spark:
        facts["Spark"] = spark.decode()
    for name, kind in _annotation_columns(schema).items():
        said = {k: v for k, v in _spark_metadata(schema, name).items() if k != "annotatorType"}
        listed = ", ".join(f"{k} {v}" for k, v in said.items() if isinstance(v, str | int | float))
        facts[f"Column {name}"] = f"{kind or 'annotations'}{': ' + listed if listed else ''}"
    return facts


def _shown(value: Any) -> str:
    return "(none)" if value is None else str(value)
