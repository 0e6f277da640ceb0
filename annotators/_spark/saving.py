"""How stages are saved: as Spark ML saves params, with the number of Notemill's format.

Module paths and param names of stages are part of that format, since saved pipelines hold them. A
change that makes an earlier Notemill misread what this one saves must raise FORMAT.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pyspark
from pyspark.ml.pipeline import PipelineSharedReadWrite
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

    def _take_saved(self, names: set[str]) -> None:
        """Set what a stage that was saved without some params, only with `names`, needs."""

    def _to_save(self) -> dict[str, Any] | None:
        """The params that are set, by name, as they are saved; None where as they are."""
        return None

    @classmethod
    def read(cls) -> DefaultParamsReader[Any]:
        """The reader that `load` uses."""
        return _Reader(cls)


class SavedGroup(Saved):
    """What is made of other stages: each is saved under `stages/`, as a PipelineModel saves its.

    Its class is called with the stages and what `_settings` gives.
    """

    stages: list[Any]

    def write(self) -> DefaultParamsWriter:
        """The writer that `save` uses."""
        return _GroupWriter(self)  # type: ignore[arg-type]

    @classmethod
    def read(cls) -> DefaultParamsReader[Any]:
        """The reader that `load` uses."""
        return _GroupReader(cls)

    def _settings(self) -> dict[str, Any]:
        """The other arguments of the class, as JSON has them."""
        raise NotImplementedError


class _Writer(DefaultParamsWriter):
    def saveImpl(self, path: str) -> None:
        self._save_metadata(path, self.instance._to_save())  # type: ignore[attr-defined]

    def _save_metadata(self, path: str, params: dict[str, Any] | None = None) -> None:
        DefaultParamsWriter.saveMetadata(
            self.instance, path, _spark(self), extraMetadata={_ENTRY: FORMAT}, paramMap=params
        )


class _GroupWriter(_Writer):
    def saveImpl(self, path: str) -> None:
        stages = self.instance.stages  # type: ignore[attr-defined]
        settings = self.instance._settings()  # type: ignore[attr-defined]
        self._save_metadata(path, {"stageUids": [stage.uid for stage in stages], **settings})
        for i, stage in enumerate(stages):
            folder = PipelineSharedReadWrite.getStagePath(
                stage.uid, i, len(stages), f"{path}/stages"
            )
            stage.write().session(self.sparkSession).save(folder)


class _Reader(DefaultParamsReader[Any]):
    def load(self, path: str) -> Any:
        """Load a stage. Raises SavedFormatError for one that a newer Notemill saved."""
        metadata = self._metadata(path)
        module, _, name = metadata["class"].rpartition(".")
        stage = getattr(import_module(module), name)()
        stage._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(stage, metadata)
        stage._take_saved({*metadata["paramMap"], *metadata.get("defaultParamMap", {})})
        return stage

    def _metadata(self, path: str) -> dict[str, Any]:
        metadata = DefaultParamsReader.loadMetadata(path, _spark(self))
        found = metadata.get(_ENTRY, FORMAT)
        if found > FORMAT:
            raise SavedFormatError.newer(path, found, FORMAT)
        return metadata


class _GroupReader(_Reader):
    def load(self, path: str) -> Any:
        """Load a group and its stages. Raises SavedFormatError for one of a newer Notemill."""
        metadata = self._metadata(path)
        uid, stages = PipelineSharedReadWrite.load(metadata, _spark(self), path)
        settings = {k: v for k, v in metadata["paramMap"].items() if k != "stageUids"}
        group: Any = self.cls
        return group(stages, **settings)._resetUid(uid)


def _spark(half: BaseReadWrite) -> Any:
    """What Spark's own writers hand on: the session (Connect has one too), before 4.0 `sc`."""
    return half.sparkSession if int(pyspark.__version__.split(".")[0]) >= 4 else half.sc
