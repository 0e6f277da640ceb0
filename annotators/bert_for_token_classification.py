"""BertForTokenClassification: a label for every token, by a BERT in ONNX.

in:  document (sentences or documents), token
out: named_entity, one annotation per token; metadata `sentence`, `word`, and each label's score

    BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr")
        .setInputCols(["sentence", "token"]).setOutputCol("ner")
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, TypeVar

from pyspark import keyword_only

from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.token_classifier import ClassifyTokens
from annotators._spark.bert import AUTO, BertStage
from annotators.core.chunks.rules import label_scheme
from annotators.core.errors import ParamError
from annotators.core.labels import are_placeholders
from annotators.core.plan import Kernel
from annotators.core.tagging import ARGMAX, DECODINGS, VITERBI
from annotators.params import text_param
from annotators.schema import NAMED_ENTITY, AnnotationLayout

Stage = TypeVar("Stage", bound="BertForTokenClassification")


class BertForTokenClassification(BertStage):
    """Labels each token from the logits of its first wordpiece; every wordpiece of it is fed.

    A sentence longer than `maxSentenceLength` is covered by overlapping windows, and each token
    takes its label from the window in which it lies most centrally: nothing is cut, each token has
    a label.
    """

    decoding = text_param(
        "decoding",
        "how scores become labels: argmax, each token's best; viterbi, the likeliest sequence that "
        "IOB2 allows; auto: as the model's folder says, argmax where it does not",
    )

    outputAnnotatorType = NAMED_ENTITY
    _task = "token-classification"
    _default_model = "bert_token_classifier_ner_general"

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
        decoding: str | None = None,
        provider: str | None = None,
        onnxThreads: int | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(decoding=AUTO)
        self.setParams(**params)

    def setDecoding(self: Stage, value: str) -> Stage:
        """Set how scores become labels: argmax, viterbi (for labels in IOB2) or auto.

        Spark NLP's is argmax, under which an `I-X` may stand where no X began. viterbi changes the
        sentences that hold one, and no other, and stands in the output column's metadata, under
        `decoding`.
        """
        return self.setParams(decoding=value)

    def _weights(self) -> ModelFolder:
        """The model, its labels decoded as asked. Raises ParamError where they cannot be."""
        model = super()._weights()
        asked = self._one_of("decoding", (AUTO, *DECODINGS))
        if asked == VITERBI and label_scheme(model.labels) != "IOB2":
            raise ParamError(
                f"{type(self).__name__}: decoding {VITERBI} is for labels in IOB2, but those of "
                f"model {model.reference} are not: expected {AUTO} or {ARGMAX}."
            )
        return model if asked == AUTO else replace(model, decoding=asked)

    def _take_saved(self, names: set[str]) -> None:
        super()._take_saved(names)
        if "decoding" not in names:  # saved before there was any: it gives what it gave
            self.setDecoding(ARGMAX)

    def _take_settings(self, model: ModelFolder) -> None:
        super()._take_settings(model)
        if are_placeholders(model.labels):
            warnings.warn(
                f"model {model.reference} has placeholders for labels ({model.labels[0]}, …): each "
                "word becomes an entity, since none of them is O. Name the labels in the model's "
                "folder, by id.",
                stacklevel=4,
            )

    def _kernel(self) -> Kernel:
        return ClassifyTokens(self._inference())

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(NAMED_ENTITY, ("sentence", "word"), labels=self._model().labels)
