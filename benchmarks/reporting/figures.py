"""From timings to what the report says: rates, ratios, shares, agreement. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.plan import ALONE
from benchmarks.prepare import SEVERAL

Timing = Mapping[str, Any]
EACH_ALONE = "several_spark_nlp_each_alone"


def rate(timing: Timing) -> float:
    """Notes a second."""
    return float(timing["notes"] / timing["seconds"])


def ratio(timings: Mapping[str, Timing], fast: str, slow: str) -> float | None:
    """How many times as many notes a second; None where one of the two was not run."""
    if fast not in timings or slow not in timings:
        return None
    return rate(timings[fast]) / rate(timings[slow])


def ratio_by_pass(timings: Mapping[str, Timing], fast: str, slow: str) -> list[float]:
    """The ratio of each pass of the two; none where one has no passes."""
    one, other = timings[fast], timings[slow]
    notes = one["notes"] / other["notes"]
    pairs = zip(one.get("passes", []), other.get("passes", []), strict=False)
    return [notes * slower / faster for faster, slower in pairs]


def entity_f1(found: Sequence[Sequence[Any]], wanted: Sequence[Sequence[Any]]) -> float | None:
    """F1 of entities equal in note, span and label; None where there are none to compare."""
    if not found or not wanted:
        return None
    first, second = {tuple(e) for e in found}, {tuple(e) for e in wanted}
    return 2 * len(first & second) / (len(first) + len(second))


GOALS: tuple[tuple[str, str, str, float], ...] = (
    ("fp32 to Spark NLP at its defaults", "notemill_fp32_fused_old", "spark_nlp_default", 6),
    ("fp32 to Spark NLP tuned", "notemill_fp32_fused_old", "spark_nlp_tuned", 2),
    ("int8 to Spark NLP tuned", "notemill_int8_fused_old", "spark_nlp_tuned", 6.5),
    ("int8 on the copied-forward archive to Spark NLP tuned", "archive_distinct",
     "archive_spark_nlp", 11),
    ("int8 with early exit at 0.998 to Spark NLP tuned", "notemill_exit_fused_old",
     "spark_nlp_tuned", 7),
    ("the same on the copied-forward archive", "archive_exit", "archive_spark_nlp", 12),
    ("bf16 to Spark NLP tuned", "notemill_bf16_fused_new", "spark_nlp_tuned", 3.7),
    ("three models fused, int8 with early exit, to Spark NLP, each alone", "several_notemill_exit",
     EACH_ALONE, 6),
    ("fp32 to the Hugging Face pipeline", "notemill_fp32_fused_new", "hugging_face", 2.5),
    ("int8 to the Hugging Face pipeline", "notemill_int8_fused_new", "hugging_face", 8.5),
    ("fp32 to predict_batch_udf", "notemill_fp32_fused_new", "predict_batch", 3.5),
    ("share of the ceiling, fp32", "notemill_fp32_fused_new", "ceiling_fp32", 0.95),
    ("share of the ceiling, int8", "notemill_int8_fused_new", "ceiling_int8", 0.90),
    ("front end only, fused, to Spark NLP's", "front_notemill_fused_old", "front_spark_nlp", 5),
)  # fmt: skip


def each_alone(timings: Mapping[str, Timing]) -> dict[str, Timing]:
    """One timing of the rows of one model of several, where all are there: their seconds add up."""
    rows = [timings[key] for key in sorted(timings) if key.startswith(ALONE)]
    if len(rows) < len(SEVERAL):
        return {}
    added = {name: sum(row[name] for row in rows) for name in ("seconds", "cpu_seconds")}
    return {EACH_ALONE: {**rows[0], **added}}


def goals(timings: Mapping[str, Timing]) -> list[dict[str, Any]]:
    """Each goal with what was measured; a goal whose rows were not run is left out.

    passes: the ratios of passes that took turns, where there were several.
    """
    timings = {**timings, **each_alone(timings)}
    told = []
    for what, fast, slow, goal in GOALS:
        measured = ratio(timings, fast, slow)
        if measured is not None:
            told.append({"goal": what, "wanted": goal, "measured": round(measured, 2),
                         "met": measured >= goal,
                         "passes": ratio_by_pass(timings, fast, slow)})  # fmt: skip
    return told


def line(points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The least squares line through (notes, seconds), and how far each point is from it."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    start = mean_y - slope * mean_x
    total = sum((y - mean_y) ** 2 for _, y in points)
    left = [y - (start + slope * x) for x, y in points]
    return {
        "seconds_a_note": slope,
        "seconds_at_none": start,
        "residuals": [round(r, 3) for r in left],
        "r_squared": 1 - sum(r * r for r in left) / total,
    }
