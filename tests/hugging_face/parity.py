"""Pipelines of transformers, and our labels and chunks beside those of token classification.

Both are given the same words (`is_split_into_words`), so that a place is told by its word's number.
"""

import pytest

TOLERANCE = 1e-4


def pipeline_of(task, folder):
    """Their pipeline of a folder, with windows of 512 wordpieces."""
    import torch
    import transformers

    torch.set_num_threads(1)
    made = transformers.pipeline(task, model=str(folder), device="cpu")
    made.tokenizer.model_max_length = 512
    return made


def annotate(folder, sentences, longest=512, overlap=32, type_change_ends_chunk=True):
    """Our rows, a row for each sentence: a list of words."""
    from pyspark.ml import PipelineModel

    from annotators import (
        BertForTokenClassification,
        DocumentAssembler,
        LightPipeline,
        NerConverter,
        Tokenizer,
    )

    labels = BertForTokenClassification.loadSavedModel(str(folder))
    labels.setMaxSentenceLength(longest).setWindowOverlap(overlap)
    stages = [
        DocumentAssembler(inputCol="text", outputCol="sentence"),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
        labels.setInputCols(["sentence", "token"]).setOutputCol("ner"),
        NerConverter(
            inputCols=["sentence", "token", "ner"],
            outputCol="chunk",
            typeChangeEndsChunk=type_change_ends_chunk,
        ),
    ]
    texts = [" ".join(words) for words in sentences]
    return LightPipeline(PipelineModel(stages)).fullAnnotate(texts)


def words_in(row):
    return [token.result for token in row["token"]]


def our_chunks(row):
    """(first word, last word, entity, confidence) of each chunk."""
    first = {token.begin: i for i, token in enumerate(row["token"])}
    last = {token.end: i for i, token in enumerate(row["token"])}
    return [
        (first[c.begin], last[c.end], c.metadata["entity"], float(c.metadata["confidence"]))
        for c in row["chunk"]
    ]


def run(theirs, words, strategy, **options):
    """What their pipeline gives for one sentence."""
    (found,) = theirs([words], is_split_into_words=True, aggregation_strategy=strategy, **options)
    return found


def word_numbers(words):
    """The number of the word that each character of the joined words is of."""
    return [i for i, word in enumerate(words) for _ in range(len(word) + 1)]


def their_groups(theirs, words, strategy, **options):
    """(first word, last word, entity, score) of each group; a group may begin inside a word."""
    groups = run(theirs, words, strategy, **options)
    of_character = word_numbers(words)
    return [
        (of_character[g["start"]], of_character[g["end"] - 1], g["entity_group"], float(g["score"]))
        for g in groups
    ]


def their_pieces(theirs, words):
    """(word, label, score) of each wordpiece, in order."""
    found = run(theirs, words, "none", ignore_labels=[])
    of_character = word_numbers(words)
    return [(of_character[e["start"]], e["entity"], float(e["score"])) for e in found]


def assert_same_groups(ours, theirs):
    assert [c[:3] for c in ours] == [g[:3] for g in theirs]
    for chunk, group in zip(ours, theirs, strict=True):
        assert chunk[3] == pytest.approx(group[3], abs=TOLERANCE)


def bare(theirs, word):
    """Whether BERT's own tokenizer takes the word as one, and each wordpiece for its characters."""
    tokenizer = theirs.tokenizer._tokenizer
    parts = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(word))
    return len(parts) == 1 and len(parts[0][0]) == len(word)


def pieces(theirs, word):
    return theirs.tokenizer(word, add_special_tokens=False)["input_ids"]
