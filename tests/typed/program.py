"""A user's program, checked by mypy strict against the installed wheel; it is never run."""

from __future__ import annotations

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame, SparkSession
from typing_extensions import assert_type

from annotators import (
    Annotation,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    NerConverter,
    SentenceDetector,
    Tokenizer,
    display,
    fuse,
)
from annotators.notebook import View
from pipelines import PIPELINES, NamedPipeline
from pipelines.clinical_ner import clinical_ner


def stages() -> Pipeline:
    document = DocumentAssembler().setInputCol("text").setOutputCol("document")
    sentence = SentenceDetector(inputCols=["document"], outputCol="sentence", breakAtLines=True)
    token = Tokenizer().setInputCols(["sentence"]).setOutputCol("token")
    assert_type(token, Tokenizer)
    ner = BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr", "en")
    assert_type(ner, BertForTokenClassification)
    chunks = NerConverter(inputCols=["sentence", "token", "ner"], outputCol="ner_chunk")
    NerConverter(outputCol=3)  # type: ignore[arg-type]
    SentenceDetector().setBreakAtLines("yes")  # type: ignore[arg-type]
    return Pipeline(stages=[document, sentence, token, ner.setOutputCol("ner"), chunks])


def run(spark: SparkSession, notes: DataFrame) -> str:
    model: PipelineModel = clinical_ner(text="text").fit(notes)
    light = LightPipeline(model)
    assert_type(fuse(model, outputCols=["ner_chunk"]), PipelineModel)
    found = light.fullAnnotate("No fever.")
    assert_type(found[0]["ner_chunk"], list[Annotation])
    assert_type(found[0]["ner_chunk"][0].begin, int)
    view = display(model.transform(notes), note_id="n1")
    assert_type(view, View)
    assert_type(PIPELINES["clinical_ner"], NamedPipeline)
    light.fullAnnotate(3)  # type: ignore[arg-type]
    return str(view)
