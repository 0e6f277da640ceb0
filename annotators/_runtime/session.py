"""ONNX sessions, one a process and model. The only file of the project that knows onnxruntime.

It chooses the engine: onnxruntime, and OpenVINO for the precision bf16 (engines/bf16.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from annotators._runtime.engines.bf16 import open_bf16
from annotators._runtime.model_folder import BF16, ModelFolder, located
from annotators._runtime.weights import check_weights
from annotators.core.errors import ModelError

onnxruntime.disable_telemetry_events()  # where it was imported before (see __init__.py)

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}

# onnxruntime 1.31's fused SkipLayerNormalization takes a third of an int8 BERT's time on the CPU,
# several times what the plain operators take (shared/design measured it; benchmarks/ checks again).
SLOW_FUSIONS = ["SkipLayerNormFusion"]


_TYPES: dict[str, type[np.generic]] = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(float)": np.float32,
    "tensor(bool)": np.bool_,
}


def feeds_of(ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """What a BERT takes for a padded batch: wordpiece ids and which of them count, both (B, L)."""
    return {
        "input_ids": ids,
        "attention_mask": mask.astype(np.int64),
        "token_type_ids": np.zeros_like(ids),
    }


@dataclass(frozen=True)
class Port:
    """An input of a model: its name, the feed that it takes, its type, its axes if fixed."""

    name: str
    feed: str
    kind: str
    axes: tuple[int | None, ...]


@dataclass(frozen=True)
class Session:
    """An open model: feeds in by name, logits out.

    length: the second axis of its inputs where it is fixed; feeds must have it. output: the one
    with the scores, of all outputs.
    """

    runner: Any
    path: str
    inputs: tuple[Port, ...]
    output: str
    outputs: tuple[str, ...] = ()

    @property
    def length(self) -> int | None:
        return next((p.axes[1] for p in self.inputs if len(p.axes) > 1 and p.axes[1]), None)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """The scores of a run on the feeds that the model declares; see `run_all`."""
        return self.run_all(feeds, (self.output,))[0]

    def run_all(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str]
    ) -> list[NDArray[np.float32]]:
        """The outputs by name, of a run on the feeds that it declares; the others are left out.

        They are cast to the types that it takes, and fed in parts where its batch is of fixed size.
        Raises ModelError where it takes what is not fed, or cannot run on zeros of the same shape
        either; else what onnxruntime raises, which is about the values.
        """
        known = {port.name: self._cast(port, feeds) for port in self.inputs}
        size = next((port.axes[0] for port in self.inputs if port.axes and port.axes[0]), None)
        count = len(next(iter(known.values())))
        if size is None or size == count:
            return self._call(known, outputs)
        made = []
        for start in range(0, count, size):
            part = {name: values[start : start + size] for name, values in known.items()}
            lacking = start + size - count
            if lacking > 0:
                part = {n: np.concatenate([v, *[v[-1:]] * lacking]) for n, v in part.items()}
            made.append([values[: count - start] for values in self._call(part, outputs)])
        return [np.concatenate(values) for values in zip(*made, strict=True)]

    def _cast(self, port: Port, feeds: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        if port.feed not in feeds or port.kind not in _TYPES:
            raise ModelError(
                f"{self.path} takes an input {port.name} of type {port.kind}; expected inputs are "
                f"{', '.join(feeds)}, of integers. Export the model again with these."
            )
        values = feeds[port.feed]
        if len(port.axes) not in (0, values.ndim):
            raise ModelError(
                f"{self.path} takes an input {port.name} of {len(port.axes)} axes, expected "
                f"{values.ndim}. Export the model again with these."
            )
        return values.astype(_TYPES[port.kind], copy=False)

    def _call(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str]
    ) -> list[NDArray[np.float32]]:
        try:
            return [np.asarray(v, np.float32) for v in self.runner.run(list(outputs), feeds)]
        except Exception as failure:
            # Zeros are in every vocabulary: what does not run on them is not the text's fault.
            nothing = {name: np.zeros_like(values) for name, values in feeds.items()}
            if self._runs(nothing):
                raise
            shape = " x ".join(map(str, next(iter(feeds.values())).shape))
            raise ModelError(
                f"{self.path} cannot run on inputs of {shape}: {type(failure).__name__}. If it is "
                "made for fewer wordpieces per window, lower it with setMaxSentenceLength(...)."
            ) from None

    def _runs(self, feeds: Mapping[str, NDArray[Any]]) -> bool:
        try:
            self.runner.run([self.output], feeds)
        except Exception:  # noqa: BLE001 (onnxruntime's errors have no base of their own)
            return False
        return True


_sessions: dict[tuple[str, str, str, int], Session] = {}


def open_session(model: ModelFolder, provider: str, threads: int) -> Session:
    """The session of a model: opened on this process' first use of its weights, then kept."""
    key = (model.sha256, model.precision, provider, threads)
    if key not in _sessions:
        _sessions[key] = _open(located(model), provider, threads)
    return _sessions[key]


def _open(model: ModelFolder, provider: str, threads: int) -> Session:
    """Open a model.

    threads: ONNX threads; Spark runs a task a core, so 1 is right unless spark.task.cpus says else.
    Raises ModelError when the weights are missing, are not those the driver saw, cannot be read, or
    when the provider is not there: another one is never taken silently.
    """
    # Mapped weights are named by their SHA-256 and the graph names them: its own covers theirs.
    check_weights(model.weights, model.sha256)
    opened = open_bf16 if model.precision == BF16 else _open_onnxruntime
    runner: Any = opened(model.weights, provider, threads)
    outputs = tuple(value.name for value in runner.get_outputs())
    return Session(runner, str(model.weights), _ports(runner), _scores(outputs), outputs)


def _open_onnxruntime(weights: Path, provider: str, threads: int) -> Any:
    available = onnxruntime.get_available_providers()
    if PROVIDERS[provider] not in available:
        raise ModelError(
            f"onnxruntime on this machine has no {PROVIDERS[provider]} (provider '{provider}'); it "
            f"has {', '.join(available)}. Install the onnxruntime package that brings it, or set "
            "provider 'cpu'."
        )
    try:
        return onnxruntime.InferenceSession(
            str(weights),
            session_options(threads),
            providers=[PROVIDERS[provider]],
            disabled_optimizers=SLOW_FUSIONS,
        )
    except Exception as failure:  # noqa: BLE001 (onnxruntime's errors have no base of their own)
        raise ModelError(
            f"onnxruntime {onnxruntime.__version__} cannot open {weights}: "
            f"{type(failure).__name__}."
        ) from None


def _ports(runner: Any) -> tuple[Port, ...]:
    """The inputs; TensorFlow's exports call them `input_ids:0`."""
    return tuple(
        Port(
            value.name,
            value.name.partition(":")[0],
            value.type,
            tuple(n if isinstance(n, int) and n > 0 else None for n in value.shape),
        )
        for value in runner.get_inputs()
    )


def _scores(names: Sequence[str]) -> str:
    """The output with the scores: that named logits, else the first."""
    return next((name for name in names if name.partition(":")[0] == "logits"), names[0])


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """What every session is opened with: so many threads, one operator at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return options
