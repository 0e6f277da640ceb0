"""SentenceDetectorDLModel: `document` annotations to sentences, by a small character model.

in:  document
out: document, one annotation a sentence; metadata `sentence` numbers them within the row

    SentenceDetectorDLModel.pretrained("sentence_detector_dl_healthcare", "en", "clinical/models")
        .setInputCols(["document"]).setOutputCol("sentence")
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._exploding import HasExplodeSentences
from annotators._model_stage import ModelStage
from annotators._runtime.boundary_detector import DetectBoundaries
from annotators.core.boundaries import BoundaryRules
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.params import count_param, flag_param, text_param, texts_param
from annotators.schema import DOCUMENT, Layout

UNBOUNDED = 99_999
"""Spark NLP's Python default of maxLength, which its JVM side takes as no limit; so do we."""


class SentenceDetectorDLModel(HasExplodeSentences, ModelStage):
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
    customBounds = texts_param("customBounds", "regular expressions that end sentences")
    useCustomBoundsOnly = flag_param("useCustomBoundsOnly", "whether only customBounds end any")
    splitLength = count_param("splitLength", "characters after which a sentence is cut at a blank")
    minLength = count_param("minLength", "fewest characters; shorter sentences are dropped")
    maxLength = count_param("maxLength", "most characters; longer sentences are dropped")
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
            customBounds=[],
            useCustomBoundsOnly=False,
            minLength=0,
            maxLength=UNBOUNDED,
            impossiblePenultimates=[],
        )
        self.setParams(**params)

    def setModel(self, value: str) -> SentenceDetectorDLModel:
        """Set the model's architecture, as Spark NLP has it: only `cnn` is known."""
        if value != "cnn":
            raise ParamError(f"SentenceDetectorDLModel: no architecture '{value}', only cnn.")
        return self.setParams(modelArchitecture=value)

    def setCustomBounds(self, value: list[str]) -> SentenceDetectorDLModel:
        """Set regular expressions that end sentences; what they match stays in the sentence."""
        return self.setParams(customBounds=value)

    def setUseCustomBoundsOnly(self, value: bool) -> SentenceDetectorDLModel:
        """Set whether only customBounds end sentences."""
        return self.setParams(useCustomBoundsOnly=value)

    def setSplitLength(self, value: int) -> SentenceDetectorDLModel:
        """Set the characters after which a sentence is split at a blank."""
        return self.setParams(splitLength=value)

    def setMinLength(self, value: int) -> SentenceDetectorDLModel:
        """Set the fewest characters of a sentence."""
        return self.setParams(minLength=value)

    def setMaxLength(self, value: int) -> SentenceDetectorDLModel:
        """Set the most characters of a sentence."""
        return self.setParams(maxLength=value)

    def setImpossiblePenultimates(self, value: list[str]) -> SentenceDetectorDLModel:
        """Set words after which a full stop ends no sentence."""
        return self.setParams(impossiblePenultimates=value)

    def _kernel(self) -> Kernel:
        longest = self.getOrDefault(self.maxLength)
        split = self.getOrDefault(self.splitLength) if self.isDefined(self.splitLength) else None
        try:
            rules = BoundaryRules(
                custom_bounds=tuple(self.getOrDefault("customBounds")),
                use_custom_bounds_only=self.getOrDefault(self.useCustomBoundsOnly),
                min_length=self.getOrDefault(self.minLength),
                max_length=None if longest == UNBOUNDED else longest,
                split_length=split,
                impossible_penultimates=tuple(self.getOrDefault("impossiblePenultimates")),
            )
        except ValueError as wrong:
            raise ParamError(f"SentenceDetectorDLModel: {wrong}") from None
        return DetectBoundaries(
            self._model(), rules, self._provider(), self.getOrDefault(self.onnxThreads)
        )

    def _layout(self) -> Layout:
        return Layout(DOCUMENT, ("sentence",))
