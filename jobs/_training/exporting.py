"""What jobs/export.py does between its arguments and its exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from annotators._export import folder, graph
from annotators._export.hugging_face import TEXTS, TOKENS, HuggingFaceModel, open_hugging_face
from jobs._training import card, data, parity, score
from jobs._training import windows as windowing


@dataclass(frozen=True)
class Job:
    """The arguments of one export."""

    source: Path
    precision: str
    parity: tuple[Path, ...]
    notes: tuple[Path, ...]
    mapping: Mapping[str, str]
    fields: tuple[str, str]
    reduce_range: bool
    exclude: tuple[str, ...]
    limit: int
    threads: int
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Built:
    """An exported folder that is not yet in its place, and its parity report."""

    job: Job
    folder: Path
    source: HuggingFaceModel
    trained: dict[str, Any]
    report: dict[str, Any]
    failures: tuple[str, ...]


def place(path: Path) -> str:
    """What a file is called in reports: `corpus/file.tsv`."""
    return "/".join(path.parts[-2:])


def _labelled(job: Job, path: Path, task: str, labels: tuple[str, ...]) -> tuple[data.Example, ...]:
    """The examples of a parity file. Raises DataError on a label that the model lacks."""
    if task == TOKENS:
        examples = data.read_tagged(path, job.mapping).examples
    else:
        examples = data.unmixed(data.read_texts(path, *job.fields, job.mapping).examples)
    data.check_labels(labels, examples, "parity")
    return examples


def build(job: Job, scratch: Path) -> Built:
    """Export into `scratch` and compare. Raises DataError on a model or file of another kind."""
    torch.set_num_threads(job.threads)
    source = open_hugging_face(job.source)
    model, tokenizer, task, labels = source.model, source.tokenizer, source.task, source.labels
    folders = {"fp32": scratch / "fp32", "int8": scratch / "int8"}
    for one in folders.values():
        folder.write_assets(one, tokenizer, labels)
    graph.export_fp32(model, folders["fp32"] / "model.onnx")
    runs = {
        "torch": score.torch_runner(model),
        "fp32": parity.onnx_runner(folders["fp32"], job.threads),
    }
    if job.precision == "int8":
        graph.quantise(
            folders["fp32"] / "model.onnx",
            folders["int8"] / "model.onnx",
            reduce_range=job.reduce_range,
            exclude=job.exclude,
        )
        runs["int8"] = parity.onnx_runner(folders["int8"], job.threads)
    encode = windowing.encode_tokens if task == TOKENS else windowing.encode_texts
    report: dict[str, Any] = {}
    length = source.max_length
    gold = {place(path): _labelled(job, path, task, labels) for path in job.parity}
    named = {"parity": tuple(e for examples in gold.values() for e in examples)} if gold else {}
    if len(gold) > 1:
        named |= gold
    for where, examples in named.items():
        windows = encode(examples, tokenizer, labels, length)
        report[where] = parity.compare(task, runs, examples, windows, labels, labelled=True)
    for path in job.notes:
        texts = parity.unlabelled(path, job.fields[0], job.limit)
        if task == TEXTS:
            texts = [data.Example((" ".join(e.tokens),), (labels[0],), e.where) for e in texts]
        else:
            texts = [data.Example(e.tokens, (labels[0],) * len(e.tokens), e.where) for e in texts]
        windows = encode(texts, tokenizer, labels, length)
        runs_here = {n: r for n, r in runs.items() if n != "torch" or job.precision == "fp32"}
        report[path.parent.name] = parity.compare(
            task, runs_here, texts, windows, labels, labelled=False
        )
    found = tuple(f"{where}: {f}" for where, r in report.items() for f in parity.failures(task, r))
    metrics = job.source / "metrics.json"
    trained = json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else {}
    return Built(job, folders[job.precision], source, trained, report, found)


def finish(built: Built, facts: Mapping[str, Any], mapped_weights: bool) -> None:
    """Card, parity report and manifest into the built folder."""
    mapped = [graph.map_weights(built.folder / "model.onnx")] if mapped_weights else []
    trained = {
        "task": built.source.task,
        "labels": list(built.source.labels),
        **built.trained,
        "name": facts["name"],
        "licence": facts["licence"],
    }
    trained |= {key: text for key, text in built.job.texts if text}
    (built.folder / card.CARD).write_text(
        card.render(trained, built.report, facts), encoding="utf-8"
    )
    (built.folder / "parity.json").write_text(
        json.dumps(built.report, indent=1) + "\n", encoding="utf-8"
    )
    folder.write_manifest(built.folder, facts, (*folder.FILES, *mapped))


def summary(report: Mapping[str, Any]) -> str:
    """One line per file and precision."""
    lines = []
    for where, rows in report.items():
        for name, row in rows.items():
            if not isinstance(row, dict):
                continue
            metrics = row.get("metrics", {})
            parts = [f"{k} {v}" for k, v in row.items() if k != "metrics"]
            parts += [f"{k} {metrics[k]}" for k in ("f1", "accuracy", "macro_f1") if k in metrics]
            parts += [f"{k} {v['f1']}" for k, v in metrics.get("by_label", {}).items()]
            lines.append(f"{where} {name}: " + ", ".join(parts))
    return "\n".join(lines)
