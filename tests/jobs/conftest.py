"""What the tests of training and export share."""

from __future__ import annotations

import pytest

from tests.jobs.small_bert import write_bert


@pytest.fixture(scope="session")
def save_tokenizer():
    """A function that writes an uncased wordpiece tokenizer into a Hugging Face folder.

    It returns the number of its pieces, which is the network's `vocab_size`.
    """

    def save(folder, pieces):
        from tokenizers.implementations import BertWordPieceTokenizer
        from transformers import PreTrainedTokenizerFast

        vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
        names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
        PreTrainedTokenizerFast(
            tokenizer_object=BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer, **names
        ).save_pretrained(folder)
        return len(vocabulary)

    return save


@pytest.fixture(scope="session")
def base(tmp_path_factory, save_tokenizer):
    """The Hugging Face folder of a small random BERT."""
    return write_bert(tmp_path_factory.mktemp("base"), save_tokenizer)
