"""Params that several stages share, one mixin each: Spark NLP's names, setters and defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pyspark.ml.param import Param, Params, TypeConverters

Stage = TypeVar("Stage", bound=Params)
Value = TypeVar("Value")


def text_param(name: str, doc: str) -> Param[str]:
    """A string param of the class that it is assigned in."""
    return Param(Params._dummy(), name, doc, TypeConverters.toString)


def flag_param(name: str, doc: str) -> Param[bool]:
    """A boolean param."""
    return Param(Params._dummy(), name, doc, TypeConverters.toBoolean)


def count_param(name: str, doc: str) -> Param[int]:
    """An integer param."""
    return Param(Params._dummy(), name, doc, TypeConverters.toInt)


def number_param(name: str, doc: str) -> Param[float]:
    """A param that is a number."""
    return Param(Params._dummy(), name, doc, TypeConverters.toFloat)


def counts_param(name: str, doc: str) -> Param[list[int]]:
    """A param that is a list of integers."""
    return Param(Params._dummy(), name, doc, TypeConverters.toListInt)


def texts_param(name: str, doc: str) -> Param[list[str]]:
    """A param that is a list of strings."""
    return Param(Params._dummy(), name, doc, TypeConverters.toListString)


def pairs_param(name: str, doc: str) -> Param[list[str]]:
    """A param that is set as a dict of strings and kept as a list: key, value, key, value, …"""
    return Param(Params._dummy(), name, doc, _flat_pairs)


def _flat_pairs(value: Any) -> list[str]:
    pairs = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    return TypeConverters.toListString(pairs)


def setter(param: Param[Value], doc: str) -> Callable[[Stage, Value], Stage]:
    """A method that sets a param and gives the stage; to be assigned beside the param."""

    def set_param(self: Stage, value: Value) -> Stage:
        return self.setParams(**{param.name: value})  # type: ignore[attr-defined,no-any-return]

    set_param.__name__ = set_param.__qualname__ = f"set{param.name[0].upper()}{param.name[1:]}"
    set_param.__doc__ = doc
    return set_param


class HasGetters(Params):
    """A getter for each param of a stage, as Spark NLP has; None where the param has no value."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        for name in dir(cls):
            getter = f"get{name[0].upper()}{name[1:]}"
            if isinstance(getattr(cls, name, None), Param) and not hasattr(cls, getter):
                setattr(cls, getter, _getter(name))


def _getter(name: str) -> Callable[[Params], Any]:
    def get(stage: Params) -> Any:
        return stage.getOrDefault(name) if stage.isDefined(name) else None

    get.__doc__ = f"The value of `{name}`, None where it has none."
    return get


class HasInputCols(Params):
    """`inputCols`: the annotation columns that a stage reads, in any order."""

    inputAnnotatorTypes: ClassVar[list[str]] = []
    inputCols = texts_param("inputCols", "annotation columns to read, in any order")

    def setInputCols(self: Stage, *value: str | list[str]) -> Stage:
        """Set the annotation columns to read: names, or one list of names.

        Raises TypeError when their number is not that of the annotations the stage needs.
        """
        columns = _names(value)
        needed = getattr(self, "inputAnnotatorTypes", [])
        if needed and len(columns) != len(needed):
            raise TypeError(
                f"setInputCols in {self.uid} expects {len(needed)} columns, with annotations of "
                f"type {', '.join(needed)}; found {len(columns)}."
            )
        return self._set(inputCols=columns)  # type: ignore[return-value]

    def getInputCols(self) -> list[str]:
        """The annotation columns to read."""
        return self.getOrDefault(self.inputCols)


class HasOutputCol(Params):
    """`outputCol`: the annotation column that a stage writes."""

    outputCol = text_param("outputCol", "annotation column to write")

    def setOutputCol(self: Stage, value: str) -> Stage:
        """Set the annotation column to write; a column of that name is replaced."""
        return self._set(outputCol=value)  # type: ignore[return-value]

    def getOutputCol(self) -> str:
        """The annotation column to write."""
        return self.getOrDefault(self.outputCol)


class HasReadAsSeen(Params):
    """`readAsSeen`: whether a stage finds words and lines where a reader of the text sees them."""

    readAsSeen = flag_param(
        "readAsSeen",
        "whether other blanks, HTML and characters without a width are read as a reader sees them "
        "(not Spark NLP's)",
    )

    setReadAsSeen = setter(
        readAsSeen, "Set whether blanks, HTML and characters without a width are read as seen."
    )


class HasErrorCol(Params):
    """`errorCol`: where the failures of single rows are told."""

    errorCol = text_param(
        "errorCol",
        "string column that names stage and exception class of a row that failed, null otherwise; "
        "unset, a row that fails ends the job",
    )

    def setErrorCol(self: Stage, value: str) -> Stage:
        """Set the column for errors. Stages may share one: the first error of a row is kept."""
        return self._set(errorCol=value)  # type: ignore[return-value]

    def getErrorCol(self) -> str | None:
        """The column for errors, or None."""
        return self.getOrDefault(self.errorCol) if self.isDefined(self.errorCol) else None


class HasLazyAnnotator(Params):
    """`lazyAnnotator`: kept for Spark NLP's RecursivePipeline, which Notemill does not have."""

    lazyAnnotator = flag_param(
        "lazyAnnotator", "whether a RecursivePipeline runs this stage lazily; nothing here does"
    )

    def setLazyAnnotator(self: Stage, value: bool) -> Stage:
        """Set whether the stage is lazy in a RecursivePipeline. It changes nothing here."""
        return self._set(lazyAnnotator=value)  # type: ignore[return-value]

    def getLazyAnnotator(self) -> bool:
        """Whether the stage is lazy in a RecursivePipeline."""
        return self.getOrDefault(self.lazyAnnotator)


def _names(value: tuple[Any, ...]) -> list[str]:
    """The column names in `f("a", "b")` or `f(["a", "b"])`."""
    names = value[0] if len(value) == 1 and isinstance(value[0], list | tuple) else value
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError("input columns must be given as strings, or as one list of strings")
    return list(names)
