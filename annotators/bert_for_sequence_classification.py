"""BertForSequenceClassification: a label for every sentence or document, by a BERT in ONNX.

in:  document (sentences or documents), token
out: category, one annotation per sentence (with sigmoid one for each label over `threshold`);
     metadata `sentence` and each label's score

    BertForSequenceClassification.pretrained("bert_sequence_classifier_sentiment")
        .setInputCols(["document", "token"]).setOutputCol("class")
"""

from __future__ import annotations

from typing import Any

from pyspark import keyword_only

from annotators._runtime.early_exit import EarlyExit
from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.sequence_classifier import ClassifySequences
from annotators._spark.bert import AUTO, OFF, BertStage
from annotators.core.decoding import ACTIVATIONS, LONG_DOC_STRATEGIES
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.params import flag_param, number_param, text_param
from annotators.schema import CATEGORY, AnnotationLayout


class BertForSequenceClassification(BertStage):
    """Labels each sentence from its tokens' wordpieces, all of them.

    What is longer than `maxSentenceLength` is covered by windows, whose scores `longDocStrategy`
    joins: `mean` (default), `max` (the surest window's), `vote`, or `first` (Spark NLP's: the rest
    is not looked at). With `coalesceSentences` a document has one result, its sentences' mean.
    With activation `sigmoid` (or `multilabel`) labels may go together: every label whose score is
    over `threshold` is an annotation, and a sentence may have none.
    """

    outputAnnotatorType = CATEGORY
    _task = "sequence-classification"
    _default_model = "bert_sequence_classifier_sentiment"

    coalesceSentences = flag_param("coalesceSentences", "whether a document has one result")
    activation = text_param("activation", f"one of {', '.join(ACTIVATIONS)}")
    multilabel = flag_param("multilabel", "whether labels may go together: another name of sigmoid")
    threshold = number_param("threshold", "score that a label must exceed with sigmoid")
    longDocStrategy = text_param("longDocStrategy", f"one of {', '.join(LONG_DOC_STRATEGIES)}")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        model: str | None = None,
        modelSha256: str | None = None,
        batchSize: int | None = None,
        batchWordpieces: int | None = None,
        caseSensitive: bool | None = None,
        maxSentenceLength: int | None = None,
        windowOverlap: int | None = None,
        precision: str | None = None,
        distinctWindows: bool | None = None,
        rememberedWindows: int | None = None,
        earlyExit: str | None = None,
        provider: str | None = None,
        onnxThreads: int | None = None,
        coalesceSentences: bool | None = None,
        activation: str | None = None,
        multilabel: bool | None = None,
        threshold: float | None = None,
        longDocStrategy: str | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            coalesceSentences=False,
            activation="softmax",
            multilabel=False,
            threshold=0.5,
            longDocStrategy="mean",
        )
        self.setParams(**params)

    def setCoalesceSentences(self, value: bool) -> BertForSequenceClassification:
        """Set whether a document has one result instead of one per sentence."""
        return self.setParams(coalesceSentences=value)

    def getCoalesceSentences(self) -> bool:
        """Whether a document has one result."""
        return self.getOrDefault(self.coalesceSentences)

    def setActivation(self, value: str) -> BertForSequenceClassification:
        """Set how logits become scores: softmax, or sigmoid for labels that may go together."""
        return self.setParams(activation=value)

    def getActivation(self) -> str:
        """How logits become scores."""
        return self.getOrDefault(self.activation)

    def setMultilabel(self, value: bool) -> BertForSequenceClassification:
        """Set whether labels may go together, whatever the activation says."""
        return self.setParams(multilabel=value)

    def setThreshold(self, value: float) -> BertForSequenceClassification:
        """Set the score (0 to 1) that a label must exceed with sigmoid."""
        return self.setParams(threshold=value)

    def setLongDocStrategy(self, value: str) -> BertForSequenceClassification:
        """Set how the windows of what is too long for the model become one result."""
        return self.setParams(longDocStrategy=value)

    def getLongDocStrategy(self) -> str:
        """How the windows of what is too long for the model become one result."""
        return self.getOrDefault(self.longDocStrategy)

    def _several(self) -> bool:
        """Whether labels may go together."""
        activation = self._one_of("activation", ACTIVATIONS)
        return activation == "sigmoid" or bool(self.getOrDefault(self.multilabel))

    def _exits(self, model: ModelFolder) -> EarlyExit | None:
        """None with sigmoid: an exit's head is trained, and is sure, by softmax."""
        asked = self.getOrDefault(self.earlyExit)
        if not self._several():
            return super()._exits(model)
        if asked not in (AUTO, OFF):
            raise ParamError(
                f"{type(self).__name__}: earlyExit '{asked}' does not go with sigmoid, since sure "
                "is measured by softmax; it must be auto or off, or the activation softmax."
            )
        return None

    def _kernel(self) -> Kernel:
        several = self._several()
        return ClassifySequences(
            self._inference(),
            activation="sigmoid" if several else "softmax",
            long_document=self._one_of("longDocStrategy", LONG_DOC_STRATEGIES),
            coalesce=self.getCoalesceSentences(),
            threshold=self.getOrDefault(self.threshold) if several else None,
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(CATEGORY, ("sentence",), labels=self._model().labels)
