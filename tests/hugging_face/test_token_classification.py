"""BertForTokenClassification and NerConverter beside transformers.pipeline("token-classification")."""

import pytest

from annotators.core.chunks.rules import ChunkRules, chunks_of_sentence
from tests.hugging_face.parity import (
    TOLERANCE,
    annotate,
    assert_same_groups,
    bare,
    our_chunks,
    pieces,
    run,
    their_groups,
    their_pieces,
    words_in,
)


def test_none_gives_the_labels_of_first_wordpieces(pair, sentences):
    """Every word, of however many wordpieces and parts: our label is that of its first wordpiece."""
    folder, theirs = pair
    compared, seen = 0, set()
    for row in annotate(folder, sentences):
        words = words_in(row)
        firsts = {}
        for word, label, score in their_pieces(theirs, words):
            firsts.setdefault(word, (label, score))
        assert sorted(firsts) == list(range(len(words)))
        for word, ours in enumerate(row["ner"]):
            label, score = firsts[word]
            assert ours.result == label
            assert float(ours.metadata[label]) == pytest.approx(score, abs=TOLERANCE)
            compared, seen = compared + 1, seen | {label}

    print(f"{compared} labels equal")
    assert compared > 3_000
    assert len(seen) > 3


def compare(pair, sentences, strategy):
    """The number of groups of `strategy` that are our chunks, over these sentences."""
    folder, theirs = pair
    count = 0
    for row in annotate(folder, sentences):
        chunks = our_chunks(row)
        assert_same_groups(chunks, their_groups(theirs, words_in(row), strategy))
        count += len(chunks)
    print(f"{count} groups of {len(sentences)} sentences equal")
    return count


def test_first_gives_our_chunks_where_a_type_change_ends_them(pair, sentences):
    plain = [words for words in sentences if all(bare(pair[1], word) for word in words)]
    assert len(plain) > 150
    assert any(len(pieces(pair[1], word)) > 1 for words in plain for word in words)

    assert compare(pair, plain, "first") > 50


def whole_words(theirs, sentences):
    """Words of one wordpiece each, twelve a sentence."""
    every = [w for words in sentences for w in words if bare(theirs, w)]
    whole = [word for word in every if len(pieces(theirs, word)) == 1]
    return [whole[i : i + 12] for i in range(0, len(whole), 12)][:100]


def test_simple_gives_them_where_each_word_is_one_wordpiece(pair, sentences):
    assert compare(pair, whole_words(pair[1], sentences), "simple") > 20


def test_simple_parts_words_and_we_do_not(random_pair, sentences):
    """A group of `simple` may begin and end inside a word; a chunk is of whole words."""
    folder, theirs = random_pair
    plain = [words for words in sentences if all(bare(theirs, word) for word in words)]
    words = next(w for w in plain if max(len(pieces(theirs, word)) for word in w) > 3)
    (row,) = annotate(folder, [words])
    groups = run(theirs, words, "simple")
    text = " ".join(words)
    inside = [g for g in groups if g["start"] and text[g["start"] - 1] != " "]

    assert inside
    assert all(text[c.begin - 1] == " " for c in row["chunk"] if c.begin)


@pytest.mark.parametrize("strategy", ["average", "max"])
def test_average_and_max_cannot_be_expressed(random_pair, sentences, strategy):
    """They read all wordpieces of a word; our labels, as Spark NLP's, are those of its first."""
    folder, theirs = random_pair
    plain = [words for words in sentences if all(bare(theirs, word) for word in words)][:60]
    rows = annotate(folder, plain)
    differing = [
        row
        for row in rows
        if [c[:3] for c in our_chunks(row)]
        != [g[:3] for g in their_groups(theirs, words_in(row), strategy)]
    ]

    assert differing
    assert compare(random_pair, plain, "first") > 50


def test_average_and_max_agree_where_a_word_is_one_wordpiece(pair, sentences):
    whole = whole_words(pair[1], sentences)

    assert compare(pair, whole, "average") == compare(pair, whole, "max") > 20


