"""setDecoding over frames: what the folder says, what is asked for, what is told and saved."""

import json
import shutil

import pytest
from pyspark.ml import PipelineModel

from annotators import (
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    NerConverter,
    Tokenizer,
    fuse,
)
from annotators._runtime.model_folder import MANIFEST, PACKAGED, read_model
from annotators.core.chunks.rules import label_scheme
from annotators.core.errors import ModelError, ParamError

pytestmark = pytest.mark.usefixtures("spark")
WORDS = "the patient denies pain and takes aspirin mg the pain and aspirin"


def stage_over(folder, **params):
    stage = BertForTokenClassification.loadSavedModel(str(folder)).setParams(**params)
    return stage.setInputCols("document", "token").setOutputCol("ner")


def pipeline(folder, **params):
    return PipelineModel(
        [
            DocumentAssembler(inputCol="text", outputCol="document"),
            Tokenizer(inputCols=["document"], outputCol="token"),
            stage_over(folder, **params),
            NerConverter(inputCols=["document", "token", "ner"], outputCol="chunk"),
        ]
    )


def labels(folder, **params):
    found = LightPipeline(pipeline(folder, **params)).fullAnnotate(WORDS)[0]["ner"]
    return [annotation.result for annotation in found]


def orphans(found):
    pairs = zip(["O", *found[:-1]], found, strict=True)
    return [b for a, b in pairs if b.startswith("I-") and a[2:] != b[2:]]


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKAGED / "bert_token_classifier_ner_jnlpba", tmp_path / "model")


def told(folder, **entries):
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**manifest, **entries}), "utf-8")


def test_a_folder_that_says_nothing_has_each_tokens_best(token_model):
    plain = labels(token_model)

    assert orphans(plain)
    assert labels(token_model, decoding="argmax") == plain
    assert not orphans(labels(token_model, decoding="viterbi"))


def test_the_folder_decides_unless_the_stage_does(folder):
    told(folder, decoding="argmax")
    assert read_model(folder, "m").decoding == "argmax"
    told(folder, decoding="viterbi")

    assert stage_over(folder)._kernel().inference.model.decoding == "viterbi"
    asked = stage_over(folder).setDecoding("argmax")
    assert asked._kernel().inference.model.decoding == "argmax"


def test_fused_or_not_labels_and_confidences_are_the_same(spark, token_model):
    frame = spark.createDataFrame([(WORDS,)], "text string")
    model = pipeline(token_model, decoding="viterbi")
    alone = model.transform(frame).select("ner", "chunk").collect()
    fused = fuse(model, outputCols=["ner", "chunk"]).transform(frame)

    assert fused.select("ner", "chunk").collect() == alone
    light = LightPipeline(model).fullAnnotate(WORDS)[0]["chunk"]
    assert [c.metadata["confidence"] for c in light] == [
        c["metadata"]["confidence"] for c in alone[0]["chunk"]
    ]


def test_what_is_used_stands_in_the_columns_metadata(spark, token_model):
    frame = spark.createDataFrame([(WORDS,)], "text string")

    def recorded(value):
        schema = pipeline(token_model, decoding=value).transform(frame).schema
        return schema["ner"].metadata.get("decoding")

    assert [recorded(v) for v in ("auto", "argmax", "viterbi")] == [None, None, "viterbi"]


def test_a_stage_that_was_saved_before_there_was_any_gives_what_it_gave(
    folder, tmp_path, saved_without
):
    told(folder, decoding="viterbi")
    stage = stage_over(folder)
    stage.save(str(tmp_path / "new"))
    stage.save(str(tmp_path / "old"))
    saved_without(tmp_path / "old", "decoding")

    assert BertForTokenClassification.load(str(tmp_path / "new")).getDecoding() == "auto"
    assert BertForTokenClassification.load(str(tmp_path / "old")).getDecoding() == "argmax"


@pytest.mark.parametrize("value", ["greedy", None, 1, ""])
def test_a_manifest_with_another_is_refused(folder, value):
    told(folder, decoding=value)

    with pytest.raises(ModelError, match=r"manifest\.json has decoding .* argmax, viterbi"):
        read_model(folder, "m")


def test_labels_that_are_not_in_iob2_have_no_such_sequence(folder):
    entire = [label.replace("B-", "I-x") for label in read_model(folder, "m").labels]
    told(folder, labels=entire, decoding="argmax")
    assert label_scheme(entire) == "IO"

    with pytest.raises(ParamError, match=r"decoding viterbi is for labels in IOB2"):
        stage_over(folder).setDecoding("viterbi")._kernel()
    told(folder, decoding="viterbi")
    with pytest.raises(ModelError, match=r"decoding viterbi, which is for labels in IOB2"):
        read_model(folder, "m")


def test_another_word_for_it_is_refused(token_model):
    with pytest.raises(ParamError, match=r"decoding 'beam' is unknown.*auto, argmax, viterbi"):
        labels(token_model, decoding="beam")
