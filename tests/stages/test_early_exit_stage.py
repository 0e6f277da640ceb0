"""setEarlyExit over frames: off is as before, on depends on no company, and it is told and saved."""

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import functions as F

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    SentenceDetector,
    Tokenizer,
    fuse,
)
from annotators.core.errors import ParamError

pytestmark = pytest.mark.usefixtures("spark")
PLAIN = "bert_token_classifier_ner_jnlpba"


def pipeline(folder, **bert):
    ner = BertForTokenClassification.loadSavedModel(str(folder)).setParams(**bert)
    return PipelineModel(
        [
            DocumentAssembler(inputCol="text", outputCol="document"),
            SentenceDetector(inputCols=["document"], outputCol="sentence", breakAtLines=True),
            Tokenizer(inputCols=["sentence"], outputCol="token"),
            ner.setInputCols("sentence", "token").setOutputCol("ner"),
        ]
    )


@pytest.fixture(scope="module")
def texts(sample_notes):
    lines = [line for note in sample_notes for line in note["text"].split("\n") if line.strip()]
    return ["\n".join(lines[start : start + 4]) for start in range(0, 48, 4)]


@pytest.fixture(scope="module")
def wanted(exit_model, texts):
    """What each text gets by itself, by LightPipeline."""
    light = LightPipeline(pipeline(exit_model))
    return [light.fullAnnotate(text)[0]["ner"] for text in texts]


def test_some_of_it_differs_from_the_whole_models(exit_model, texts, wanted):
    whole = LightPipeline(pipeline(exit_model, earlyExit="off")).fullAnnotate(texts)
    sure = LightPipeline(pipeline(exit_model, earlyExit="all")).fullAnnotate(texts)

    assert [row["ner"] for row in whole] != wanted
    assert [row["ner"] for row in sure] != wanted


def test_off_gives_what_the_packaged_model_gives(exit_model, texts):
    off = LightPipeline(pipeline(exit_model, earlyExit="off")).fullAnnotate(texts)
    packaged = BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr")
    before = pipeline(packaged._model().path, earlyExit="off")

    assert [row["ner"] for row in off] == [
        row["ner"] for row in LightPipeline(before).fullAnnotate(texts)
    ]


@pytest.mark.parametrize(
    ("partitions", "params"), [(1, {}), (3, {"batchWordpieces": 48, "rememberedWindows": 40})]
)
def test_order_partitions_and_batches_change_nothing(
    spark, exit_model, texts, wanted, assert_same, partitions, params
):
    frame = spark.createDataFrame(list(enumerate(texts)), "id int, text string")
    dealt = frame.orderBy(F.rand(5)).repartition(partitions)
    fused = fuse(pipeline(exit_model, **params), outputCols=["ner"])
    rows = fused.transform(dealt).select("id", "ner").collect()

    assert len(rows) == len(texts)
    for row in rows:
        assert_same(row["ner"], wanted[row["id"]])


def test_what_is_used_stands_in_the_columns_metadata(spark, exit_model):
    frame = spark.createDataFrame([("No pain.",)], "text string")

    def recorded(folder, value):
        schema = pipeline(folder, earlyExit=value).transform(frame).schema
        return schema["ner"].metadata.get("earlyExit")

    assert [recorded(exit_model, v) for v in ("auto", "all", "off")] == ["some", "all", "off"]
    plain = BertForTokenClassification.pretrained(PLAIN)._model().path
    assert recorded(plain, "auto") is None


def test_a_fidelity_that_the_folder_does_not_know_is_told(exit_model):
    asked = pipeline(exit_model, earlyExit="0.9")
    with pytest.raises(ParamError, match=r"earlyExit '0.9'.*auto, off, none, all, some.*accelerat"):
        LightPipeline(asked).annotate("No pain.")
    plain = BertForTokenClassification.pretrained(PLAIN)._model().path
    with pytest.raises(ParamError, match=r"must be one of auto, off\."):
        LightPipeline(pipeline(plain, earlyExit="0.998")).annotate("No pain.")


def test_a_stage_that_was_saved_before_there_was_any_gives_what_it_gave(
    exit_model, tmp_path, saved_without
):
    stage = BertForTokenClassification.loadSavedModel(str(exit_model))
    stage.save(str(tmp_path / "new"))
    stage.save(str(tmp_path / "old"))
    saved_without(tmp_path / "old", "earlyExit")

    assert BertForTokenClassification.load(str(tmp_path / "new")).getEarlyExit() == "auto"
    assert BertForTokenClassification.load(str(tmp_path / "old")).getEarlyExit() == "off"


def test_what_was_saved_over_a_folder_without_any_stays_off(tmp_path):
    stage = BertForTokenClassification.pretrained(PLAIN).setBatchWordpieces(99)
    stage.save(str(tmp_path / "stage"))
    loaded = BertForTokenClassification.load(str(tmp_path / "stage"))

    assert (stage.getEarlyExit(), loaded.getEarlyExit()) == ("auto", "off")
    assert loaded.getBatchWordpieces() == 99


def test_with_sigmoid_none_leaves_early(write_exits, tmp_path):
    folder = write_exits("bert_sequence_classifier_sentiment", tmp_path / "model", some=0.9)
    stage = BertForSequenceClassification.loadSavedModel(str(folder))

    assert stage._inference().exits.fidelity == "some"
    assert stage.setMultilabel(True)._inference().exits is None
    with pytest.raises(ParamError, match=r"earlyExit 'some' does not go with sigmoid"):
        stage.setEarlyExit("some")._inference()
