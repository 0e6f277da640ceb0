"""The table of differences from Spark NLP and Hugging Face: every row names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from annotators._runtime.model_folder import find_model
from annotators._runtime.wordpieces import open_encoder
from annotators.core.annotations import Annotations, row_offsets
from annotators.core.chunks.kernel import ConvertChunks
from annotators.core.chunks.rules import ChunkRules, chunks_of_sentence
from annotators.core.documents import AssembleDocuments

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "annotators" / "DIFFERENCES.md"
COLUMNS = 4


def rows():
    lines = TABLE.read_text("utf-8").splitlines()
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells if row[1].strip() != "Notemill"]


def functions(path):
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_are_rows():
    assert len(rows()) > 30


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[1][:40])
def test_every_row_is_whole_and_names_tests_that_exist(row):
    assert len(row) == COLUMNS
    assert all(row)
    named = re.findall(r"`(\w[\w/]*\.py)::(test_\w+)`", row[3])
    assert named
    for file, test in named:
        assert test in functions(ROOT / "tests" / file), f"{file} has no {test}"


def spans(words, sentence=0, labels=None):
    """One row of annotations that stand one after the other, a blank between them."""
    ends = np.cumsum([len(word) + 1 for word in words]).astype(np.int32) - np.int32(1)
    begins = ends - np.array([len(word) for word in words], np.int32)
    numbers = np.full(len(words), sentence, np.int32)
    return Annotations(
        row_offsets([len(words)]), begins, ends, labels or list(words), {"sentence": numbers}
    )


def test_a_chunk_has_the_number_of_its_sentence():
    """Spark NLP counts the sentences that are there: 0 in a row of explodeSentences."""
    words = ["type", "2", "diabetes"]
    labels = spans(words, 7, ["O", "O", "B-X"])
    made = ConvertChunks()(spans([" ".join(words)], 7), spans(words, 7), labels)

    assert made.result == ["diabetes"]
    assert np.asarray(made.fields["sentence"]).tolist() == [7]


def test_an_empty_white_list_keeps_all():
    found = chunks_of_sentence(["B-X"], [0], [2], [0.5], 0, "HTN", ChunkRules(white_list=()))

    assert [chunk.entity for chunk in found] == ["X"]


def test_a_null_in_an_array_of_texts_is_an_empty_document():
    made = AssembleDocuments()([["One.", None], None])

    assert made.result == ["One.", "", ""]
    assert made.offsets.tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("patient\u2019s", ["patient", "[UNK]", "s"]),
        ("pain\u00a0the", ["pain", "the"]),
        ("the-pain", ["the", "-", "pain"]),
        ("\x1f", ["[UNK]"]),
    ],
)
def test_words_are_taken_apart_as_bert_does(token_model, word, pieces):
    """Spark NLP keeps words with U+2019 or NBSP whole, and feeds the first part of others only."""
    encoder = open_encoder(find_model(str(token_model)), False)
    ids, _ = encoder.encode([word])

    assert [encoder.tokenizer.id_to_token(i) for i in ids.tolist()] == pieces
