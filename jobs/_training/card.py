"""The model card (README.md of a model folder) and one-line summaries of metrics."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

CARD = "README.md"
NOT_SAID = "Not said by whoever trained it."


def portable(command: str) -> str:
    """Cut absolute paths to their last two parts: a card names no machine's folders."""
    return re.sub(r"(?<![\w./])/(?:[^\s/'\"]+/)*([^\s/'\"]+/[^\s/'\"]+)", r"\1", command)


def provenance(job: str, started: float) -> dict[str, Any]:
    """How a run of `job` was called, how long since `started` (time.time), and with what."""
    return {
        "minutes": round((time.time() - started) / 60, 1),
        "command": portable(f"python -m {job} {shlex.join(sys.argv[1:])}"),
        "versions": {p: version(p) for p in ("torch", "transformers", "tokenizers")},
    }


def line(task: str, metrics: Mapping[str, Any]) -> str:
    """One line: the headline figures, then F1 by label."""
    names = ("precision", "recall", "f1") if "f1" in metrics else ("accuracy", "macro_f1")
    head = " ".join(f"{n} {metrics[n]:.4f}" for n in names)
    rows = " ".join(
        f"{label} {row['f1']:.4f}"
        for label, row in metrics["by_label"].items()
        if not label.endswith(" avg")
    )
    return f"{task}: {head} | {rows}"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _by_label(metrics: Mapping[str, Any]) -> str:
    rows = [
        [label, row["precision"], row["recall"], row["f1"], row["support"]]
        for label, row in metrics["by_label"].items()
        if label not in ("macro avg", "weighted avg")
    ]
    text = _table(["label", "precision", "recall", "F1", "support"], rows)
    if "accuracy" in metrics:
        text = (
            f"Accuracy {metrics['accuracy']:.4f}, macro F1 {metrics['macro_f1']:.4f}.\n\n{text}\n\n"
            f"Confusion (rows gold, columns found, in the order of the labels): "
            f"{metrics['confusion']}"
        )
    return text


def _parity(report: Mapping[str, Any]) -> list[str]:
    """Sections on torch, fp32 and int8 side by side."""
    out: list[str] = []
    rows: list[list[Any]] = []
    for where, found in report.items():
        for name, row in found.items():
            if not isinstance(row, dict) or name == found["against"]:
                continue
            rows.append(
                [
                    where,
                    f"{name} against {found['against']}",
                    found["examples"],
                    row["largest_logit_difference"],
                    row["label_agreement"],
                    row.get("entity_f1_against", ""),
                ]
            )
        for name, row in found.items():
            if isinstance(row, dict) and "metrics" in row:
                title = name if where == "parity" else f"{name}, {where}"
                out.append(f"### {title}\n\n{_by_label(row['metrics'])}")
    if rows:
        head = ["file", "what", "rows", "largest logit difference", "labels equal", "entity F1"]
        out.append(f"### Parity\n\n{_table(head, rows)}")
    return out


def _settings(trained: Mapping[str, Any]) -> str:
    rows = [[name, str(value)] for name, value in trained.get("settings", {}).items()]
    rows += [[k, trained[k]] for k in ("epochs_done", "steps", "minutes") if k in trained]
    return _table(["setting", "value"], rows)


def _history(trained: Mapping[str, Any]) -> str:
    key = "f1" if trained["task"] == "token-classification" else "accuracy"
    rows = [[entry["epoch"], entry[key]] for entry in trained.get("history", [])]
    if not rows:
        return ""
    text = _table(["epoch", f"devel {key}"], rows)
    if "balance" in trained:
        found = trained["balance"]
        text += (
            f"\n\nThe logit of O was then moved by {found['shift']}, to where devel {key} is best: "
            f"{found[key]:.4f}."
        )
    return text


def render(
    trained: Mapping[str, Any],
    report: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Markdown of the card.

    trained: what jobs/train.py wrote to metrics.json; report: the parity report of an export (its
    `parity` file is the one whose figures count); facts: the manifest's entries, for an export.
    """
    facts = facts or {}
    files = trained.get("files", {})
    rows = trained.get("rows", {})
    used = [
        f"- {role}: {', '.join(names)} ({rows.get(role, '?')} rows)"
        for role, names in files.items()
        if names
    ]
    if trained.get("map"):
        named = [f"{a} → {b or 'left out'}" for a, b in trained["map"].items()]
        used.append(f"- labels read as: {', '.join(named)}")
    if trained.get("repairs"):
        used.append(f"- {trained['repairs']} I- tags without their B- were read as B-")
    versions = facts.get("versions") or trained.get("versions", {})
    parts = [
        f"# {trained['name']}",
        f"Task: {trained['task']}. Language: en. Precision: {facts.get('precision', 'fp32')}.",
        f"Labels, by id: {', '.join(trained['labels'])}.",
        f"## Intended use and limits\n\n{trained.get('limits') or NOT_SAID}",
        f"## Data and licence\n\n{trained.get('data_note') or NOT_SAID}",
        f"Licence of the model: {trained.get('licence', 'unknown')}.",
        "\n".join(used),
    ]
    measured = _parity(report) if report else []
    if not measured and "test" in trained:
        measured = [f"### Test, scored once\n\n{_by_label(trained['test'])}"]
    if facts.get("metrics", {}).get("dataset"):
        measured.insert(0, f"On {facts['metrics']['dataset']}:")
    devel = _history(trained)
    if devel:
        measured.append(f"### Devel by epoch (the best is kept)\n\n{devel}")
    if measured:
        parts.append("## Metrics\n\n" + "\n\n".join(measured))
    if "command" in trained:
        parts.append(
            f"## Training\n\n```\n{portable(trained['command'])}\n```\n\n"
            f"Seed {trained['settings']['seed']}.\n\n{_settings(trained)}"
        )
    if versions:
        listed = ", ".join(f"{name} {version}" for name, version in versions.items())
        parts.append(f"## Versions\n\n{listed}")
    return "\n\n".join(parts) + "\n"


def put_section(card: Path, section: str) -> None:
    """Write a section (`## Title` and its lines) before Training, instead of an earlier one.

    A card without Training gets it at its end.
    """
    title = section.partition("\n")[0]
    earlier = re.compile(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    plain = earlier.sub("", card.read_text(encoding="utf-8"))
    head, found, tail = plain.partition("## Training\n")
    text = f"{head}{section}{found}{tail}" if found else f"{plain.rstrip()}\n\n{section}"
    card.write_text(text.rstrip() + "\n", encoding="utf-8")
