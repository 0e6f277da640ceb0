"""Assertion as stages: over a frame, fused, on the driver, saved; and what is told of bad params."""

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import functions as F

from annotators import (
    AssertionFilterer,
    ContextualAssertion,
    DocumentAssembler,
    LightPipeline,
    NerConverter,
    SentenceDetector,
    Tokenizer,
    fuse,
)
from annotators.core.errors import ParamError
from annotators.schema import column_metadata

TEXT = """PAST MEDICAL HISTORY
Asthma.
HPI:
She denies nausea but has pain. Her mother had asthma.
Return if pain returns. Rule out asthma."""
CHUNKS = [
    ("Asthma", "historical"), ("nausea", "absent"), ("pain", "present"), ("asthma", "someone_else"),
    ("pain", "hypothetical"), ("asthma", "possible"),
]  # fmt: skip


def labels_column(text_type="named_entity"):
    """A `ner` column by Spark SQL, as a model would make it: the words of CHUNKS are entities."""
    label = "IF(lower(t.result) IN ('asthma', 'nausea', 'pain', 'history'), 'B-Problem', 'O')"
    made = F.expr(
        f"transform(token, t -> named_struct('annotatorType', '{text_type}', 'begin', t.begin, "
        f"'end', t.end, 'result', {label}, 'metadata', t.metadata, 'embeddings', t.embeddings))"
    )
    return made.alias("ner", metadata=column_metadata(text_type))


@pytest.fixture(scope="module")
def labelled(spark):
    frame = spark.createDataFrame([(0, TEXT), (1, ""), (2, None), (3, TEXT)], "id int, text string")
    before = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", breakAtLines=True),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
    ]
    return PipelineModel(before).transform(frame.coalesce(1)).select("*", labels_column())


@pytest.fixture(scope="module")
def stages():
    return PipelineModel([
        NerConverter(inputCols=["sentence", "token", "ner"], outputCol="chunk", errorCol="error").addHeadings(),
        ContextualAssertion.pretrained().setInputCols(["sentence", "token", "chunk"]).setOutputCol("assertion").setErrorCol("error"),
        AssertionFilterer(inputCols=["sentence", "chunk", "assertion"], outputCol="kept", blackList=["Absent", "someone_else"]),
    ])  # fmt: skip


def told(frame):
    rows = frame.select("chunk", "assertion", "kept").orderBy("id").collect()
    return [[[a.asDict(recursive=True) for a in column] for column in row] for row in rows]


@pytest.fixture(scope="module")
def expected(stages, labelled):
    return told(stages.transform(labelled))


def test_each_chunk_has_its_status_and_what_decided(expected):
    chunks, assertions, kept = expected[0]
    assert [(c["result"], a["result"]) for c, a in zip(chunks, assertions, strict=True)] == CHUNKS
    for chunk, one in zip(chunks, assertions, strict=True):
        assert (one["begin"], one["end"]) == (chunk["begin"], chunk["end"])
        about = one["metadata"]
        assert (about["chunk"], about["sentence"]) == (
            chunk["metadata"]["chunk"],
            chunk["metadata"]["sentence"],
        )
        if "trigger" in about:
            begin, end = int(about["trigger_begin"]), int(about["trigger_end"])
            assert TEXT[begin : end + 1] == about["trigger"]
    assert assertions[0]["metadata"] == {
        "negation": "affirmed", "certainty": "certain", "temporality": "historical",
        "experiencer": "patient", "trigger": "PAST MEDICAL HISTORY", "trigger_begin": "0",
        "trigger_end": "19", "section": "past_medical_history", "chunk": "0", "sentence": "1",
    }  # fmt: skip
    assert "trigger" not in assertions[2]["metadata"]
    assert [(k["result"], k["metadata"]["assertion"]) for k in kept] == [
        pair for pair in CHUNKS if pair[1] not in ("absent", "someone_else")
    ]
    kept_chunks = [
        c
        for c, (_, status) in zip(chunks, CHUNKS, strict=True)
        if status not in ("absent", "someone_else")
    ]
    for one, chunk in zip(kept, kept_chunks, strict=True):
        assert one["metadata"] == {**chunk["metadata"], "assertion": one["metadata"]["assertion"]}
    assert expected[1:3] == [[[], [], []], [[], [], []]]
    assert expected[3] == expected[0]


