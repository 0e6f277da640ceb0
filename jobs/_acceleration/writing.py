"""The manifest's exit part and the card's section on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotators._export.folder import amend_manifest, write_manifest
from annotators._runtime.early_exit import BACK, FRONT, PART
from annotators._runtime.model_folder import (
    LABELS,
    MANIFEST,
    TOKENIZER,
    VOCABULARY,
    WEIGHTS,
    ModelFolder,
    read_manifest,
)
from annotators._runtime.weights import weights_sha256
from jobs._training.card import CARD, put_section


def write_part(model: ModelFolder, part: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Into the manifest of the model's folder; a folder without one gets one with `facts`."""
    folder = model.path
    if not (folder / MANIFEST).is_file():
        there = [n for n in (WEIGHTS, TOKENIZER, VOCABULARY, LABELS) if (folder / n).is_file()]
        write_manifest(folder, facts, there)
    files = read_manifest(folder)["files"]
    made = {
        **part,
        "of": files[WEIGHTS],
        "sha256": {
            "front": weights_sha256(folder / FRONT),
            "back": weights_sha256(folder / BACK),
        },
    }
    amend_manifest(folder, {PART: made}, (FRONT, BACK))


def write_card(folder: Path, name: str, part: Mapping[str, Any], command: str) -> None:
    """The section into the folder's card, before Training, instead of an earlier one."""
    card = folder / CARD
    if not card.is_file():
        card.write_text(f"# {name}\n", encoding="utf-8")
    put_section(card, _section(part, command))


def _section(part: Mapping[str, Any], command: str) -> str:
    trained = ", ".join(
        f"{row['text']} ({row['windows']} windows of {row['texts']} texts)"
        for row in part["trained_on"]
    )
    thresholds = ", ".join(f"{name}: {value:.4f}" for name, value in part["thresholds"].items())
    rows = [
        f"| {row['fidelity']} | {row['text']}, {row['part']} | {row['found']} "
        f"| {row['f1_to_whole']:.4f} | {row['wordpieces_leave']:.1%} | {row['work_left_out']:.1%} |"
        for row in part["measured"]
    ]
    return (
        f"## Early exit\n\nA sentence leaves after layer {part['layer']} of {part['layers']} where "
        "the least sure of its words has a probability at or above a threshold. The head that says "
        f"so was trained on the model's own outputs, without labels, over {trained}; thresholds by "
        f'fidelity: {thresholds}. The default is {part["default"]}; `setEarlyExit("off")` runs '
        "the whole model.\n\nFound: entities, or labels, of the whole model. F1: of those with "
        "early exit to these. Held out: every fifth text; thresholds were chosen on these. Unseen: "
        "trained neither head nor threshold.\n\n"
        "| fidelity | text | found | F1 | wordpieces that leave | layers' work left out |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + f"\n\n```\n{command}\n```\n\n"
    )
