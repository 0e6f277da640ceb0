"""Which contenders run, on what, and how often the notes are repeated for each.

Repeats make a fast contender's time long enough to measure, and cost a slow one no hour; times are
compared by notes a second. Repeated notes never help Notemill: in every row with repeats each
window is inferred, however often its like was before (`distinct` off).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotators._runtime.model_folder import find_model
from benchmarks.cheaper.bert_base import FP32, HUGGING_FACE
from benchmarks.prepare import BASE_NOTES, BASE_WARM, SEVERAL, Prepared

HERE, OLD = "this environment", "Spark NLP's environment"
BATCHES = [4, 8, 16, 32]
EXIT = "0.998"
"""The fidelity of early exit, one that the packaged model's folder knows."""
AGAIN = (
    "spark_nlp_tuned", "notemill_fp32_fused_old", "notemill_int8_fused_old",
    "notemill_exit_fused_old", "notemill_bf16_fused_new", "archive_distinct", "archive_exit",
    "archive_spark_nlp",
)  # fmt: skip
"""The rows whose ratios matter most: they run in several passes, one after the other."""
ALONE = "several_spark_nlp_alone_"
"""Begins the keys of rows of one model of several, which add up."""


@dataclass(frozen=True)
class Row:
    """One timing: a contender's module, its environment, what it is told; `group` for the report.

    key: names the row in report.json and in ratios.
    """

    key: str
    title: str
    contender: str
    where: str
    spec: dict[str, Any]
    group: str = "peers"


def again(row: Row, timing: Mapping[str, Any]) -> Row:
    """The row for one pass more, with the batch size that was best in its first."""
    best = {"batch_sizes": [timing["batch"]]} if "batch" in timing else {}
    return replace(row, spec={**row.spec, **best})


def rows(p: Prepared, slots: int, few: int, jars: list[str], *, quick: bool) -> list[Row]:
    """All timings of the comparison, the two sides of each ratio close to each other."""

    def many(repeats: int) -> int:
        return 1 if quick else repeats

    base = {"texts": p.texts, "slots": slots, "warm": few}
    sentences = {"sentences": p.sentences, "notes": p.about["notes"], **base}

    def notemill(where: str, precision: str, fused: bool, repeats: int) -> Row:
        how = "fused" if fused else "stage by stage"
        spec = {**base, "model": getattr(p, precision), "fused": fused, "repeats": many(repeats)}
        spark = "old" if where == OLD else "new"
        key = f"notemill_{precision}_{'fused' if fused else 'staged'}_{spark}"
        return Row(key, f"Notemill {precision}, {how}", "notemill", where, spec)

    def nlp(key: str, title: str, group: str = "peers", **more: Any) -> Row:
        spec = {**base, "jars": jars, "model": p.fp32, **more}
        return Row(key, title, "spark_nlp", OLD, spec, group)

    def ceiling(precision: str, repeats: int) -> Row:
        spec = {
            "windows": p.windows, "few_windows": p.few_windows, "notes": p.about["notes"],
            "model": getattr(p, precision), "slots": slots, "budgets": [256, 512, 1024],
            "repeats": many(repeats),
        }  # fmt: skip
        title = f"onnxruntime alone, {precision} (the ceiling)"
        return Row(f"ceiling_{precision}", title, "ceiling", HERE, spec)

    return [
        nlp("spark_nlp_tuned", "Spark NLP 5.5.3 fp32, one ONNX thread a task", tuned=True,
            batch_sizes=BATCHES, repeats=many(2)),
        nlp("spark_nlp_default", "Spark NLP 5.5.3 fp32, defaults", tuned=False, batch_sizes=[8]),
        notemill(OLD, "fp32", True, 3),
        notemill(OLD, "fp32", False, 1),
        notemill(OLD, "int8", True, 8),
        notemill(OLD, "int8", False, 3),
        *_cheaper(p, base, many),
        nlp("spark_nlp_int8", "Spark NLP 5.5.3 over our int8 graph, one ONNX thread a task",
            model=str(find_model(p.int8).path), tuned=True, batch_sizes=BATCHES, repeats=many(2)),
        *_front(base, jars, many),
        *_repeats(p, base, nlp),
        Row("hugging_face", "Hugging Face pipeline fp32 in a pandas UDF", "hugging_face", HERE,
            {**sentences, "model": p.hugging_face, "batch_sizes": [1, 8, 32]}),
        Row("predict_batch", "predict_batch_udf over onnxruntime, fp32", "predict_batch", HERE,
            {**sentences, "model": p.fp32, "batch_sizes": [8, 32, 64]}),
        notemill(HERE, "fp32", True, 3),
        notemill(HERE, "fp32", False, 1),
        notemill(HERE, "int8", True, 8),
        notemill(HERE, "int8", False, 3),
        ceiling("fp32", 3),
        ceiling("int8", 8),
        *_several(p, base, jars, many),
        *_bert_base(p, slots, jars, many),
    ]  # fmt: skip


