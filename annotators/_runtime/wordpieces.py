"""Words to wordpiece ids, with the `tokenizers` library and a memory for words already seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, normalizers
from tokenizers.implementations import BertWordPieceTokenizer  # type: ignore[attr-defined]
from tokenizers.models import WordPiece

from annotators._runtime.model_folder import TOKENIZER, ModelFolder, located, text_lines
from annotators._runtime.onnx_graph import read_graph
from annotators._runtime.weights import check_file
from annotators.core.annotations import row_offsets
from annotators.core.errors import ModelError
from annotators.core.labels import is_uncased

_REMEMBERED_WORDS = 200_000
_PADDED_TO, _PADDING = 8, 128


@dataclass(frozen=True)
class WordpieceEncoder:
    """Encodes words one by one, as BERT does: the pieces of a word do not depend on its neighbours.

    So each distinct word is encoded once a process (clinical notes repeat theirs): `memory`.
    """

    tokenizer: Tokenizer
    cls: int
    sep: int
    pad: int
    unknown: int
    memory: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)

    @cached_property
    def begins_word(self) -> NDArray[np.bool_]:
        """bool[V]: whether a wordpiece begins a word, by its id; [SEP] and the like do not."""
        names = self.tokenizer.get_vocab()
        begins = np.zeros(max(names.values()) + 1, bool)
        begins[[number for name, number in names.items() if not name.startswith("##")]] = True
        begins[[self.cls, self.sep, self.pad]] = False
        return begins

    def encode(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pieces of N words: (ids int64[P], offsets int64[N + 1] into them).

        Every piece of every word is kept. A word without any (a lone control character) is one
        unknown piece, so that it has a label like every other token.
        """
        self._remember(words)
        pieces = [self.memory[word] for word in words]
        offsets = row_offsets([len(ids) for ids in pieces])
        return np.fromiter((i for ids in pieces for i in ids), np.int64, int(offsets[-1])), offsets

    def _remember(self, words: Sequence[str]) -> None:
        if len(self.memory) > _REMEMBERED_WORDS:
            self.memory.clear()
        new = [word for word in set(words) if word not in self.memory]
        alone = [[_encodable(word)] for word in new]
        encoded = self.tokenizer.encode_batch_fast(alone, True, add_special_tokens=False)
        for word, encoding in zip(new, encoded, strict=True):
            self.memory[word] = tuple(encoding.ids) or (self.unknown,)


def _encodable(word: str) -> str:
    """The word with "?" for lone surrogates, which no UTF-8 has (Java writes them so, too)."""
    return word.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=16)
def open_encoder(model: ModelFolder, case_sensitive: bool) -> WordpieceEncoder:
    """The encoder of a model folder: its tokenizer.json, else BERT's over assets/vocab.txt.

    case_sensitive overrules what the folder says about lower-casing, as Spark NLP's param does.
    Raises ModelError where the file is not the one that the driver saw.
    """
    model = located(model)
    if model.pieces_sha256:
        check_file(model.pieces, model.pieces_sha256)
    try:
        tokenizer = _read_tokenizer(model)
    except ModelError:
        raise
    except Exception as failure:  # noqa: BLE001 (what tokenizers raises is an Exception)
        raise ModelError(
            f"cannot read the tokenizer of {model.path}: {type(failure).__name__}."
        ) from None
    _check_size(model, tokenizer)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if model.lowercase is not (not case_sensitive):
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not case_sensitive)
    numbers = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[PAD]", "[UNK]")}
    special = {name: number for name, number in numbers.items() if number is not None}
    missing = [name for name in numbers if name not in special]
    if missing:
        raise ModelError(f"the vocabulary of {model.path} lacks {', '.join(missing)}.")
    return WordpieceEncoder(
        tokenizer, special["[CLS]"], special["[SEP]"], special["[PAD]"], special["[UNK]"]
    )


def lowercases(model: ModelFolder) -> bool | None:
    """Whether words are to be lower-cased: as the folder says, else as its vocabulary tells."""
    if model.lowercase is not None or not model.vocabulary.is_file():
        return model.lowercase
    return is_uncased(text_lines(model.vocabulary))


def _check_size(model: ModelFolder, tokenizer: Tokenizer) -> None:
    """Raise ModelError where the vocabulary is not that of the weights.

    The weights' table may have some rows more: it is often padded to a multiple of 8.
    """
    graph = read_graph(model.weights) if model.weights.is_file() else None
    rows = graph.embedding_rows("input_ids") if graph else None
    pieces = int(tokenizer.get_vocab_size(with_added_tokens=True))
    if rows is None or rows == pieces:
        return
    if not (rows % _PADDED_TO == 0 and 0 < rows - pieces < _PADDING):
        raise ModelError(
            f"the vocabulary of {model.path} has {pieces} wordpieces, and {model.weights_name} was "
            f"made for {rows}: they are of different models. Put the model's own vocabulary there."
        )


def _read_tokenizer(model: ModelFolder) -> Tokenizer:
    place = model.pieces
    if place.name == TOKENIZER:
        tokenizer: Tokenizer = Tokenizer.from_file(str(place))
        kind = type(tokenizer.model).__name__
        if kind != "WordPiece":
            raise ModelError(
                f"{place} parts words by {kind}, expected WordPiece: the model is "
                "not a BERT, and would be fed other pieces than it was trained on."
            )
        return tokenizer
    pieces = WordPiece.read_file(str(place))
    lowercase = bool(model.lowercase)
    plain: Tokenizer = BertWordPieceTokenizer(pieces, lowercase=lowercase)._tokenizer
    return plain
