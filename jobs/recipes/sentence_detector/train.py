"""Train the sentence detector, export it to ONNX and write its manifest and card.

    python -m jobs.recipes.sentence_detector.train CORPORA OUT --marked tests/data/sentences

Texts are made from the corpora by `jobs.recipes.sentence_texts`; the scorer is a small network
over the features of `annotators.core.boundaries.detector`. The marked files are scored with the
exported graph, never trained on, and every figure of the card comes from the run that wrote it.
"""

from __future__ import annotations

import json
import platform
import shlex
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from annotators._export.processor import processor_name
from annotators._runtime.model_folder import read_model
from annotators._runtime.session import open_session
from annotators.core.boundaries.features import AFTER, STRUCTURE, WIDTH, Features
from annotators.core.boundaries.texts import BEFORE
from jobs._evaluation.gold import marked_texts
from jobs.recipes.sentence_detector.card import write_card, write_model
from jobs.recipes.sentence_detector.exact_spans import SpannedText
from jobs.recipes.sentence_detector.graph import NAME, onnx_difference, to_onnx
from jobs.recipes.sentence_detector.joined_prose import joined_prose
from jobs.recipes.sentence_detector.network import Examples, Scorer, examples, fit
from jobs.recipes.sentence_detector.splitters import (
    Splitter,
    by_pysbd,
    by_regex,
    by_scorer,
    characters_a_second,
    scored,
)
from jobs.recipes.sentence_texts.clinical import json_lines, real_notes
from jobs.recipes.sentence_texts.pools import load_pools
from jobs.recipes.sentence_texts.texts import texts as made_texts

PACKAGES = ("torch", "onnx", "onnxruntime", "numpy")


def main(
    corpora: Annotated[Path, typer.Argument(help="folder of the corpora")],
    out: Annotated[Path, typer.Argument(help="model folder to write")],
    marked: Annotated[Path, typer.Option(help="folder of *_devel.jsonl and *_test.jsonl")],
    texts: Annotated[int, typer.Option(help="how many texts to make")] = 24000,
    epochs: Annotated[int, typer.Option(help="times that all texts are seen")] = 6,
    seed: Annotated[int, typer.Option(help="of texts and of training")] = 13,
    compare: Annotated[bool, typer.Option(help="score pysbd and a regex as well")] = False,
) -> None:
    """Train on made texts, write OUT/model.onnx, OUT/manifest.json and OUT/README.md."""
    files = sorted([*marked.glob("*_devel.jsonl"), *marked.glob("*_test.jsonl")])
    if not files:
        raise typer.BadParameter(f"found no *_devel.jsonl in {marked}, expected the marked texts")
    sets: dict[str, list[SpannedText]] = {f.stem: list(marked_texts(f, "text")) for f in files}
    start = time.monotonic()
    data = _examples(corpora, _ids(files), texts, seed)
    typer.echo(f"{len(data.labels)} candidates of {texts} texts")
    model = fit(data, epochs, seed)
    minutes = (time.monotonic() - start) / 60
    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    facts = _exported(out, model, data, versions)
    detectors: dict[str, Splitter] = {NAME: _detector(out)}
    if compare:
        detectors |= {"pysbd": by_pysbd(), "two-line regex": by_regex}
    sets["bc5cdr_devel_joined"] = joined_prose(corpora)
    facts |= {
        "texts": texts,
        "scores": [
            {"set": name, "detector": detector, **scored(its, split)}
            for name, its in sets.items()
            for detector, split in detectors.items()
        ],
        **_speeds(corpora, detectors),
        "command": shlex.join(
            ["python", "-m", "jobs.recipes.sentence_detector.train", *_shown(sys.argv[1:])]
        ),
        "seed": seed,
        "epochs": epochs,
        "minutes": minutes,
        "versions": versions,
    }
    write_card(out, facts)
    for row in facts["scores"]:
        typer.echo(f"{row['set']} {row['detector']}: F1 {row['f1']:.4f}")


def _ids(files: list[Path]) -> frozenset[str]:
    """The ids of the notes that training must not see."""
    lines = (line for path in files for line in path.open(encoding="utf-8"))
    return frozenset(json.loads(line)["note_id"] for line in lines)


def _examples(corpora: Path, held_out: frozenset[str], count: int, seed: int) -> Examples:
    pools, real = load_pools(corpora, held_out), real_notes(corpora, held_out)
    return examples(made_texts(pools, real, count, seed))


def _exported(
    out: Path, model: Scorer, data: Examples, versions: Mapping[str, str]
) -> dict[str, Any]:
    """Write the graph; give what the card says of network, training data and export."""
    made = to_onnx(model)
    write_model(out, made.SerializeToString(), versions)
    rows = data.features[:: max(len(data.features) // 2000, 1)]
    return {
        "name": NAME,
        "parameters": sum(p.numel() for p in model.parameters()),
        "before": BEFORE,
        "after": AFTER,
        "structure": STRUCTURE,
        "width": WIDTH,
        "candidates": len(data.labels),
        "share": float(data.labels.mean()),
        "checked": len(rows),
        "difference": onnx_difference(made, model, rows),
    }


def _detector(folder: Path) -> Splitter:
    """The exported model, run as the stage runs it."""
    session = open_session(read_model(folder, NAME), "cpu", 1)

    def score(features: Features) -> NDArray[np.float32]:
        return session.run({"features": features})

    return by_scorer(score)


def _speeds(corpora: Path, detectors: Mapping[str, Splitter]) -> dict[str, Any]:
    """Characters a second of each detector over all ACI-BENCH notes."""
    notes = [json.loads(line)["text"] for line in json_lines(corpora / "aci-bench/notes.jsonl")]
    return {
        "speed": {name: characters_a_second(notes, split) for name, split in detectors.items()},
        "speed_notes": len(notes),
        "speed_characters": sum(map(len, notes)),
        "date": f"{datetime.now(timezone.utc):%d %B %Y}",
        "processor": processor_name(),
    }


def _shown(arguments: list[str]) -> list[str]:
    """Cut the folders of this machine to their last name in the arguments."""
    return [Path(word).name if Path(word).is_absolute() else word for word in arguments]


if __name__ == "__main__":
    typer.run(main)
