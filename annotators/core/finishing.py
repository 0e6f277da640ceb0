"""What the Finisher makes of annotations: their results and metadata as strings or arrays.

The forms are Spark NLP 5.5.3's. Its order of metadata is that of a Scala 2.12 map: up to four keys
stay in their order, more come in the order of their hashes; users parse the strings, so that order
is kept here. Where Spark NLP stops a job (null annotations, null metadata), null gives null here
and missing metadata counts as empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from annotators.core.errors import ParamError
from annotators.core.java.number_format import java_floats

_WITH_VECTORS = ("word_embeddings", "sentence_embeddings")
# Scala 2.12 keeps the order of keys in maps up to this size.
_ORDERED_KEYS = 4


@dataclass(frozen=True)
class FinishRules:
    """The Finisher's params, with Spark NLP's names and defaults.

    The split symbols and, as a string, include_metadata are for output_as_array=False only; with
    arrays, include_metadata adds a second column. clean_annotations drops every annotation column
    of the input, finished or not.
    """

    output_as_array: bool = True
    include_metadata: bool = False
    clean_annotations: bool = True
    value_split_symbol: str = "#"
    annotation_split_symbol: str = "@"
    parse_embeddings_vectors: bool = False


@dataclass(frozen=True)
class Finishable:
    """What of one annotation can be shown."""

    annotator_type: str
    result: str | None
    metadata: Mapping[str, str | None] | None = field(default_factory=dict)
    embeddings: Sequence[float] | None = ()


def finished_columns(input_cols: Sequence[str], output_cols: Sequence[str] = ()) -> list[str]:
    """The names of the output columns: those given, else `finished_` and the input column's name.

    Raises ParamError where there are not as many output columns as input columns.
    """
    if not output_cols:
        return [f"finished_{column}" for column in input_cols]
    if len(output_cols) != len(input_cols):
        raise ParamError(
            f"Finisher: outputCols must have one name for each of inputCols; found "
            f"{len(output_cols)} names for {len(input_cols)} columns. Leave outputCols unset for "
            "names made from the input columns."
        )
    return list(output_cols)


def metadata_column(output_col: str) -> str:
    """The column with the metadata of `output_col`. All of them come after all output columns."""
    return f"{output_col}_metadata"


def finished_array(
    annotations: Iterable[Finishable] | None, rules: FinishRules = FinishRules()
) -> list[str | None] | None:
    """The results, one string an annotation; embeddings (if asked for) as numbers with blanks."""
    if annotations is None:
        return None
    return [_vector(a, " ") if _shows_vector(a, rules) else a.result for a in annotations]


def finished_metadata(
    annotations: Iterable[Finishable] | None,
) -> list[tuple[str, str | None]] | None:
    """The (key, value) pairs of all annotations, one after the other."""
    if annotations is None:
        return None
    return [pair for a in annotations for pair in _in_scala_order(a.metadata or {})]


def finished_text(
    annotations: Iterable[Finishable] | None, rules: FinishRules = FinishRules()
) -> str | None:
    """All annotations in one string.

    Without metadata their results (a vector's numbers with the value symbol between them), joined
    by the annotation symbol. With metadata `key->value` for each key, `result->...` among them,
    joined by the value symbol; as in Spark NLP ` -> ` inside a key or value is closed up as well.
    Null is written `null`.
    """
    if annotations is None:
        return None
    show = _detail if rules.include_metadata else _plain
    return rules.annotation_split_symbol.join(show(a, rules) for a in annotations)


def _plain(annotation: Finishable, rules: FinishRules) -> str:
    if _shows_vector(annotation, rules):
        return _vector(annotation, rules.value_split_symbol)
    return _shown(annotation.result)


def _detail(annotation: Finishable, rules: FinishRules) -> str:
    # Keys count where they first stood, so a `result` in the metadata keeps its place.
    pairs = dict(annotation.metadata or {})
    pairs["result"] = annotation.result
    if _shows_vector(annotation, rules):
        pairs["embeddings"] = _vector(annotation, rules.value_split_symbol)
    shown = (f"{key} -> {_shown(value)}" for key, value in _in_scala_order(pairs))
    return rules.value_split_symbol.join(shown).replace(" -> ", "->")


def _shows_vector(annotation: Finishable, rules: FinishRules) -> bool:
    return rules.parse_embeddings_vectors and annotation.annotator_type in _WITH_VECTORS


def _vector(annotation: Finishable, separator: str) -> str:
    values = [] if annotation.embeddings is None else annotation.embeddings
    return separator.join(java_floats(np.asarray(values, np.float32)))


def _shown(value: str | None) -> str:
    return "null" if value is None else value


def _in_scala_order(pairs: Mapping[str, str | None]) -> list[tuple[str, str | None]]:
    """The pairs as Scala 2.12's immutable Map gives them."""
    if len(pairs) <= _ORDERED_KEYS:
        return list(pairs.items())
    return sorted(pairs.items(), key=lambda pair: _trie_path(pair[0]))


def _trie_path(key: str) -> list[int]:
    """Where a key stands in Scala 2.12's HashMap: its spread hash, five bits a level from below."""
    mixed = _java_hash(key)
    mixed = (mixed + ~(mixed << 9)) & 0xFFFFFFFF
    mixed ^= mixed >> 14
    mixed = (mixed + (mixed << 4)) & 0xFFFFFFFF
    mixed ^= mixed >> 10
    return [mixed >> shift & 31 for shift in range(0, 32, 5)]


def _java_hash(text: str) -> int:
    """`String.hashCode`, as an unsigned number."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16).tolist()
    value = 0
    for unit in units:
        value = (31 * value + unit) & 0xFFFFFFFF
    return value
