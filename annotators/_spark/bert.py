"""What the BERT stages share: the params of inference."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from annotators._runtime.early_exit import EarlyExit, read_exit_part
from annotators._runtime.inference import Inference, longest_window
from annotators._runtime.model_folder import (
    UNKNOWN,
    ModelFolder,
    in_precision,
)
from annotators._runtime.wordpieces import lowercases
from annotators._spark.model_stage import ModelStage
from annotators.core.errors import NotemillError, ParamError
from annotators.core.tagging import ARGMAX
from annotators.params import count_param, flag_param, setter, text_param
from annotators.schema import DOCUMENT, TOKEN

Stage = TypeVar("Stage", bound="BertStage")

LONGEST = 512
PRECISIONS = ("auto", "int8", "fp32", "bf16")
AUTO, OFF = "auto", "off"


class BertStage(ModelStage):
    """A BERT classifier: sentences and tokens in, labels and scores out."""

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT, TOKEN]
    _reads = (("sentence",), ("sentence",))

    batchSize = count_param(
        "batchSize", "Spark NLP's sentences per batch; Notemill batches by batchWordpieces instead"
    )
    batchWordpieces = count_param("batchWordpieces", "padded wordpieces per call of the model")
    caseSensitive = flag_param("caseSensitive", "whether words keep their case")
    maxSentenceLength = count_param(
        "maxSentenceLength", "wordpieces per window; what is longer is covered by several windows"
    )
    windowOverlap = count_param("windowOverlap", "wordpieces that neighbouring windows share")
    precision = text_param(
        "precision",
        "int8 or fp32 weights, where the model's folder has them, or bf16, which computes with "
        "those of fp32; auto: the folder's default",
    )
    distinctWindows = flag_param(
        "distinctWindows", "whether windows of the same wordpieces in a batch are inferred once"
    )
    rememberedWindows = count_param(
        "rememberedWindows", "windows whose logits a worker keeps over a run, 0 for none"
    )
    earlyExit = text_param(
        "earlyExit",
        "whether sentences that are sure leave the model early, where its folder allows it: auto "
        "(at the folder's default), off, or a fidelity that the folder knows",
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            batchSize=8,
            batchWordpieces=512,
            caseSensitive=True,
            maxSentenceLength=128,
            windowOverlap=32,
            precision="auto",
            distinctWindows=True,
            rememberedWindows=0,
            earlyExit=AUTO,
        )

    def setBatchSize(self: Stage, v: int) -> Stage:
        """Set Spark NLP's batch size. Results and speed do not depend on it here."""
        return self.setParams(batchSize=v)

    def getBatchSize(self) -> int:
        """Spark NLP's batch size."""
        return self.getOrDefault(self.batchSize)

    setBatchWordpieces = setter(batchWordpieces, "Set the padded wordpieces per call of the model.")
    setCaseSensitive = setter(caseSensitive, "Set whether words keep their case.")

    def getCaseSensitive(self) -> bool:
        """Whether words keep their case."""
        return self.getOrDefault(self.caseSensitive)

    def setMaxSentenceLength(self: Stage, value: int) -> Stage:
        """Set the wordpieces per window, [CLS] and [SEP] included. Raises ValueError over 512."""
        if value > LONGEST:
            raise ValueError(
                f"BERT models take at most {LONGEST} wordpieces per window, found {value}; longer "
                "sentences are covered by several windows, so nothing is cut."
            )
        return self.setParams(maxSentenceLength=value)

    def getMaxSentenceLength(self) -> int:
        """The wordpieces per window."""
        return self.getOrDefault(self.maxSentenceLength)

    setWindowOverlap = setter(
        windowOverlap, "Set the wordpieces that neighbouring windows share (at most half a window)."
    )

    def setPrecision(self: Stage, value: str) -> Stage:
        """Set the weights' precision: int8, fp32, or auto, which is that of model.onnx; or bf16.

        bf16 gives fp32's labels except for a few in ten thousand, some 1.8 times as fast. It takes
        fp32 weights, the extra [bf16] (OpenVINO) and a CPU with AVX512_BF16 or AMX where the model
        runs: a job fails where one of these is missing.

        The precision that is used stands in the output column's metadata, under `precision`.
        """
        return self.setParams(precision=value)

    setDistinctWindows = setter(
        distinctWindows,
        "Set whether windows of the same wordpieces are inferred once; results are the same.",
    )

    def setRememberedWindows(self: Stage, value: int) -> Stage:
        """Set how many windows' logits a worker keeps over a run; results are the same.

        It pays where notes repeat earlier ones that lie far apart; 100,000 windows take some 50 MB.
        """
        return self.setParams(rememberedWindows=value)

    def setEarlyExit(self: Stage, value: str) -> Stage:
        """Set whether sure sentences leave the model early: auto, off, or a fidelity ("0.998").

        It takes a folder that `notemill accelerate` made; a fidelity is entity F1 to the whole
        model's, and those that a folder knows stand in its card. Labels differ by as much. What is
        used stands in the output column's metadata, under `earlyExit`.
        """
        return self.setParams(earlyExit=value)

    def setConfigProtoBytes(self: Stage, b: list[int]) -> Stage:
        """Raise ParamError: TensorFlow's settings mean nothing here."""
        raise ParamError.unsupported(
            type(self).__name__, "setConfigProtoBytes", "models run on ONNX, not on TensorFlow."
        )

    def getConfigProtoBytes(self) -> None:
        """None: models run on ONNX, not on TensorFlow."""

    def _take_saved(self, names: set[str]) -> None:
        if "earlyExit" not in names:  # saved before there was any: it gives what it gave
            self.setEarlyExit(OFF)

    def _to_save(self) -> dict[str, Any] | None:
        """`auto` over a folder without early exit is off, also after the folder gets one."""
        if self.getOrDefault(self.earlyExit) != AUTO or self._may_exit():
            return None
        return {**{param.name: v for param, v in self._paramMap.items()}, "earlyExit": OFF}

    def _may_exit(self) -> bool:
        """Whether the folder has an exit part, or cannot be read here."""
        try:
            return read_exit_part(self._model()) is not None
        except NotemillError:
            return True

    def _take_settings(self, model: ModelFolder) -> None:
        lowercase = lowercases(model)
        if lowercase is not None:
            self.setCaseSensitive(not lowercase)

    def _weights(self) -> ModelFolder:
        """The model with its weights of the precision that is asked for."""
        return in_precision(self._model(), self._one_of("precision", PRECISIONS))

    def _one_of(self, param: str, known: tuple[str, ...]) -> str:
        """The value of a param. Raises ParamError where it is none of those known."""
        value = str(self.getOrDefault(param))
        if value not in known:
            raise ParamError(
                f"{type(self).__name__}: {param} '{value}' is unknown; "
                f"it must be one of {', '.join(known)}."
            )
        return value

    def _recorded(self) -> dict[str, str]:
        model = self._weights()
        part = read_exit_part(model)
        exits = self._exits(model)
        recorded = {} if model.precision == UNKNOWN else {"precision": model.precision}
        recorded |= {} if model.decoding == ARGMAX else {"decoding": model.decoding}
        return recorded | ({"earlyExit": exits.fidelity if exits else OFF} if part else {})

    def _exits(self, model: ModelFolder) -> EarlyExit | None:
        """Where windows leave the model early. Raises ParamError where a fidelity is not known."""
        asked = str(self.getOrDefault(self.earlyExit))
        part = None if asked == OFF else read_exit_part(model)
        if asked == OFF or (asked == AUTO and part is None):
            return None
        known = part.thresholds if part else {}
        fidelity = part.default if part and asked == AUTO else asked
        if part is None or fidelity not in known:
            raise ParamError(
                f"{type(self).__name__}: earlyExit '{asked}' is unknown to model "
                f"{model.reference} in {model.precision}; it must be one of "
                f"{', '.join([AUTO, OFF, *known])}. `notemill accelerate` makes folders with more."
            )
        return part.at(fidelity)

    def _inference(self) -> Inference:
        model = self._weights()
        return Inference(
            model=model,
            case_sensitive=self.getCaseSensitive(),
            max_length=min(self.getMaxSentenceLength(), longest_window(model)),
            overlap=self.getOrDefault(self.windowOverlap),
            batch_wordpieces=self.getOrDefault(self.batchWordpieces),
            provider=self._provider(),
            threads=self.getOrDefault(self.onnxThreads),
            once=self.getOrDefault(self.distinctWindows),
            remembered=self.getOrDefault(self.rememberedWindows),
            exits=self._exits(model),
        )