def test_a_type_change_ends_a_chunk_only_where_asked(random_pair, sentences):
    folder, theirs = random_pair
    plain = [words for words in sentences if all(bare(theirs, word) for word in words)][:60]
    counts = [
        sum(len(row["chunk"]) for row in annotate(folder, plain, type_change_ends_chunk=ends))
        for ends in (False, True)
    ]
    theirs_count = sum(len(their_groups(theirs, words, "first")) for words in plain)

    assert counts[0] < counts[1] == theirs_count


def test_a_word_of_several_parts_has_one_label(random_pair):
    """`first` takes `b`, `.`, `i` … of `b.i.d` for words; to us it is the one word it was given as."""
    folder, theirs = random_pair
    words = ["aspirin", "b.i.d", "follow-up", "5mg/kg"]
    (row,) = annotate(folder, [words])
    groups = run(theirs, words, "first", ignore_labels=[])
    text = " ".join(words)

    assert words_in(row) == words
    assert len(row["ner"]) == 4
    assert any(g["start"] > 0 and text[g["start"] - 1] != " " for g in groups)


def test_a_word_with_a_combining_accent_is_a_word(trained_pair):
    """`first` joins it to the word before: it takes each piece shorter than its text for a part."""
    folder, theirs = trained_pair
    words = ["pain", "e\u0301pine\u0301phrine"]
    (row,) = annotate(folder, [words])
    gathered = theirs.aggregate_words(
        theirs.gather_pre_entities(*pre_entities(theirs, words)), _first()
    )

    assert [label.metadata["word"] for label in row["ner"]] == words
    assert [(e["start"], e["end"]) for e in gathered] == [(0, len(" ".join(words)))]


def _first():
    from transformers.pipelines.token_classification import AggregationStrategy

    return AggregationStrategy.FIRST


def pre_entities(theirs, words):
    """What their pipeline gathers its entities from, for one window."""
    (fed,) = theirs.preprocess(words, is_split_into_words=True, delimiter=" ")
    made = theirs.forward(fed)
    scores = made["logits"][0].softmax(-1).numpy()
    return (
        " ".join(words), made["input_ids"][0], scores, made["offset_mapping"][0],
        made["special_tokens_mask"][0].numpy(), _first(), made["word_ids"],
        made["word_to_chars_map"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "theirs_are", "ours_are"),
    [
        (["cell-line", "O", "cell-line"], ["line", "line"], ["cell-line", "cell-line"]),
        (["S-Disease", "B-Gene", "E-Gene"], ["Disease", "Gene", "Gene"], ["Disease", "Gene"]),
        (["B-Gene", "I-Gene", "E-Gene"], ["Gene", "Gene"], ["Gene"]),
        (["b-Gene", "i-Gene"], ["Gene", "Gene"], ["Gene"]),
    ],
)
def test_labels_of_other_forms(random_pair, labels, theirs_are, ours_are):
    """Theirs knows `B-` and `I-`, and cuts a group's name at its first hyphen."""
    theirs = random_pair[1]
    entities = [
        {"entity": label, "score": 1.0, "word": "x", "start": i, "end": i + 1}
        for i, label in enumerate(labels)
    ]
    groups = [g for g in theirs.group_entities(entities) if g["entity_group"] != "O"]
    scheme = "IOBES" if "E-Gene" in labels else None
    chunks = chunks_of_sentence(
        labels, range(len(labels)), range(1, len(labels) + 1), [1.0] * len(labels), 0,
        "x" * len(labels), ChunkRules(type_change_ends_chunk=True, scheme=scheme),
    )  # fmt: skip

    assert [g["entity_group"] for g in groups] == theirs_are
    assert [c.entity for c in chunks] == ours_are


def test_a_chunk_has_the_words_of_the_text(trained_pair):
    """Theirs gives the wordpieces put together again; its `start` and `end` are ours plus one."""
    folder, theirs = trained_pair
    words = ["Metformin", "for", "Diabetes", "Mellitus", "."]
    (row,) = annotate(folder, [words])
    groups = run(theirs, words, "first")

    assert [c.result for c in row["chunk"]] == ["Metformin", "Diabetes Mellitus"]
    assert [g["word"] for g in groups] == ["metformin", "diabetes mellitus"]
    assert [(c.begin, c.end + 1) for c in row["chunk"]] == [(g["start"], g["end"]) for g in groups]