def _cheaper(p: Prepared, base: dict[str, Any], many: Any) -> list[Row]:
    """Less work for nearly the same answers: early exit, and fp32 weights computed with in bf16."""
    exits = {**base, "model": p.int8, "fused": True, "early_exit": EXIT}
    bf16 = {**base, "model": p.fp32, "fused": True, "precision": "bf16", "repeats": many(5)}
    title = f"Notemill int8, early exit at {EXIT}"
    return [
        Row("notemill_exit_fused_old", f"{title}, fused", "notemill", OLD,
            {**exits, "repeats": many(8)}),
        Row("archive_exit", f"archive: {title}, each distinct window of a batch once", "notemill",
            OLD, {**exits, "texts": p.archive, "distinct": True}, "repeats"),
        Row("notemill_bf16_fused_new", "Notemill bf16, fused", "notemill", HERE, bf16),
    ]  # fmt: skip


def _front(base: dict[str, Any], jars: list[str], many: Any) -> list[Row]:
    """Sentences and tokens only."""
    spec = {**base, "jars": jars, "tuned": True, "repeats": many(10)}
    front = [Row("front_spark_nlp", "Spark NLP 5.5.3", "spark_nlp", OLD, spec, "front")]
    for where, spark in ((OLD, "old"), (HERE, "new")):
        for fused in (True, False):
            key = f"front_notemill_{'fused' if fused else 'staged'}_{spark}"
            title = f"Notemill, {'fused' if fused else 'stage by stage'}"
            told = {**base, "fused": fused, "repeats": many(20)}
            front.append(Row(key, title, "notemill", where, told, "front"))
    return front


def _repeats(p: Prepared, base: dict[str, Any], nlp: Any) -> list[Row]:
    """What inferring each distinct window once brings, on notes that are not repeated by us."""
    cases = [
        ("as_is", "ACI-BENCH as it is", {}, {}),
        ("as_is_lines", "ACI-BENCH as it is, lines end sentences", {}, {"lines": True}),
        ("archive", "archive, half copied forward", {"texts": p.archive}, {}),
    ]
    modes = [
        ("every", "every window inferred", {"distinct": False}),
        ("distinct", "each distinct window of a batch once", {"distinct": True}),
        ("remembered", "and remembered over the run", {"distinct": True, "remembered": 100_000}),
    ]
    made = [
        Row(f"{case}_{mode}", f"{what}: {how}", "notemill", OLD,
            {**base, "model": p.int8, "fused": True, **texts, **more, **setting}, "repeats")
        for case, what, texts, more in cases
        for mode, how, setting in modes
    ]  # fmt: skip
    made.append(
        nlp("archive_spark_nlp", "archive: Spark NLP 5.5.3 fp32, one ONNX thread a task",
            tuned=True, batch_sizes=[8], texts=p.archive, group="repeats")
    )  # fmt: skip
    return made


def _several(p: Prepared, base: dict[str, Any], jars: list[str], many: Any) -> list[Row]:
    """Two models of entities and one of sentences over the same tokens, all on one Spark.

    Spark NLP has them in one session, saved beforehand, and each in a session of its own.
    """
    theirs = {**base, "jars": jars, "tuned": True, "batch_sizes": BATCHES[:3]}
    int8 = {**base, "models": list(SEVERAL), "fused": True, "repeats": many(3)}
    ours = {
        "several_notemill_exit": ("int8, early exit at the folders' default",
                                  {**int8, "early_exit": "auto"}),
        "several_notemill_int8": ("int8", int8),
        "several_notemill_fp32": ("fp32", {**int8, "models": p.several_fp32, "repeats": 1}),
    }  # fmt: skip
    return [
        Row("several_spark_nlp_together", "Spark NLP 5.5.3 fp32, all in one session, saved before",
            "several_spark_nlp", OLD, {**theirs, "models": p.several_fp32}, "several"),
        *(Row(f"{ALONE}{number}", f"Spark NLP 5.5.3 fp32, {name} alone", "spark_nlp", OLD,
              {**theirs, "model": folder}, "several")
          for number, (name, folder) in enumerate(zip(SEVERAL, p.several_fp32, strict=True), 1)),
        *(Row(key, f"Notemill {how}, all in one pass", "notemill", OLD, spec, "several")
          for key, (how, spec) in ours.items()),
    ]  # fmt: skip


def _bert_base(p: Prepared, slots: int, jars: list[str], many: Any) -> list[Row]:
    """A model of BERT-base's size over a few notes."""
    base = {"texts": p.base_texts, "slots": slots, "warm": BASE_WARM}
    notes = min(BASE_NOTES, p.about["notes"])
    sentences = {**base, "sentences": p.base_sentences, "notes": notes}
    theirs = {**base, "jars": jars, "model": f"{p.base}/{FP32}"}
    repeats = {"fp32": 1, "bf16": many(2), "int8": many(2)}
    return [
        Row("base_spark_nlp_tuned", "Spark NLP 5.5.3 fp32, one ONNX thread a task", "spark_nlp",
            OLD, {**theirs, "tuned": True, "batch_sizes": BATCHES[:2]}, "base"),
        *(Row(f"base_notemill_{precision}", f"Notemill {precision}, fused", "notemill", OLD,
              {**base, "model": p.base, "fused": True, "precision": precision, "repeats": count},
              "base")
          for precision, count in repeats.items()),
        Row("base_hugging_face", "Hugging Face pipeline fp32 in a pandas UDF", "hugging_face", HERE,
            {**sentences, "model": f"{p.base}/{HUGGING_FACE}", "batch_sizes": [1, 8]}, "base"),
    ]  # fmt: skip
