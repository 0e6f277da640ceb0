"""NerConverter: labelled tokens to chunks.

in:  document (sentences), token, named_entity
out: chunk, one annotation per entity; metadata `entity`, `sentence`, `chunk`, `confidence`

    NerConverter().setInputCols(["sentence", "token", "ner"]).setOutputCol("ner_chunk")
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._spark.rule_tables import HasHeadings
from annotators.core.chunks.kernel import ConvertChunks
from annotators.core.chunks.rules import ChunkRules
from annotators.core.plan import Kernel
from annotators.params import flag_param, pairs_param, setter, text_param, texts_param
from annotators.schema import CHUNK, DOCUMENT, NAMED_ENTITY, TOKEN, AnnotationLayout


class NerConverter(HasHeadings):
    """Joins the labels of neighbouring tokens to chunks, as Spark NLP does (core/chunks.py).

    Beyond Spark NLP: labels without a prefix keep their letters; `typeChangeEndsChunk`, off by
    default, chunks as conlleval does; what is a heading in `headings` is not a chunk.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT, TOKEN, NAMED_ENTITY]
    outputAnnotatorType = CHUNK
    _reads = (("sentence",), ("sentence",), ("sentence", "confidence"))

    whiteList = texts_param("whiteList", "entities to keep; all others are dropped")
    preservePosition = flag_param(
        "preservePosition", "whether a chunk's result is the text between its ends"
    )
    nerHasNoSchema = flag_param("nerHasNoSchema", "whether labels have no B- and I- prefixes")
    replaceLabels = pairs_param("replaceLabels", "entities to rename: {old: new}, or old, new, …")
    typeChangeEndsChunk = flag_param(
        "typeChangeEndsChunk",
        "whether an I- label of another type starts a chunk (not Spark NLP's)",
    )
    scheme = text_param(
        "scheme", "label scheme (IOB1, IOB2, IOBES, IO); unset, read off the labels"
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        whiteList: list[str] | None = None,
        preservePosition: bool | None = None,
        nerHasNoSchema: bool | None = None,
        replaceLabels: dict[str, str] | None = None,
        typeChangeEndsChunk: bool | None = None,
        scheme: str | None = None,
        headings: list[str] | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            whiteList=[],
            preservePosition=True,
            nerHasNoSchema=False,
            replaceLabels=[],
            typeChangeEndsChunk=False,
        )
        self.setParams(**params)

    def setWhiteList(self, entities: list[str]) -> NerConverter:
        """Set the entities to keep."""
        return self.setParams(whiteList=entities)

    setPreservePosition = setter(
        preservePosition,
        "Set whether a chunk's result is the text between its ends, or its words joined.",
    )
    setNerHasNoSchema = setter(nerHasNoSchema, "Set whether labels have no B- and I- prefixes.")

    def setReplaceLabels(self, value: dict[str, str]) -> NerConverter:
        """Set entities to rename, {old: new}."""
        return self.setParams(replaceLabels=value)

    setTypeChangeEndsChunk = setter(
        typeChangeEndsChunk,
        "Set whether an I- label of another type starts a chunk, as conlleval has it.",
    )
    setScheme = setter(scheme, "Set the label scheme: IOB1, IOB2, IOBES or IO.")

    def _kernel(self) -> Kernel:
        kept: list[str] = self.getOrDefault(self.whiteList)
        names = self.getOrDefault(self.replaceLabels)
        return ConvertChunks(
            ChunkRules(
                white_list=tuple(kept),
                preserve_position=self.getOrDefault(self.preservePosition),
                has_no_schema=self.getOrDefault(self.nerHasNoSchema),
                replace_labels=tuple(zip(names[::2], names[1::2], strict=True)),
                type_change_ends_chunk=self.getOrDefault(self.typeChangeEndsChunk),
                scheme=self.getOrDefault(self.scheme) if self.isDefined(self.scheme) else None,
            ),
            self._headings(),
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(
            CHUNK, ("entity", "sentence", "chunk", "confidence"), optional=("confidence",)
        )
