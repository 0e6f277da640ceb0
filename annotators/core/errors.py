"""The exceptions of Notemill. None of them ever carries a character of a note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LOST = "annotations whose type is lost"
"""What a column is called that holds annotations and does not say of which type."""

SECOND_WHEEL = ("bert_sequence_classifier_sentiment", "bert_token_classifier_ner_jnlpba")
"""Models that the wheel notemill-models brings (annotators/pretrained/pyproject.toml)."""


class NotemillError(Exception):
    """Base of every error that Notemill raises on purpose. Fails the job: nothing row-wise."""


class InputColumnError(NotemillError, ValueError):
    """An input column is missing, or is not what the stage reads."""

    @classmethod
    def missing(cls, stage: str, column: str, columns: Iterable[str]) -> InputColumnError:
        """The frame has `columns`, and not `column`."""
        return cls(
            f"{stage}: there is no column '{column}'. Columns that exist: "
            f"{', '.join(sorted(columns)) or 'none'}. Set another with setInputCols or setInputCol."
        )

    @classmethod
    def repeated(cls, stage: str, column: str, count: int) -> InputColumnError:
        """Several columns of the frame bear the name that the stage reads."""
        return cls(
            f"{stage}: there are {count} columns '{column}', so it is not clear which is meant. "
            "Rename all but one (after a join, drop the other side's)."
        )

    @classmethod
    def wrong_types(
        cls, stage: str, needed: Iterable[str], found: Sequence[tuple[str, str]]
    ) -> InputColumnError:
        """The stage needs annotator types that the columns `found` (name, type) do not have."""
        listed = ", ".join(f"{column} ({kind})" for column, kind in found)
        lost = next((column for column, kind in found if kind == LOST), None)
        advice = "" if lost is None else f" {give_back(lost)}"
        return cls(
            f"{stage}: wrong or missing inputCols annotators. It needs annotations of type "
            f"{', '.join(needed)}; its input columns are {listed or 'none'}.{advice}"
        )


def give_back(column: str) -> str:
    """What to do about a column of annotations without the metadata that says of which type."""
    return (
        f"Column '{column}' holds annotations without their type, which stands in the column's "
        "metadata and is lost where an expression (filter, transform, union …) makes a new column; "
        f"give it back: frame.withColumn('{column}', F.col('{column}').alias('{column}', "
        "metadata={'annotatorType': 'chunk'})), with the type that it had."
    )


class FrameError(NotemillError, TypeError):
    """A stage was given something that is no Spark frame."""

    @classmethod
    def found(cls, stage: str, kind: str) -> FrameError:
        """`kind` is the class of what was given."""
        return cls(
            f"{stage}: found a {kind}, expected a Spark DataFrame: make one of it with "
            "spark.createDataFrame(...), or pass texts to LightPipeline."
        )


class ParamError(NotemillError, ValueError):
    """A param holds a value that the stage cannot work with."""

    @classmethod
    def unset(cls, stage: str, param: str) -> ParamError:
        """A param without a default is not set."""
        setter = f"set{param[0].upper()}{param[1:]}"
        return cls(f"{stage}: param '{param}' is not set. Set it with {setter}(...).")

    @classmethod
    def unsupported(cls, stage: str, setter: str, reason: str) -> ParamError:
        """A setter of Spark NLP's that can do nothing here."""
        return cls(f"{stage}.{setter} has no effect in Notemill: {reason}")


class SavedFormatError(NotemillError):
    """A saved stage is in a form that this Notemill does not know."""

    @classmethod
    def newer(cls, path: str, found: int, known: int) -> SavedFormatError:
        """The stage at `path` was saved in format `found`; up to `known` is understood."""
        return cls(
            f"the stage at {path} was saved in format {found}, and this Notemill reads up to "
            f"{known}: load it with the Notemill that saved it, or a newer one."
        )


class RowError(NotemillError):
    """A stage failed on a row, and was not told to keep such rows."""

    @classmethod
    def failed(cls, error: str) -> RowError:
        """The stage and the class of the exception, never what it says: that may hold text."""
        return cls(
            f"{error} on a row. Keep such rows without annotations, with the error told in a "
            'column: setErrorCol("error") on each stage.'
        )


class TextError(NotemillError):
    """A text that LightPipeline was given could not be annotated."""

    @classmethod
    def failed(cls, number: int, count: int, error: str) -> TextError:
        """The error of one text, told by its number (from 1) among all that were given."""
        return cls(f"LightPipeline: text {number} of {count} failed ({error}).")


class ModelError(NotemillError):
    """A model cannot be found, read, verified or run."""

    @classmethod
    def unknown_name(cls, name: str, known: Iterable[str]) -> ModelError:
        """No model folder has this name."""
        if name in SECOND_WHEEL:
            return cls(f"model {name} is not installed: pip install notemill-models brings it.")
        return cls(
            f"there is no model named '{name}'. Models that exist: {', '.join(known) or 'none'}. "
            "Put a model folder into the folder that NOTEMILL_MODELS names, "
            "or load one by its path with X.load(folder) or X.loadSavedModel(folder)."
        )

    @classmethod
    def not_here(cls, path: str, machine: str) -> ModelError:
        """The machine of a worker has not the model that the driver has at `path`."""
        return cls(
            f"model {path} of the driver is not on {machine}: put it where every executor has it, "
            "under this path or in the folder that NOTEMILL_MODELS names there, or send it with "
            "--archives (docs/cluster.md)."
        )

    @classmethod
    def changed(cls, path: str, expected: str, found: str) -> ModelError:
        """A model file's SHA-256, in hex, is not the expected one."""
        return cls(
            f"model file {path} has SHA-256 {found[:12]}…, but {expected[:12]}… was expected: "
            "the file is damaged or is not the model that this pipeline was made with."
        )
