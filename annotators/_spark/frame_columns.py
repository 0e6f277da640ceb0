"""A frame's columns, told apart by their places: equal names never clash, nor do the job's own.

Spark takes `Document` and `document` for one name unless spark.sql.caseSensitive is set, and a join
may give a name twice. So columns of a frame with such names get others while a stage works on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType

from annotators.core.errors import FrameError, InputColumnError
from annotators.schema import quoted


def matching(names: Sequence[str], wanted: str) -> str | None:
    """The name that is meant: as it is written, else the only one that differs in case."""
    if wanted in names:
        return wanted
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def input_column(stage: str, schema: StructType, wanted: str) -> str:
    """The frame's name for a column that a stage reads.

    Raises InputColumnError where there is no such column, or more than one.
    """
    found = matching(schema.names, wanted)
    if found is None:
        raise InputColumnError.missing(stage, wanted, schema.names)
    if schema.names.count(found) > 1:
        raise InputColumnError.repeated(stage, found, schema.names.count(found))
    return found


def path_to(schema: StructType, wanted: str) -> tuple[tuple[str, ...], DataType] | None:
    """The steps to a column, or to a field in a struct by `column.field`, and what is there."""
    found = matching(schema.names, wanted)
    if found is not None:
        return (found,), schema[found].dataType
    for head, rest in _parted(wanted):
        top = matching(schema.names, head)
        kind = None if top is None else schema[top].dataType
        inner = path_to(kind, rest) if isinstance(kind, StructType) else None
        if top is not None and inner is not None:
            return (top, *inner[0]), inner[1]
    return None


def _parted(path: str) -> Iterator[tuple[str, str]]:
    return ((path[:i], path[i + 1 :]) for i, character in enumerate(path) if character == ".")


def check_frame(stage: str, dataset: Any) -> None:
    """Raise FrameError, which is a TypeError, for what is no Spark frame."""
    if not hasattr(dataset, "schema") or not hasattr(dataset, "toDF"):
        raise FrameError.found(stage, f"{type(dataset).__module__}.{type(dataset).__name__}")


@dataclass(frozen=True)
class FrameColumns:
    """A frame in which every name is one column's, and how its columns are referred to.

    outer: the names that the columns have outside; inner: those that they have in `frame`.
    """

    frame: DataFrame
    outer: tuple[str, ...]
    inner: tuple[str, ...]
    schema: StructType

    def sql(self, name: str) -> str:
        """A column, or a field in a struct, as Spark SQL writes it."""
        found = path_to(self.schema, name)
        steps = (name,) if found is None else found[0]
        first = self.inner[self.outer.index(steps[0])] if steps[0] in self.outer else steps[0]
        return ".".join(quoted(step) for step in (first, *steps[1:]))

    def column(self, name: str) -> Column:
        """A column, or a field in a struct."""
        return F.col(self.sql(name))

    def type_of(self, name: str) -> DataType | None:
        """The type of a column or field; None where there is none."""
        found = path_to(self.schema, name)
        return None if found is None else found[1]

    def free_name(self, wanted: str) -> str:
        """A name that no column has."""
        taken = {name.casefold() for name in self.inner}
        while wanted in taken:
            wanted += "_"
        return wanted

    def with_columns(
        self, frame: DataFrame, made: Mapping[str, Column], dropped: Collection[str] = ()
    ) -> DataFrame:
        """The columns under their outer names; those made stand where one of that name stood.

        frame: this one with columns more, which `made` may refer to. made: each under its name.
        """
        kept = [
            made[outer] if outer in made else _called(inner, outer)
            for place, (outer, inner) in enumerate(zip(self.outer, self.inner, strict=True))
            if outer not in dropped and (outer not in made or self.outer.index(outer) == place)
        ]
        return frame.select(*kept, *[made[name] for name in made if name not in self.outer])


def _called(inner: str, outer: str) -> Column:
    column = F.col(quoted(inner))
    return column if inner == outer else column.alias(outer)


def frame_columns(frame: DataFrame) -> FrameColumns:
    """The frame with names that are each one column's, whether or not Spark is case-sensitive."""
    outer = tuple(frame.columns)
    if len({name.casefold() for name in outer}) == len(outer):
        return FrameColumns(frame, outer, outer, frame.schema)
    inner = tuple(f"_notemill_{place}" for place in range(len(outer)))
    return FrameColumns(frame.toDF(*inner), outer, inner, frame.schema)


def replaced(schema: StructType, made: Mapping[str, Any]) -> StructType:
    """The schema after `FrameColumns.with_columns`, with the fields made."""
    kept = [
        made.get(field.name, field)
        for place, field in enumerate(schema.fields)
        if field.name not in made or schema.names.index(field.name) == place
    ]
    return StructType([*kept, *[made[name] for name in made if name not in schema.names]])
