"""DocumentAssembler: a text column to `document` annotations.

in:  a string column, or an array<string> column (one document an element)
out: `document`, one annotation per text, from 0 to its last character

    DocumentAssembler().setInputCol("text").setOutputCol("document")
"""

from __future__ import annotations

from typing import Any

from pyspark import keyword_only
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, NullType, StringType, StructType

from annotators._spark.frame_columns import FrameColumns, input_column, path_to
from annotators._spark.stage import KernelStage
from annotators._spark.transform import Input, Output
from annotators.core.cleanup import CLEANUP_MODES
from annotators.core.documents import AssembleDocuments
from annotators.core.errors import InputColumnError, ParamError
from annotators.core.plan import Kernel
from annotators.params import text_param
from annotators.schema import DOCUMENT, AnnotationLayout


class DocumentAssembler(KernelStage):
    """Turns a text column into documents, the first stage of every pipeline.

    A null text gives one empty document (0, -1, ""), as in Spark NLP. Offsets are those of the
    cleaned text where a cleanup mode changes it.
    """

    outputAnnotatorType = DOCUMENT
    inputCol = text_param("inputCol", "text column to read: string or array of strings")
    idCol = text_param("idCol", "column whose value goes into the metadata as `id`")
    metadataCol = text_param("metadataCol", "map<string,string> column to add to the metadata")
    cleanupMode = text_param("cleanupMode", f"one of {', '.join(CLEANUP_MODES)}")

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        idCol: str | None = None,
        metadataCol: str | None = None,
        cleanupMode: str | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(outputCol="document", cleanupMode="disabled")
        self.setParams(**params)

    def setInputCol(self, value: str) -> DocumentAssembler:
        """Set the text column to read."""
        return self.setParams(inputCol=value)

    def getInputCol(self) -> str:
        """The text column to read."""
        return self.getOrDefault(self.inputCol)

    def setIdCol(self, value: str) -> DocumentAssembler:
        """Set the column whose value goes into the metadata as `id`."""
        return self.setParams(idCol=value)

    def setMetadataCol(self, value: str) -> DocumentAssembler:
        """Set a map<string,string> column to add to the metadata."""
        return self.setParams(metadataCol=value)

    def setCleanupMode(self, value: str) -> DocumentAssembler:
        """Set how whitespace is cleaned; the modes are Spark NLP's (core/cleanup.py)."""
        return self.setParams(cleanupMode=_known_mode(value))

    def getCleanupMode(self) -> str:
        """How whitespace is cleaned."""
        return self.getOrDefault(self.cleanupMode)

    def _kernel(self) -> Kernel:
        return AssembleDocuments(_known_mode(self.getCleanupMode()))

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(DOCUMENT, ("sentence",))

    def _input_columns(self, schema: StructType) -> list[str]:
        stage = type(self).__name__
        column: str = self._required("inputCol")
        for needed in (column, *self._metadata_columns()):
            found = path_to(schema, needed)
            input_column(stage, schema, needed if found is None else found[0][0])
        steps, kind = path_to(schema, column) or ((column,), NullType())
        if not _textual(kind.elementType if isinstance(kind, ArrayType) else kind):
            raise InputColumnError(
                f"{stage}: column '{column}' is {kind.simpleString()}; "
                "text must be a string or an array of strings."
            )
        return [".".join(steps)]

    def _inputs(self, columns: list[str]) -> list[Input]:
        return [Input(column, None) for column in columns]

    def _output(self) -> Output:
        more = self._extra_metadata if self._metadata_columns() else None
        return Output(self.getOutputCol(), self._layout(), more)

    def _metadata_columns(self) -> list[str]:
        return [self.getOrDefault(p) for p in (self.idCol, self.metadataCol) if self.isDefined(p)]

    def _extra_metadata(self, frame: FrameColumns) -> Column:
        """The entries of idCol and metadataCol; the map's own `id` and `sentence` give way."""
        parts: list[Column] = []
        if self.isDefined(self.idCol):
            identity = frame.column(self.getOrDefault(self.idCol)).cast("string")
            parts.append(F.create_map(F.lit("id"), identity))
        if self.isDefined(self.metadataCol):
            name = self.getOrDefault(self.metadataCol)
            _check_map(name, frame.type_of(name))
            entries = frame.column(name)
            free = F.map_filter(entries, lambda key, _value: ~key.isin("id", "sentence"))
            parts.append(F.coalesce(free, F.create_map().cast("map<string,string>")))
        return F.map_concat(*parts)


def _textual(kind: DataType) -> bool:
    """Whether it is text: strings of any collation, and of limited length."""
    return isinstance(kind, StringType) or kind.typeName() in ("varchar", "char")


def _check_map(name: str, kind: DataType | None) -> None:
    if not (isinstance(kind, MapType) and _textual(kind.keyType) and _textual(kind.valueType)):
        shown = "missing" if kind is None else kind.simpleString()
        raise InputColumnError(
            f"DocumentAssembler: column '{name}' is {shown}; metadataCol must be a "
            "map<string,string>."
        )


def _known_mode(mode: str) -> str:
    if mode not in CLEANUP_MODES:
        raise ParamError(
            f"DocumentAssembler: cleanupMode '{mode}' is unknown; "
            f"it must be one of {', '.join(CLEANUP_MODES)}."
        )
    return mode
