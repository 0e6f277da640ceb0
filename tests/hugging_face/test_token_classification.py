"""BertForTokenClassification and NerConverter beside transformers.pipeline("token-classification").

Both are given the same words (`is_split_into_words`), so that a place is told by its word's number.
"""

import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")

from annotators.core.chunks import ChunkRules, chunks_of_sentence

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]

TOLERANCE = 1e-4


def pipeline_of(folder):
    import torch
    import transformers

    torch.set_num_threads(1)
    return transformers.pipeline("token-classification", model=str(folder), device="cpu")


@pytest.fixture(scope="module")
def random_pair(exported, hugging_face):
    """Our folder and their pipeline, of the small random model."""
    return exported, pipeline_of(hugging_face[0])


@pytest.fixture(scope="module")
def trained_pair(twins):
    """Our folder and their pipeline, of the shipped model's fp32 twin."""
    ours, theirs = twins
    return ours, pipeline_of(theirs)


@pytest.fixture(params=["random", "trained"])
def pair(request):
    return request.getfixturevalue(f"{request.param}_pair")


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


@pytest.fixture(scope="module")
def sentences(words_of):
    """Sentences of the sample notes whose words our Tokenizer finds again."""
    from annotators.core.tokens import tokenize

    return [
        words
        for words in words_of
        if [word for _, _, word in tokenize(" ".join(words))] == words and len(words) > 1
    ][:400]


def bare(theirs, word):
    """Whether BERT's own tokenizer takes the word as one, and each wordpiece for its characters."""
    tokenizer = theirs.tokenizer._tokenizer
    parts = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(word))
    return len(parts) == 1 and len(parts[0][0]) == len(word)


def pieces(theirs, word):
    return theirs.tokenizer(word, add_special_tokens=False)["input_ids"]


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


# Sentences over several windows.

LONGEST, OVERLAP = 64, 16


@pytest.fixture
def short_windows(pair):
    """Both with windows of LONGEST wordpieces."""
    folder, theirs = pair
    before = theirs.tokenizer.model_max_length
    theirs.tokenizer.model_max_length = LONGEST
    yield folder, theirs
    theirs.tokenizer.model_max_length = before


def long_sentence(theirs, sentences, windows):
    """Words whose wordpieces fill so many windows to the last place, and each word's first piece.

    Their last window begins where its turn is and may be short, ours is moved left to be full: so
    all windows are the same.
    """
    size = LONGEST - 2
    wanted = size + (windows - 1) * (size - OVERLAP)
    every = [w for words in sentences for w in words if bare(theirs, w)]
    for start in range(len(every)):
        firsts, total = [], 0
        for i in range(start, len(every)):
            if total == wanted:
                return every[start:i], firsts
            if total > wanted:
                break
            firsts.append(total)
            total += len(pieces(theirs, every[i]))
    raise AssertionError("no such words")


def at_seams(firsts, windows):
    """The words with a piece that lies in two windows, and their neighbours."""
    step = LONGEST - 2 - OVERLAP
    doubled = {piece for k in range(1, windows) for piece in range(k * step, k * step + OVERLAP)}
    ends = [*firsts[1:], firsts[-1] + 1]
    inside = {i for i, first in enumerate(firsts) if doubled & set(range(first, ends[i]))}
    return {near for i in inside for near in (i - 1, i, i + 1)}


def test_windows_give_what_their_stride_gives(short_windows, sentences):
    """Every group that lies in one window only, and most of those that two windows share."""
    folder, theirs = short_windows
    windows = 24
    words, firsts = long_sentence(theirs, sentences, windows)
    (row,) = annotate(folder, [words], longest=LONGEST, overlap=OVERLAP)
    assert words_in(row) == words
    ours = our_chunks(row)
    groups = their_groups(theirs, words, "first", stride=OVERLAP)
    seams = at_seams(firsts, windows)

    def apart(found):
        return [c for c in found if not seams & set(range(c[0], c[1] + 1))]

    equal = {c[:3] for c in ours} & {g[:3] for g in groups}
    print(
        f"{len(words)} words, {windows} windows: {len(apart(ours))} of {len(ours)} chunks lie in one "
        f"window; {len(equal)} equal of {len(ours)} ours, {len(groups)} theirs"
    )
    assert len(apart(ours)) > 10
    assert_same_groups(apart(ours), apart(groups))


def test_at_a_seam_a_word_has_the_label_of_its_most_central_window(random_pair, sentences):
    """Theirs lets both windows speak: of groups that overlap, the longer one or the surer stays."""
    folder, theirs = random_pair
    theirs.tokenizer.model_max_length = LONGEST
    try:
        words, firsts = long_sentence(theirs, sentences, 24)
        groups = their_groups(theirs, words, "first", stride=OVERLAP)
    finally:
        theirs.tokenizer.model_max_length = 512
    (row,) = annotate(folder, [words], longest=LONGEST, overlap=OVERLAP)
    seams = at_seams(firsts, 24)
    differing = {c[:3] for c in our_chunks(row)} ^ {g[:3] for g in groups}

    assert differing
    assert all(seams & set(range(first, last + 1)) for first, last, _ in differing)


def test_a_long_sentence_is_labelled_to_its_end(trained_pair, sentences):
    """Without `stride`, theirs cuts it at the model's length; both agree well before that."""
    folder, theirs = trained_pair
    words = [word for sentence in sentences for word in sentence if bare(theirs, word)][:1_000]
    (row,) = annotate(folder, [words])
    cut = their_pieces(theirs, words)

    assert len(row["ner"]) == 1_000
    assert len(cut) == 510
    assert cut[-1][0] < 700
    for word, label, _ in {w: (w, *rest) for w, *rest in reversed(cut) if w < 100}.values():
        assert row["ner"][word].result == label


def test_a_window_holds_128_wordpieces_unless_told_otherwise(random_pair, sentences):
    """Spark NLP's default; theirs is the model's own length, 512, which the tests above set."""
    from annotators import BertForTokenClassification

    folder, theirs = random_pair
    words = [word for sentence in sentences for word in sentence if bare(theirs, word)][:150]
    length = sum(len(pieces(theirs, word)) for word in words)
    default = BertForTokenClassification().getMaxSentenceLength()
    same, other = (annotate(folder, [words], longest)[0] for longest in (512, default))

    assert 126 < length <= 510
    assert_same_groups(our_chunks(same), their_groups(theirs, words, "first"))
    assert our_chunks(other) != our_chunks(same)
