"""BertForTokenClassification: a label for every token, by a BERT in ONNX.

in:  document (sentences or documents), token
out: named_entity, one annotation per token; metadata `sentence`, `word`, and each label's score

    BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr")
        .setInputCols(["sentence", "token"]).setOutputCol("ner")
"""

from __future__ import annotations

import warnings
from typing import Any

from pyspark import keyword_only

from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.token_classifier import ClassifyTokens
from annotators._spark.bert import BertStage
from annotators.core.labels import are_placeholders
from annotators.core.plan import Kernel
from annotators.schema import NAMED_ENTITY, AnnotationLayout


class BertForTokenClassification(BertStage):
    """Labels each token from the logits of its first wordpiece; every wordpiece of it is fed.

    A sentence longer than `maxSentenceLength` is covered by overlapping windows, and each token
    takes its label from the window in which it lies most centrally: nothing is cut, each token has
    a label.
    """

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
        provider: str | None = None,
        onnxThreads: int | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self.setParams(**params)

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
