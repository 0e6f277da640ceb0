"""report.json to REPORT.md and chart.png."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.reporting.chart import draw
from benchmarks.reporting.figures import goals, rate
from benchmarks.reporting.groups import base_part, several_part
from benchmarks.reporting.profile import profile_part
from benchmarks.reporting.scale import memory_part, scale_part
from benchmarks.reporting.tables import table


def write_report(report: Mapping[str, Any], out: Path) -> None:
    parts = [_head(report["about"])]
    timings, failed = report.get("timings", {}), report.get("failed", {})
    if timings:
        parts += [_goals(timings), _peers(report), _front(timings), _repeats(report)]
        parts += [several_part(timings, failed), base_part(timings, failed)]
        draw(timings, out / "chart.png")
    if "profile" in report:
        parts.append(profile_part(report["profile"]) + _elsewhere(report, "profile"))
    if "scale" in report:
        parts.append(scale_part(report) + _elsewhere(report, "scale"))
    if "memory" in report:
        parts.append(memory_part(report["memory"]) + _elsewhere(report, "memory"))
    parts.append(_limits(report["about"]))
    (out / "REPORT.md").write_text("\n\n".join(filter(None, parts)) + "\n", "utf-8")


def _head(about: Mapping[str, Any]) -> str:
    words, against = about["wordpieces"], about["int8_against_fp32"]
    return f"""# Notemill and its peers

Made by `python -m benchmarks.run` on {about["date"]}: {about["cpu"]} ({", ".join(about["flags"])}),
{about["slots"]} task slots on {about["slots"]} cores, Python {about["python"]}.{_quick(about)}

The notes: {about["notes"]} of ACI-BENCH, {about["characters"]:,} characters, {about["sentences"]:,}
sentences by Spark NLP's rules, {words["fed"]:,} wordpieces with [CLS] and [SEP]. The model: the
shipped `bert_token_classifier_ner_bc5cdr` (MiniLM-L6 size, fine-tuned on BC5CDR), as int8 and as
its fp32 twin (the same weights dequantised, `benchmarks/twin.py`). On these notes int8 gives
{against["equal_labels"]:.2%} of the wordpieces the label that fp32 gives.

All times are warm: the second pass of a session, after one over {about["few"]} notes.
Fast contenders get the notes several times over, slow ones once; notes a second are compared.
**In every row but those under "Repeats" Notemill infers every sentence, however often its like was
before**, so that repeating the notes gives it nothing."""


def made_on(about: Mapping[str, Any]) -> str:
    """The day and the CPU of figures."""
    return f"{about['date']}: {about['cpu']}"


def _elsewhere(report: Mapping[str, Any], part: str) -> str:
    """When and where a part was measured, unless it was with the rest."""
    made = report.get("made", {}).get(part, made_on(report["about"]))
    return "" if made == made_on(report["about"]) else f"\n\nThis part was measured on {made}."


def _quick(about: Mapping[str, Any]) -> str:
    return (
        "\n\n**A quick run to see that it works: its figures mean nothing.**"
        if about["quick"]
        else ""
    )


def _goals(timings: Mapping[str, Any]) -> str:
    told = goals(timings)
    rows = [
        [g["goal"], f"{g['wanted']:g}", f"{g['measured']:.2f}", "yes" if g["met"] else "**no**"]
        for g in told
    ]
    head = ["what", "goal", "measured", "met"]
    if not any(g["passes"] for g in told):
        return "## Ratios\n\n" + table(head, rows)
    by_pass = [", ".join(f"{one:.2f}" for one in g["passes"]) for g in told]
    return "## Ratios\n\nOf medians, where rows ran in several passes that took turns.\n\n" + table(
        [*head, "by pass"], [[*row, some] for row, some in zip(rows, by_pass, strict=True)]
    )


def _peers(report: Mapping[str, Any]) -> str:
    timings, about = report["timings"], report["about"]
    a_note = about["wordpieces"]["fed"] / about["notes"]
    rows = []
    for timing in timings.values():
        if timing["group"] != "peers":
            continue
        agreement = timing.get("agreement")
        peak = timing["peak_mb"]
        rows.append(
            [
                timing["title"], timing.get("spark", "none"), _setting(timing),
                timing["notes"], f"{timing['seconds']:.1f}", f"{rate(timing):.2f}",
                f"{rate(timing) * a_note:,.0f}",
                "" if agreement is None else f"{agreement:.3f}",
                f"{peak['jvm']:,}", f"{peak['worker']:,}",
            ]
        )  # fmt: skip
    head = ["contender", "Spark", "best of", "notes", "s", "notes/s", "wordpieces/s",
            "entity F1 against Notemill fp32", "JVM MB", "worker MB"]  # fmt: skip
    return (
        "## Peers\n\n" + table(head, rows) + "\n\nThe Hugging Face pipeline, "
        "predict_batch_udf and the ceiling get their sentences (the ceiling its wordpieces) ready "
        "made; Notemill and Spark NLP begin with the text of the note. Memory is the peak of "
        "resident memory (of one Python worker; Spark NLP's model is in the JVM). Entities are "
        "compared on the notes of the first pass: same note, span and label.\n\n"
        "![notes a second](chart.png)"
    )


def _setting(timing: Mapping[str, Any]) -> str:
    tried = timing.get("tried")
    best = timing.get("batch", timing.get("budget"))
    if not tried:
        return "" if best is None else f"batch {best}"
    unit = "batch" if "batch" in timing else "wordpieces a batch"
    return f"{unit} {best} of {', '.join(tried)}"


def _front(timings: Mapping[str, Any]) -> str:
    rows = [
        [t["title"], t["spark"], t["notes"], f"{t['seconds']:.1f}", f"{rate(t):.1f}"]
        for t in timings.values()
        if t["group"] == "front"
    ]
    return "## Front end only: sentences and tokens\n\n" + table(
        ["contender", "Spark", "notes", "s", "notes/s"], rows
    )


def _repeats(report: Mapping[str, Any]) -> str:
    timings, about = report["timings"], report["about"]
    shares = {
        "as_is_lines": about["wordpieces_by_line"], "as_is": about["wordpieces"],
        "archive": about["archive"]["wordpieces"],
    }  # fmt: skip
    rows = []
    for key, timing in timings.items():
        if timing["group"] == "repeats":
            case = next(name for name in shares if key.startswith(name))
            share = shares[case]["repeated_share"]
            seconds, speed = f"{timing['seconds']:.1f}", f"{rate(timing):.2f}"
            rows.append([timing["title"], f"{share:.1%}", timing["notes"], seconds, speed])
    return (
        "## Repeats: each distinct window once\n\nInt8, fused, each note once. The archive is "
        "synthetic: six notes a patient, each follow-up with 60% of its sentences copied in one "
        "stretch from the note before, the rest new, a patient's notes side by side "
        "(`benchmarks/workload.py`).\n\n"
        + table(["what", "repeated wordpieces", "notes", "s", "notes/s"], rows)
    )


def _limits(about: Mapping[str, Any]) -> str:
    amx = "" if any(f.startswith("amx") for f in about["flags"]) else ", and CPUs with AMX"
    return f"""## Not compared

- GPUs{amx}.
- Spark NLP's OpenVINO engine.
- Reading and writing files: notes lie in memory, results are counted.
- Quality: see the model's card. Spark NLP feeds the first part of each token only, so its entities
  differ."""