def test_fused_partitioned_and_saved_stages_give_the_same(stages, labelled, expected, tmp_path):
    fused = fuse(stages, outputCols=["chunk", "assertion", "kept"])
    fused.save(f"{tmp_path}/fused")
    stages.save(f"{tmp_path}/stages")
    for model in (
        fused,
        PipelineModel.load(f"{tmp_path}/fused"),
        PipelineModel.load(f"{tmp_path}/stages"),
    ):
        assert told(model.transform(labelled.repartition(3, "id"))) == expected


def test_light_pipeline_gives_what_transform_gives(make_stages, frame, notes, assert_same):
    stage = ContextualAssertion.pretrained().setInputCols(["sentence", "token", "chunk"])
    model = PipelineModel([*make_stages()[:5], stage.setOutputCol("assertion")])
    expected = LightPipeline(model).fullAnnotate([*notes, ""])

    found = model.transform(frame).orderBy("id").collect()
    assert sum(len(row["assertion"]) for row in found) > 5
    assert {a["result"] for row in found for a in row["assertion"]} >= {"absent", "present"}
    for row, other in zip(found, expected, strict=True):
        assert_same(row["assertion"], other["assertion"])


def kernel_of(**params):
    return ContextualAssertion(inputCols=["s", "t", "c"], outputCol="out", **params)._kernel()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "there are no rules. Set keywords"),
        ({"prefixRegexPatterns": ["(no"]}, "param 'prefixRegexPatterns': bad pattern: "),
        ({"prefixKeywords": [" "]}, "param 'prefixKeywords': bad pattern: it matches nothing"),
        ({"prefixKeywords": ["no"], "scopeWindow": [1]}, r"param 'scopeWindow' is \[1\]; needed are two"),
        ({"prefixKeywords": ["no"], "assertion": "none"}, "param 'assertion' is 'none', which is no"),
        ({"rules": ["absent\tno"]}, "param 'rules', line 1: 2 columns"),
        ({"prefixKeywords": ["no"], "headings": ["plan"]}, "param 'headings', line 1: 1 columns"),
    ],
)  # fmt: skip
def test_params_that_cannot_be_used_are_told_by_the_driver(spark, params, message):
    with pytest.raises(ParamError, match=rf"^ContextualAssertion: {message}[^\n]*$"):
        kernel_of(**params)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"criteria": "all"}, "param 'criteria' is 'all'"),
        ({"regex": ["("]}, "param 'regex': bad"),
    ],
)
def test_a_filter_that_cannot_be_used_is_told_by_the_driver(spark, params, message):
    with pytest.raises(ParamError, match=rf"^AssertionFilterer: {message}[^\n]*$"):
        AssertionFilterer(**params)._kernel()


def test_rules_and_headings_of_a_file_are_added(spark, tmp_path):
    rules, headings = tmp_path / "rules.tsv", tmp_path / "headings.tsv"
    rules.write_text("# mine\nplanned\tbefore\twill have\n", "utf-8")
    headings.write_text("visit\thistorical\tVorgeschichte\n", "utf-8")
    with pytest.raises(ParamError, match=r"rules\.tsv, line 2: no status 'planned'"):
        ContextualAssertion().addRules(str(rules))
    rules.write_text("# mine\nhypothetical\tbefore\twill have\n", "utf-8")
    stage = ContextualAssertion().addRules(str(rules)).addHeadings(str(headings))
    assert stage.getRules() == ["hypothetical\tbefore\twill have"]
    assert stage.getHeadings() == ["visit\thistorical\tVorgeschichte"]


def test_files_that_cannot_be_read_are_told(spark, tmp_path):
    (tmp_path / "latin.tsv").write_bytes(b"absent\tbefore\tn\xe9\n")
    with pytest.raises(ParamError, match=r"latin\.tsv: byte 15 is not UTF-8"):
        ContextualAssertion().addRules(f"{tmp_path}/latin.tsv")
    with pytest.raises(ParamError, match=r"none\.tsv: No such file"):
        ContextualAssertion().addRules(f"{tmp_path}/none.tsv")
    with pytest.raises(
        ParamError, match="no rules 'other'; there are contextual_assertion_clinical"
    ):
        ContextualAssertion.pretrained("other")
