"""The labels of a model, as its folder lists them: checked before anything goes by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from annotators.core.errors import ModelError

_PLACEHOLDER = re.compile(r"LABEL_\d+")


def checked_labels(labels: Iterable[object], place: str) -> tuple[str, ...]:
    """The labels by id. Raises ModelError where one is not text or is there twice.

    place: the file that lists them.
    """
    listed = tuple(labels)
    for i, label in enumerate(listed):
        if not isinstance(label, str) or not label.strip():
            raise ModelError(f"{place}: label {i} is not text; expected a name for each id.")
        if label in listed[:i]:
            raise ModelError(
                f"{place} lists the label '{label}' twice, as {listed.index(label)} and {i}; "
                "expected another name for each id."
            )
    return tuple(str(label) for label in listed)


def are_placeholders(labels: Sequence[str]) -> bool:
    """Whether these are the names that Hugging Face gives where nobody named the labels."""
    return bool(labels) and all(_PLACEHOLDER.fullmatch(label) for label in labels)


def is_uncased(pieces: Iterable[str]) -> bool:
    """Whether a vocabulary has no capitals, so that words must be lower-cased to be found in it.

    Pieces in brackets ([UNK], [CLS]) are not words.
    """
    words = [piece for piece in pieces if not (piece.startswith("[") and piece.endswith("]"))]
    return any(map(str.islower, words)) and all(word == word.lower() for word in words)
