"""ONNX sessions, one a process and model. The only file of the project that knows onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from annotators._runtime.model_folder import ModelFolder, located, verify_weights
from annotators.core.errors import ModelError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}

# onnxruntime 1.31's fused SkipLayerNormalization takes a third of an int8 BERT's time on the CPU,
# several times what the plain operators take (shared/design measured it; benchmarks/ checks again).
SLOW_FUSIONS = ["SkipLayerNormFusion"]


@dataclass(frozen=True)
class Session:
    """An open model: feeds in by name, logits out."""

    runner: Any
    inputs: frozenset[str]
    output: str

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Run the model on the feeds that it declares; the others are left out."""
        known = {name: values for name, values in feeds.items() if name in self.inputs}
        return np.asarray(self.runner.run([self.output], known)[0], np.float32)


_sessions: dict[tuple[str, str, int], Session] = {}


def open_session(model: ModelFolder, provider: str, threads: int) -> Session:
    """The session of a model: opened on this process' first use of its weights, then kept."""
    key = (model.sha256, provider, threads)
    if key not in _sessions:
        _sessions[key] = _open(located(model), provider, threads)
    return _sessions[key]


def _open(model: ModelFolder, provider: str, threads: int) -> Session:
    """Open a model.

    threads: ONNX threads; Spark runs a task a core, so 1 is right unless spark.task.cpus says else.
    Raises ModelError when the weights are missing, are not those the driver saw, cannot be read, or
    when the provider is not there: another one is never taken silently.
    """
    verify_weights(model)
    available = onnxruntime.get_available_providers()
    if PROVIDERS[provider] not in available:
        raise ModelError(
            f"onnxruntime on this machine has no {PROVIDERS[provider]} (provider '{provider}'); it "
            f"has {', '.join(available)}. Install the onnxruntime package that brings it, or set "
            "provider 'cpu'."
        )
    try:
        runner = onnxruntime.InferenceSession(
            str(model.weights),
            session_options(threads),
            providers=[PROVIDERS[provider]],
            disabled_optimizers=SLOW_FUSIONS,
        )
    except Exception as failure:  # noqa: BLE001 (onnxruntime's errors have no base of their own)
        raise ModelError(
            f"onnxruntime {onnxruntime.__version__} cannot open {model.weights}: "
            f"{type(failure).__name__}."
        ) from None
    return Session(
        runner,
        frozenset(value.name for value in runner.get_inputs()),
        runner.get_outputs()[0].name,
    )


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """What every session is opened with: so many threads, one operator at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return options
