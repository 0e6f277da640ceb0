"""What a CPU means for speed and precision, and whether the memory does for the slots."""

from __future__ import annotations

from collections.abc import Iterable

from jobs._doctor.facts import Facts
from jobs._doctor.finding import Finding, advice, fine

WORKER_BYTES = 300_000_000
"""What a Python worker takes beside its models, at most (benchmarks/REPORT.md)."""
WEIGHTS_TIMES = 1.7
"""What an open model takes, by the bytes of its weights (benchmarks/REPORT.md)."""
_BF16 = ("avx512_bf16", "amx_bf16")
_VNNI = {"avx512_vnni", "avx_vnni", "asimddp", "i8mm"}


def cpu_finding(facts: Facts, where: str = "cpu") -> Finding:
    """The features that decide how int8 weights run, and what they mean."""
    flags = set(facts["flags"])
    if not flags:
        return advice(where, f"{facts['cpu']}: its features cannot be read on this system.")
    shown = [n for n in ("avx2", "avx512f", *sorted(_VNNI), *_BF16, "amx_int8") if n in flags]
    told = f"{facts['cpu']}, {facts['cpus']} CPUs, {' '.join(shown) or 'no AVX2'}"
    also = _bf16_advice(flags)
    if flags & _VNNI:
        return fine(
            where, f"{told}: int8 is fast, and products of eight bits do not saturate.{also}"
        )
    if "avx2" in flags:
        return advice(
            where,
            f"{told}, without VNNI: int8 gains less over fp32, and weights of eight bits saturate.",
            "The packaged models have seven, with which results do not depend on it; do not export "
            f"with --no-reduce-range for this machine.{also}",
        )
    return advice(
        where,
        f"{told}: models run several times slower than with AVX2.",
        "Take another kind of machine for much text.",
    )


def _bf16_advice(flags: set[str]) -> str:
    """How fast bf16 is here, by benchmarks/REPORT.md (AMX) and docs/performance.md (AVX-512)."""
    if "amx_bf16" in flags:
        gain = "some 2.9 times as fast as fp32 and 1.2 times as fast as int8 without early exit"
    elif "avx512_bf16" in flags:
        gain = "some 1.8 times as fast as fp32, slower than int8"
    else:
        return ""
    return f" setPrecision('bf16') gives fp32's answers, {gain} (extra [bf16])."


def memory_findings(
    facts: Facts, slots: int, weights: Iterable[int], *, cluster: bool, overhead: str | None
) -> list[Finding]:
    """What the Python workers take by the measured formula, and the settings to use.

    slots: tasks at once, of this machine or of one executor. weights: bytes of each model's.
    overhead: spark.executor.memoryOverhead where it is set.
    """
    sizes = list(weights)
    each = WORKER_BYTES + WEIGHTS_TIMES * sum(sizes)
    total = slots * each
    told = (
        f"{slots} slots with {sum(sizes) / 1e6:.0f} MB of weights take up to {each / 1e9:.2f} GB "
        f"each, {total / 1e9:.1f} GB in all"
    )
    if cluster:
        needed = -(-int(total) // 1_000_000)
        setting = f"--conf spark.executor.memoryOverhead={needed}m"
        if overhead is None or _megabytes(overhead) < needed:
            set_now = f"is {overhead}" if overhead else "is not set (Spark then takes a tenth)"
            return [
                advice(
                    "memory",
                    f"an executor of {told}; spark.executor.memoryOverhead {set_now}.",
                    f"Use {setting}; where executors have other cores, {each / 1e6:.0f}m a core.",
                )
            ]
        return [fine("memory", f"an executor of {told}; memoryOverhead is {overhead}")]
    free = facts["memory"] - total
    if free < 2e9:
        fits = max(1, int((facts["memory"] - 2e9) // each))
        return [
            advice(
                "memory",
                f"{told}, and this machine gives {facts['memory'] / 1e9:.1f} GB.",
                f"Use --master 'local[{fits}]', which leaves 2 GB to Spark, or a model exported "
                "with --mapped-weights, which workers share.",
            )
        ]
    return [fine("memory", f"{told}, of {facts['memory'] / 1e9:.1f} GB")]


def _megabytes(setting: str) -> float:
    """A size as Spark writes it, 512m or 2g, in MB; a bare number is in MiB."""
    units = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "b": 1}
    text = setting.strip().lower().removesuffix("b") or "0"
    number, unit = (text[:-1], text[-1]) if text[-1] in units else (text, "m")
    return float(number) * units[unit] / 1e6 if number.replace(".", "", 1).isdigit() else 0.0
