"""What stages over an ONNX model share: the model's params, and how one is found and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pyspark.ml.util import MLReader
from pyspark.sql import DataFrame

from annotators._export.hub import exported, on_hub
from annotators._runtime.layouts.hugging_face import missing
from annotators._runtime.model_folder import ModelFolder, find_model, verify, weights_in
from annotators._runtime.session import PROVIDERS
from annotators._spark.advice import advise_threads
from annotators._spark.stage import AnnotatorStage
from annotators.core.errors import ModelError, ParamError
from annotators.params import count_param, setter, text_param

Stage = TypeVar("Stage", bound="ModelStage")


class ModelStage(AnnotatorStage):
    """A stage over an ONNX model in a folder that driver and workers can read.

    The stage holds the model's name or path and the SHA-256 of its weights, never the weights: a
    worker opens the model once, and refuses one that is not the model the stage was made with.
    """

    _task: ClassVar[str]
    _default_model: ClassVar[str]

    model = text_param("model", "name of a packaged model, or path of a model folder")
    modelSha256 = text_param("modelSha256", "SHA-256 of the model's weights")
    provider = text_param("provider", f"where the model runs: {', '.join(PROVIDERS)}")
    onnxThreads = count_param("onnxThreads", "ONNX threads a task; as many as spark.task.cpus")

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(provider="cpu", onnxThreads=1)

    @classmethod
    def pretrained(
        cls: type[Stage], name: str | None = None, lang: str = "en", remote_loc: str | None = None
    ) -> Stage:
        """The stage over a packaged model, or one in the folder that NOTEMILL_MODELS names.

        `lang` and `remote_loc` are Spark NLP's; nothing is downloaded unless the name says so:
        `hf://org/name[@revision]` is fetched from the Hugging Face hub and exported, once for each
        commit, with the extra [train] (annotators/_export/hub.py). Raises ModelError that lists
        the models there are, when there is none of that name.
        """
        reference = name or cls._default_model
        return cls._over(find_model(exported(reference) if on_hub(reference) else reference))

    @classmethod
    def loadSavedModel(cls: type[Stage], folder: str, spark_session: Any = None) -> Stage:
        """The stage over a model folder: Notemill's layout, Spark NLP's (assets/vocab.txt …), or
        Hugging Face's (config.json, tokenizer.json, model.onnx or onnx/model.onnx); or over a file
        of weights in one.
        """
        if on_hub(folder):
            return cls.pretrained(folder)
        told = missing(folder)
        if told is not None:
            raise told
        return cls._over(find_model(str(Path(folder).expanduser().absolute())))

    @classmethod
    def load(cls: type[Stage], path: str) -> Stage:
        """A saved stage, or the stage over a model folder, whichever lies at `path`."""
        if weights_in(Path(path)) is not None or Path(path).suffix == ".onnx":
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
        stage._take_settings(model)
        return stage

    def _take_settings(self, model: ModelFolder) -> None:
        """Set the params that the model's manifest decides on."""

    def getClasses(self) -> list[str]:
        """The labels, in the model's order."""
        return list(self._model().labels)

    setProvider = setter(
        provider,
        "Set where the model runs: cpu, cuda or openvino. Workers that lack it fail the job.",
    )
    setOnnxThreads = setter(
        onnxThreads, "Set the ONNX threads a task; raise it together with spark.task.cpus."
    )

    def getEngine(self) -> str:
        """The engine that runs the model."""
        return "onnx"

    def setEngine(self: Stage, value: str) -> Stage:
        """Raise ParamError for any engine but onnx, the only one there is."""
        if value != "onnx":
            raise ParamError.unsupported(
                type(self).__name__, "setEngine", f"models run on ONNX, not on {value}."
            )
        return self

    def _transform(self, dataset: DataFrame) -> DataFrame:
        advise_threads(dataset.sparkSession, [self])
        return super()._transform(dataset)

    def _model(self) -> ModelFolder:
        """The model folder, read again: it must still hold the weights the stage was made with."""
        model = find_model(self._required("model"))
        expected = self._required("modelSha256")
        if model.sha256 != expected:
            raise ModelError.changed(str(model.weights), expected, model.sha256)
        return model

    def _provider(self) -> str:
        provider = str(self.getOrDefault(self.provider))
        if provider not in PROVIDERS:
            raise ParamError(
                f"{type(self).__name__}: provider '{provider}' is unknown; "
                f"known are {', '.join(PROVIDERS)}."
            )
        return provider
