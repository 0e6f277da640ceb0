"""What the tests of training and export share."""

from __future__ import annotations

import pytest

from tests.jobs.small_bert import save_tokenizer_of, write_bert


@pytest.fixture(scope="session")
def save_tokenizer():
    """A function that writes an uncased wordpiece tokenizer into a Hugging Face folder.

    It returns the number of its pieces, which is the network's `vocab_size`.
    """

    return save_tokenizer_of


@pytest.fixture(scope="session")
def base(tmp_path_factory, save_tokenizer):
    """The Hugging Face folder of a small random BERT."""
    return write_bert(tmp_path_factory.mktemp("base"), save_tokenizer)
