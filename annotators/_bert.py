"""What the BERT stages share: the params of a model and of its inference, and how one is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pyspark.ml.util import MLReader

from annotators._runtime.classifiers import Inference
from annotators._runtime.model_folder import ModelFolder, find_model, verify
from annotators._runtime.session import PROVIDERS
from annotators._stage import AnnotatorStage
from annotators.core.errors import ModelError, ParamError
from annotators.params import count_param, flag_param, text_param
from annotators.schema import DOCUMENT, TOKEN

Stage = TypeVar("Stage", bound="BertStage")

LONGEST = 512


class BertStage(AnnotatorStage):
    """A BERT classifier over an ONNX model in a folder that driver and workers can read.

    The stage holds the model's name or path and the SHA-256 of its weights, never the weights: a
    worker opens the model once, and refuses one that is not the model the stage was made with.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT, TOKEN]
    _reads = (("sentence",), ("sentence",))
    _task: ClassVar[str]
    _default_model: ClassVar[str]

    model = text_param("model", "name of a packaged model, or path of a model folder")
    modelSha256 = text_param("modelSha256", "SHA-256 of the model's weights")
    batchSize = count_param(
        "batchSize", "Spark NLP's sentences a batch; Notemill batches by batchWordpieces instead"
    )
    batchWordpieces = count_param("batchWordpieces", "padded wordpieces a call of the model")
    caseSensitive = flag_param("caseSensitive", "whether words keep their case")
    maxSentenceLength = count_param(
        "maxSentenceLength", "wordpieces a window; what is longer is covered by several windows"
    )
    windowOverlap = count_param("windowOverlap", "wordpieces that neighbouring windows share")
    provider = text_param("provider", f"where the model runs: {', '.join(PROVIDERS)}")
    onnxThreads = count_param("onnxThreads", "ONNX threads a task; as many as spark.task.cpus")

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            batchSize=8,
            batchWordpieces=512,
            caseSensitive=True,
            maxSentenceLength=128,
            windowOverlap=32,
            provider="cpu",
            onnxThreads=1,
        )

    @classmethod
    def pretrained(
        cls: type[Stage], name: str | None = None, lang: str = "en", remote_loc: str | None = None
    ) -> Stage:
        """The stage over a packaged model, or one in the folder that NOTEMILL_MODELS names.

        `lang` and `remote_loc` are Spark NLP's; nothing is downloaded. Raises ModelError that lists
        the models there are, when there is none of that name.
        """
        return cls._over(find_model(name or cls._default_model))

    @classmethod
    def loadSavedModel(cls: type[Stage], folder: str, spark_session: Any = None) -> Stage:
        """The stage over a model folder: Notemill's layout, or Spark NLP's (assets/vocab.txt …)."""
        return cls._over(find_model(str(Path(folder).expanduser().absolute())))

    @classmethod
    def load(cls: type[Stage], path: str) -> Stage:
        """A saved stage, or the stage over a model folder, whichever lies at `path`."""
        if (Path(path) / "model.onnx").is_file():
            return cls.loadSavedModel(path)
        reader: MLReader[Stage] = cls.read()
        return reader.load(path)

    @classmethod
    def _over(cls: type[Stage], model: ModelFolder) -> Stage:
        if model.task not in (None, cls._task):
            raise ModelError(
                f"model {model.reference} is for {model.task}; {cls.__name__} needs one for "
                f"{cls._task}."
            )
        verify(model)
        stage = cls().setParams(model=model.reference, modelSha256=model.sha256)
        if model.lowercase is not None:
            stage.setCaseSensitive(not model.lowercase)
        return stage

    def getClasses(self) -> list[str]:
        """The labels, in the model's order."""
        return list(self._model().labels)

    def setBatchSize(self: Stage, value: int) -> Stage:
        """Set Spark NLP's batch size. Results and speed do not depend on it here."""
        return self.setParams(batchSize=value)

    def getBatchSize(self) -> int:
        """Spark NLP's batch size."""
        return self.getOrDefault(self.batchSize)

    def setBatchWordpieces(self: Stage, value: int) -> Stage:
        """Set the padded wordpieces a call of the model."""
        return self.setParams(batchWordpieces=value)

    def setCaseSensitive(self: Stage, value: bool) -> Stage:
        """Set whether words keep their case."""
        return self.setParams(caseSensitive=value)

    def getCaseSensitive(self) -> bool:
        """Whether words keep their case."""
        return self.getOrDefault(self.caseSensitive)

    def setMaxSentenceLength(self: Stage, value: int) -> Stage:
        """Set the wordpieces a window, [CLS] and [SEP] included. Raises ValueError over 512."""
        if value > LONGEST:
            raise ValueError(
                f"BERT models take at most {LONGEST} wordpieces a window, found {value}; longer "
                "sentences are covered by several windows, so nothing is cut."
            )
        return self.setParams(maxSentenceLength=value)

    def getMaxSentenceLength(self) -> int:
        """The wordpieces a window."""
        return self.getOrDefault(self.maxSentenceLength)

    def setWindowOverlap(self: Stage, value: int) -> Stage:
        """Set the wordpieces that neighbouring windows share (at most half a window)."""
        return self.setParams(windowOverlap=value)

    def setProvider(self: Stage, value: str) -> Stage:
        """Set where the model runs: cpu, cuda or openvino. Workers that lack it fail the job."""
        return self.setParams(provider=value)

    def setOnnxThreads(self: Stage, value: int) -> Stage:
        """Set the ONNX threads a task; raise it together with spark.task.cpus."""
        return self.setParams(onnxThreads=value)

    def getEngine(self) -> str:
        """The engine that runs the model."""
        return "onnx"

    def setConfigProtoBytes(self: Stage, value: list[int]) -> Stage:
        """Raise ParamError: TensorFlow's settings mean nothing here."""
        raise ParamError.unsupported(
            type(self).__name__, "setConfigProtoBytes", "models run on ONNX, not on TensorFlow."
        )

    def _model(self) -> ModelFolder:
        """The model folder, read again: it must still hold the weights the stage was made with."""
        model = find_model(self._required("model"))
        expected = self._required("modelSha256")
        if model.sha256 != expected:
            raise ModelError.changed(str(model.weights), expected, model.sha256)
        return model

    def _inference(self) -> Inference:
        model, provider = self._model(), self.getOrDefault(self.provider)
        if provider not in PROVIDERS:
            raise ParamError(f"provider '{provider}' is unknown; known are {', '.join(PROVIDERS)}.")
        return Inference(
            model=model,
            case_sensitive=self.getCaseSensitive(),
            max_length=min(self.getMaxSentenceLength(), model.max_length),
            overlap=self.getOrDefault(self.windowOverlap),
            batch_wordpieces=self.getOrDefault(self.batchWordpieces),
            provider=provider,
            threads=self.getOrDefault(self.onnxThreads),
        )
