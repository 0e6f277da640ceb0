"""What contenders are given, made once: texts, sentences and wordpieces ready, models."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model
from annotators.core.annotations import row_offsets
from annotators.core.batching import ranges
from annotators.core.containment import containing
from annotators.core.documents import AssembleDocuments
from annotators.core.sentences.kernel import DetectSentences
from annotators.core.sentences.rules import SentenceRules
from annotators.core.tokens.kernel import Tokenize
from annotators.core.windows import Windows
from benchmarks.twin import differences, make_twin
from benchmarks.workload import copied_forward, read_texts, write_texts

MODEL = "bert_token_classifier_ner_bc5cdr"
SEVERAL = (
    MODEL,
    "bert_token_classifier_ner_clinical",
    "bert_sequence_classifier_metastasis",
)
"""What users run over the same notes: two of entities and one of sentences."""
BASE_NOTES, BASE_WARM = 12, 2
"""How many notes a model of BERT-base's size gets, and how many of them warm it up."""
CLS, SEP = 101, 102


@dataclass(frozen=True)
class Prepared:
    """Files that contenders read, by path, and what the report says of them."""

    texts: str
    archive: str
    sentences: str
    windows: str
    few_windows: str
    int8: str
    fp32: str
    hugging_face: str
    several_fp32: list[str]
    base: str
    base_texts: str
    base_sentences: str
    about: dict[str, Any]


def prepare(notes: Path, scratch: Path, few: int, limit: int | None = None) -> Prepared:
    """Write into `scratch` what contenders need.

    few: notes to warm up on and to try settings with. limit: only so many notes (a quick run).
    """
    scratch.mkdir(parents=True, exist_ok=True)
    texts = read_texts(notes)[:limit]
    archive = copied_forward(texts)
    twin = make_twin(MODEL, scratch / "fp32")
    sentences, pieces, windows = _ready(texts, by_line=False)
    few_pieces = _ready(texts[:few], by_line=False)
    write_texts(scratch / "texts.jsonl", texts)
    write_texts(scratch / "archive.jsonl", archive)
    write_texts(scratch / "base_texts.jsonl", texts[:BASE_NOTES])
    _write_sentences(scratch / "sentences.json", sentences)
    few_sentences = [row for row in sentences if row[0] < BASE_NOTES]
    _write_sentences(scratch / "base_sentences.json", few_sentences)
    several = [make_twin(name, scratch / f"fp32-{name}") for name in SEVERAL[1:]]
    about = {
        "notes": len(texts),
        "characters": sum(map(len, texts)),
        "sentences": len(sentences),
        "wordpieces": _sizes(pieces, windows),
        "wordpieces_by_line": _sizes(*_ready(texts, by_line=True)[1:]),
        "archive": {
            "notes": len(archive),
            "wordpieces": _sizes(*_ready(archive, by_line=False)[1:]),
        },
        "int8_against_fp32": _differences(scratch, twin, pieces, windows),
    }
    return Prepared(
        texts=str(scratch / "texts.jsonl"),
        archive=str(scratch / "archive.jsonl"),
        sentences=str(scratch / "sentences.json"),
        windows=_stored(scratch / "windows.npz", pieces, windows),
        few_windows=_stored(scratch / "few.npz", *few_pieces[1:]),
        int8=MODEL,
        fp32=str(twin),
        hugging_face=str(scratch / "hugging_face"),
        several_fp32=[str(twin), *map(str, several)],
        base=str(scratch / "bert-base"),
        base_texts=str(scratch / "base_texts.jsonl"),
        base_sentences=str(scratch / "base_sentences.json"),
        about=about,
    )


def _differences(scratch: Path, twin: Path, pieces: Any, windows: Windows) -> dict[str, float]:
    """How far int8 is from fp32 on these windows, inferred once for the same wordpieces."""
    kept = scratch / "differences.json"
    of = hashlib.sha256(pieces.tobytes()).hexdigest() + find_model(MODEL).sha256
    known: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    if known.get("of") != of:
        known = {"of": of, "found": differences(MODEL, twin, pieces, windows)}
        kept.write_text(json.dumps(known), "utf-8")
    found: dict[str, float] = known["found"]
    return found


def _write_sentences(path: Path, rows: list[list[Any]]) -> None:
    path.write_text(json.dumps(rows), "utf-8")


def _ready(texts: list[str], *, by_line: bool) -> tuple[list[list[Any]], Any, Windows]:
    """Sentences as [note, begin, text], all wordpieces in a row, and the sentences' windows."""
    documents = AssembleDocuments()(texts)
    found = DetectSentences(SentenceRules(break_at_lines=by_line))(documents)
    tokens = Tokenize()(found)
    model = find_model(MODEL)
    inference = Inference(model, not model.lowercase, model.max_length, 0)
    home = containing(found, tokens)
    pieces, words = inference.encoder().encode(tokens.result)
    owner = np.repeat(np.arange(found.rows), np.diff(found.offsets)).tolist()
    rows = zip(owner, found.begin.tolist(), found.result, strict=True)
    offsets = words[np.searchsorted(home, np.arange(len(found) + 1))]
    filled = np.flatnonzero(np.diff(offsets))
    windows = inference.windows(offsets)
    kept = np.isin(windows.sequence, filled)
    only = Windows(windows.sequence[kept], windows.start[kept], windows.stop[kept])
    return [list(row) for row in rows], pieces, only


def _sizes(pieces: Any, windows: Windows) -> dict[str, Any]:
    """Wordpieces fed, [CLS] and [SEP] included, and the share that repeats a window before it."""
    spans = list(zip(windows.start.tolist(), windows.stop.tolist(), strict=True))
    once = {pieces[lo:hi].tobytes(): hi - lo + 2 for lo, hi in spans}
    fed = sum(hi - lo + 2 for lo, hi in spans)
    return {
        "windows": len(spans),
        "fed": fed,
        "repeated_share": round(1 - sum(once.values()) / fed, 4),
    }


def _stored(path: Path, pieces: Any, windows: Windows) -> str:
    """Windows with their special wordpieces, one after the other, in a file."""
    sizes = windows.stop - windows.start + 2
    offsets = row_offsets(sizes)
    flat = np.empty(int(offsets[-1]), np.int64)
    inside = np.ones(len(flat), bool)
    inside[offsets[:-1]] = inside[offsets[1:] - 1] = False
    flat[inside] = pieces[ranges(windows.start, windows.stop)]
    flat[offsets[:-1]], flat[offsets[1:] - 1] = CLS, SEP
    np.savez(path, pieces=flat, offsets=offsets)
    return str(path)
