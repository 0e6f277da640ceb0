"""How stages are saved: as Spark ML saves params, with the number of Notemill's format.

Module paths and param names of stages are part of that format, since saved pipelines hold them. A
change that makes an earlier Notemill misread what this one saves must raise FORMAT.
"""

from __future__ import annotations

from typing import Any

import pyspark
from pyspark.ml.util import (
    BaseReadWrite,
    DefaultParamsReadable,
    DefaultParamsReader,
    DefaultParamsWritable,
    DefaultParamsWriter,
)

from annotators.core.errors import SavedFormatError

FORMAT = 1
_ENTRY = "notemillFormat"


class Saved(DefaultParamsReadable[Any], DefaultParamsWritable):
    """What can be saved and loaded with its format's number."""

    def write(self) -> DefaultParamsWriter:
        """The writer that `save` uses."""
        return _Writer(self)  # type: ignore[arg-type]

    @classmethod
    def read(cls) -> DefaultParamsReader[Any]:
        """The reader that `load` uses."""
        return _Reader(cls)


class _Writer(DefaultParamsWriter):
    def saveImpl(self, path: str) -> None:
        DefaultParamsWriter.saveMetadata(
            self.instance, path, _spark(self), extraMetadata={_ENTRY: FORMAT}
        )


class _Reader(DefaultParamsReader[Any]):
    def load(self, path: str) -> Any:
        """Load a stage. Raises SavedFormatError for one that a newer Notemill saved."""
        metadata = DefaultParamsReader.loadMetadata(path, _spark(self))
        found = metadata.get(_ENTRY, FORMAT)
        if found > FORMAT:
            raise SavedFormatError.newer(path, found, FORMAT)
        return super().load(path)


def _spark(half: BaseReadWrite) -> Any:
    """What Spark's own writers hand on: the session (Connect has one too), before 4.0 `sc`."""
    return half.sparkSession if int(pyspark.__version__.split(".")[0]) >= 4 else half.sc
