"""BertForSequenceClassification beside transformers.pipeline("text-classification")."""

import pytest

from tests.hugging_face.parity import pipeline_of

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def theirs(hugging_face_sequences):
    return pipeline_of("text-classification", hugging_face_sequences[0])


@pytest.fixture(scope="module")
def texts(words_of):
    return [" ".join(words) for words in words_of if len(words) > 1][:300]


@pytest.fixture(scope="module")
def long_texts(words_of):
    """Texts of some 600 to 2,000 words, over several windows of 512 wordpieces."""
    words = [word for sentence in words_of for word in sentence]
    return [" ".join(words[i : i + size]) for i, size in enumerate((600, 1_000, 2_000))]


def annotate(folder, texts, **params):
    from pyspark.ml import PipelineModel

    from annotators import (
        BertForSequenceClassification,
        DocumentAssembler,
        LightPipeline,
        Tokenizer,
    )

    kind = BertForSequenceClassification.loadSavedModel(str(folder)).setMaxSentenceLength(512)
    stages = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        Tokenizer(inputCols=["document"], outputCol="token"),
        kind.setParams(**params).setInputCols(["document", "token"]).setOutputCol("class"),
    ]
    return [row["class"] for row in LightPipeline(PipelineModel(stages)).fullAnnotate(texts)]


def scores_of(annotation):
    return {k: float(v) for k, v in annotation.metadata.items() if k != "sentence"}


def assert_same_scores(annotation, entries):
    expected = {entry["label"]: entry["score"] for entry in entries}
    assert scores_of(annotation) == pytest.approx(expected, abs=TOLERANCE)


def test_softmax(exported_sequences, theirs, texts):
    made = annotate(exported_sequences, texts)
    found = theirs(texts, top_k=None)
    best = theirs(texts)

    for (ours,), entries, label in zip(made, found, best, strict=True):
        assert_same_scores(ours, entries)
        assert ours.result == label["label"]
    assert {ours.result for (ours,) in made} == {"negative", "neutral", "positive"}


def test_a_trained_model(sequence_twins, texts, long_texts):
    """The shipped sentiment model, as fp32, over one window and, cut as theirs is, over several."""
    folder, torchs = sequence_twins
    theirs = pipeline_of("text-classification", torchs)
    made = annotate(folder, [*texts, *long_texts], longDocStrategy="first")
    found = theirs([*texts, *long_texts], top_k=None, truncation=True)

    for (ours,), entries in zip(made, found, strict=True):
        assert_same_scores(ours, entries)
        assert ours.result == max(entries, key=lambda entry: entry["score"])["label"]
    assert {ours.result for (ours,) in made} == {"negative", "positive"}


def test_sigmoid(exported_sequences, theirs, texts):
    """Their scores of all labels; of ours those over the threshold are annotations."""
    made = annotate(exported_sequences, texts, activation="sigmoid", threshold=0.5)
    found = theirs(texts, top_k=None, function_to_apply="sigmoid")

    for ours, entries in zip(made, found, strict=True):
        assert sorted(a.result for a in ours) == sorted(
            e["label"] for e in entries if e["score"] > 0.5
        )
        for annotation in ours:
            assert_same_scores(annotation, entries)
    assert {len(ours) for ours in made} > {0, 1, 2}


def test_one_label_of_several_is_all_that_theirs_gives(exported_sequences, theirs, texts):
    """Unless top_k asks for more: also with sigmoid, and also one that nothing speaks for."""
    made = annotate(exported_sequences, texts, activation="sigmoid")
    best = theirs(texts, function_to_apply="sigmoid")

    assert all(isinstance(entry["label"], str) for entry in best)
    assert any(entry["score"] < 0.5 for entry in best)
    assert any(len(ours) == 0 for ours in made)
    assert any(len(ours) > 1 for ours in made)


def test_the_first_window_is_what_their_truncation_leaves(exported_sequences, theirs, long_texts):
    made = annotate(exported_sequences, long_texts, longDocStrategy="first")
    found = theirs(long_texts, top_k=None, truncation=True)

    for (ours,), entries in zip(made, found, strict=True):
        assert_same_scores(ours, entries)


@pytest.mark.parametrize("longest", [128, 512])
def test_the_mean_of_all_windows_is_that_of_their_scores(
    exported_sequences, theirs, long_texts, longest
):
    """Our default for long texts: the mean over windows, each scored as theirs scores it alone."""
    import numpy as np

    overlap, size = 32, longest - 2
    (made,) = zip(*annotate(exported_sequences, long_texts, maxSentenceLength=longest), strict=True)
    for ours, text in zip(made, long_texts, strict=True):
        fed = theirs.tokenizer(text, add_special_tokens=False)["input_ids"]
        starts = [*range(0, len(fed) - size, size - overlap), len(fed) - size]
        scores = [window_scores(theirs, fed[start : start + size]) for start in starts]
        mean = dict(zip(theirs.model.config.id2label.values(), np.mean(scores, 0), strict=True))
        assert len(starts) > 1
        assert scores_of(ours) == pytest.approx(mean, abs=TOLERANCE)


def window_scores(theirs, pieces):
    import torch

    tokenizer = theirs.tokenizer
    ids = torch.tensor([[tokenizer.cls_token_id, *pieces, tokenizer.sep_token_id]])
    with torch.no_grad():
        return theirs.model(input_ids=ids).logits[0].softmax(-1).numpy()


def test_a_long_text_is_no_error(exported_sequences, theirs, long_texts):
    """Theirs, unless told to cut it, feeds all of it to a model that has no such places."""
    theirs.tokenizer.model_max_length = 10**6  # no warning of what we want to see
    try:
        with pytest.raises((IndexError, RuntimeError)):
            theirs(long_texts[:1])
    finally:
        theirs.tokenizer.model_max_length = 512

    (ours,) = annotate(exported_sequences, long_texts[:1])
    assert len(ours) == 1


def test_the_model_does_not_choose_the_activation(exported_sequences, theirs, texts):
    """Theirs takes sigmoid where the model's config says multi_label_classification."""
    theirs.model.config.problem_type = "multi_label_classification"
    try:
        found = theirs(texts[:20], top_k=None)
    finally:
        theirs.model.config.problem_type = None
    default = annotate(exported_sequences, texts[:20])
    asked = annotate(exported_sequences, texts[:20], multilabel=True, threshold=0.0)

    for (ours,), several, entries in zip(default, asked, found, strict=True):
        assert sum(scores_of(ours).values()) == pytest.approx(1, abs=TOLERANCE)
        assert sum(e["score"] for e in entries) != pytest.approx(1, abs=TOLERANCE)
        assert_same_scores(several[0], entries)
