"""fp32 weights computed with in bf16, by OpenVINO (the extra [bf16]), on CPUs that can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from annotators.core.errors import ModelError

_TYPES = {"i64": "int64", "i32": "int32", "u8": "uint8", "f32": "float", "boolean": "bool"}


@dataclass(frozen=True)
class Value:
    """An input or output; type as onnxruntime writes it, shape with -1 where any length goes."""

    name: str
    type: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Compiled:
    """A compiled model of OpenVINO's, asked and run as onnxruntime's sessions are."""

    model: Any

    def get_inputs(self) -> list[Value]:
        return [_value(port) for port in self.model.inputs]

    def get_outputs(self) -> list[Value]:
        return [_value(port) for port in self.model.outputs]

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any]) -> list[NDArray[Any]]:
        made = self.model(dict(feeds))
        return [made[name] for name in outputs]


def _value(port: Any) -> Value:
    kind = port.element_type.get_type_name()
    shape = tuple(n.get_length() if n.is_static else -1 for n in port.partial_shape)
    return Value(port.any_name, f"tensor({_TYPES.get(kind, kind)})", shape)


def open_bf16(weights: Path, provider: str, threads: int) -> Compiled:
    """Open fp32 weights.

    Raises ModelError where OpenVINO is not installed, where the CPU has no bf16 (it would be
    emulated, slower than fp32), for another provider than cpu, or when they cannot be read.
    """
    try:
        import openvino  # noqa: PLC0415 (an extra)
    except ImportError:
        raise ModelError(
            "precision bf16 needs OpenVINO, which is not installed where the model runs: install "
            "notemill[bf16] on driver and workers, or set precision fp32."
        ) from None
    engine = openvino.Core()
    able = engine.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if provider != "cpu" or "BF16" not in able:
        raise ModelError(
            f"precision bf16 needs provider cpu and a CPU with AVX512_BF16 or AMX; found provider "
            f"{provider} and a CPU with {', '.join(able)}. Set precision fp32 or int8."
        )
    # Pinned, the workers of a machine would all take its first core.
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    try:
        return Compiled(engine.compile_model(str(weights), "CPU", settings))
    except Exception as failure:  # noqa: BLE001 (OpenVINO's errors have no base of their own)
        raise ModelError(
            f"OpenVINO {openvino.__version__} cannot open {weights}: {type(failure).__name__}."
        ) from None
