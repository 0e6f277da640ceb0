"""SentenceDetectorDLModel: `document` annotations to sentences, by a small character model.

in:  document
out: document, one annotation per sentence; metadata `sentence` numbers them within the row

    SentenceDetectorDLModel.pretrained("sentence_detector_dl_healthcare", "en", "clinical/models")
        .setInputCols(["document"]).setOutputCol("sentence")
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._runtime.boundary_detector import DetectBoundaries
from annotators._spark.model_stage import ModelStage
from annotators._spark.sentence_params import HasSentenceParams
from annotators.core.boundaries.rules import BoundaryRules
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.params import text_param, texts_param
from annotators.schema import DOCUMENT, AnnotationLayout


class SentenceDetectorDLModel(HasSentenceParams, ModelStage):
    """Splits documents into sentences, past abbreviations, headings, list items, wrapped lines.

    A heading line, a numbered line and a bullet item are sentences of their own, and blank lines
    always end one; a line break within running text does not.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT]
    outputAnnotatorType = DOCUMENT
    _reads = ((),)
    _task = "sentence-boundary"
    _default_model = "sentence_detector_dl_healthcare"

    modelArchitecture = text_param("modelArchitecture", "the model's architecture")
    impossiblePenultimates = texts_param(
        "impossiblePenultimates", "words after which a full stop ends no sentence"
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        model: str | None = None,
        modelSha256: str | None = None,
        customBounds: list[str] | None = None,
        useCustomBoundsOnly: bool | None = None,
        explodeSentences: bool | None = None,
        keepEmptyRows: bool | None = None,
        splitLength: int | None = None,
        minLength: int | None = None,
        maxLength: int | None = None,
        impossiblePenultimates: list[str] | None = None,
        provider: str | None = None,
        onnxThreads: int | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            modelArchitecture="cnn",
            impossiblePenultimates=[],
        )
        self.setParams(**params)

    def setModel(self, modelArchitecture: str) -> SentenceDetectorDLModel:
        """Set the model's architecture, as Spark NLP has it: only `cnn` is known."""
        if modelArchitecture != "cnn":
            raise ParamError(
                f"SentenceDetectorDLModel: no architecture '{modelArchitecture}', only cnn."
            )
        return self.setParams(modelArchitecture=modelArchitecture)

    def setImpossiblePenultimates(
        self, impossible_penultimates: list[str]
    ) -> SentenceDetectorDLModel:
        """Set words after which a full stop ends no sentence."""
        return self.setParams(impossiblePenultimates=impossible_penultimates)

    def setModelArchitecture(self, value: str) -> SentenceDetectorDLModel:
        """Another name of `setModel`."""
        return self.setModel(value)

    def _kernel(self) -> Kernel:
        try:
            rules = BoundaryRules(
                impossible_penultimates=tuple(self.getOrDefault("impossiblePenultimates")),
                **self._limits(),
            )
        except ValueError as wrong:
            raise ParamError(f"SentenceDetectorDLModel: {wrong}") from None
        return DetectBoundaries(
            self._model(), rules, self._provider(), self.getOrDefault(self.onnxThreads)
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(DOCUMENT, ("sentence",))
