"""NerConverter and Finisher beside Spark NLP's, over given labels and over real annotations."""

import random

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import functions as F

import annotators
from annotators.schema import column_metadata

TYPES = {"sentence": "document", "token": "token", "ner": "named_entity"}
LABELS = {
    "IOB2": ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"],
    "IOB1": ["O", "I-Disease", "B-Disease", "I-Chemical"],
    "no B-": ["O", "I-Disease", "I-Chemical"],
    "no O": ["B-Disease", "I-Chemical"],
    "underscores": ["O", "B-Disease_Or_Syndrome", "I-Disease_Or_Syndrome"],
}
PARAMS = [
    {},
    {"WhiteList": ["Disease"]},
    {"WhiteList": ["Chemical", "unheard of"]},
    {"NerHasNoSchema": True},
    {"PreservePosition": True},
]


def labelled(labels, confidences, draw):
    """One row: sentences, tokens and labels of random words."""
    sentences, tokens, ner, at = [], [], [], 0
    for number in range(draw.randint(0, 4)):
        begin, text = at, ""
        for _ in range(draw.randint(1, 9)):
            word = draw.choice(["Pt", "has", "HTN", ",", "naïve", "x\u03b3", "a\u00a0b", "."])
            gap = draw.choice([" ", "  ", "\n", ""])
            label, span = draw.choice(labels), (at, at + len(word) - 1)
            scores = {one: str(draw.random()) for one in labels} if confidences else {}
            tokens.append(("token", *span, word, {"sentence": str(number)}, []))
            metadata = {"sentence": str(number), "word": word, **scores}
            ner.append(("named_entity", *span, label, metadata, []))
            text, at = text + word + gap, at + len(word + gap)
        home = ("document", begin, at - 1, text, {"sentence": str(number)}, [])
        sentences, at = [*sentences, home], at + 1
    return sentences, tokens, ner


@pytest.fixture
def given_labels(typed):
    """A function that makes a frame of 60 rows labelled with these labels."""

    def frame_of(labels, confidences=True):
        draw = random.Random(19)
        return typed([labelled(labels, confidences, draw) for _ in range(60)], TYPES)

    return frame_of


@pytest.mark.parametrize("params", PARAMS, ids=str)
@pytest.mark.parametrize("kind", LABELS)
def test_chunks_of_given_labels(both, given_labels, kind, params):
    frame = given_labels(LABELS[kind])
    left, right = ([r["chunk"] for r in s.transform(frame).collect()] for s in both(params))

    assert any(left) or "WhiteList" in params
    assert left == right


def test_chunks_of_labels_without_scores(both, given_labels):
    frame = given_labels(LABELS["IOB2"], confidences=False)
    left, right = ([r["chunk"] for r in s.transform(frame).collect()] for s in both({}))

    assert left == right


@pytest.mark.parametrize(
    ("scores", "ours", "theirs"),
    [
        (["0.5", "abc"], None, None),
        (["0.5", " .25f"], "0.375", "0.375"),
        (["0.5", "NaN"], "0.5", "NaN"),
        (["NaN", "NaN"], None, "NaN"),
        (["0.5", "nan"], "0.5", None),
        (["0.5", "inf"], "Infinity", None),
        (["Infinity", "-Infinity"], None, "NaN"),
    ],
)
def test_scores_of_other_kinds(both, typed, scores, ours, theirs):
    home = {"sentence": "0"}
    spans = [(2 * i, 2 * i) for i in range(len(scores))]
    text = " ".join("w" for _ in scores)
    tokens = [("token", *span, "w", home, []) for span in spans]
    ner = [
        ("named_entity", *span, "I-X", {**home, "I-X": score}, [])
        for span, score in zip(spans, scores, strict=True)
    ]
    frame = typed([([("document", 0, len(text) - 1, text, home, [])], tokens, ner)], TYPES)
    made = [stage.transform(frame).head()["chunk"][0]["metadata"] for stage in both({})]

    assert [metadata.get("confidence") for metadata in made] == [ours, theirs]


def test_words_joined_where_the_position_is_not_preserved(both, given_labels):
    """Spark NLP gives the chunk's first word only; spans and metadata are the same."""
    frame = given_labels(LABELS["IOB2"])
    left, right = (
        [a for r in s.transform(frame).collect() for a in r["chunk"]]
        for s in both({"PreservePosition": False})
    )

    assert [(a.begin, a.end, a.metadata) for a in left] == [
        (a.begin, a.end, a.metadata) for a in right
    ]
    assert all(a.result.split(" ")[0] == b.result for a, b in zip(left, right, strict=True))
    assert any(a.result != b.result for a, b in zip(left, right, strict=True))


FINISHED = [
    {},
    {"IncludeMetadata": True},
    {"OutputAsArray": False},
    {"OutputAsArray": False, "IncludeMetadata": True},
    {"OutputAsArray": False, "ValueSplitSymbol": "=", "AnnotationSplitSymbol": "\n"},
    {"CleanAnnotations": False},
    {"OutputCols": ["a", "b", "c", "d"]},
    {"ParseEmbeddingsVectors": True},
]


@pytest.mark.parametrize("side", ["n", "s"])
@pytest.mark.parametrize("params", FINISHED, ids=str)
def test_finished_columns(both, given_labels, params, side):
    """Over chunks of our NerConverter (n) and of Spark NLP's (s)."""
    from sparknlp.base import Finisher

    frame = given_labels(LABELS["IOB2"]).limit(20)
    chunks = both({})["ns".index(side)].transform(frame)
    made = []
    for stage in (annotators.Finisher(), Finisher()):
        stage.setInputCols(["sentence", "token", "ner", "chunk"])
        for name, value in params.items():
            getattr(stage, f"set{name}")(value)
        made.append(PipelineModel([stage]).transform(chunks))

    assert made[0].columns == made[1].columns
    assert [f.dataType for f in made[0].schema] == [f.dataType for f in made[1].schema]
    assert [tuple(r) for r in made[0].collect()] == [tuple(r) for r in made[1].collect()]


def test_metadata_are_written_in_the_same_order(both, given_labels):
    """Strings that users parse hold the metadata in the map's order."""
    frame = given_labels(LABELS["IOB2"])
    keys = [
        s.transform(frame).selectExpr("explode(chunk) c").selectExpr("map_keys(c.metadata)")
        for s in both({})
    ]

    assert keys[0].distinct().collect() == keys[1].distinct().collect()


def test_an_empty_white_list_is_no_white_list(both, given_labels):
    """Spark NLP drops every chunk."""
    frame = given_labels(LABELS["IOB2"])
    left, right = (
        [r["chunk"] for r in s.transform(frame).collect()] for s in both({"WhiteList": []})
    )

    assert any(left)
    assert not any(right)


def test_a_chunk_has_the_number_of_its_sentence(both, given_labels):
    """Spark NLP counts the sentences of the row: those of explodeSentences are all 0."""
    frame = given_labels(LABELS["no O"])
    one = frame.selectExpr(
        *(f"filter({c}, a -> a.metadata['sentence'] = '1') AS {c}" for c in TYPES)
    ).where("size(token) > 0")
    typed = one.select(
        *(F.col(c).alias(c, metadata=column_metadata(kind)) for c, kind in TYPES.items())
    )
    left, right = (
        {a.metadata["sentence"] for r in s.transform(typed).collect() for a in r["chunk"]}
        for s in both({})
    )

    assert left == {"1"}
    assert right == {"0"}
