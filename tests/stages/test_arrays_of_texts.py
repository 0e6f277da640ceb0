"""Arrays of texts: each text is annotated as if it stood alone, stage by stage and fused."""

import pytest
from pyspark.ml import PipelineModel

from annotators import LightPipeline, fuse

ARRAYS = [
    ["The patient denies pain.", "Takes aspirin. No pain."],
    ["aspirin 81 mg", "the patient takes aspirin 81 mg", "pain"],
    ["", "pain and aspirin", "pain and aspirin"],
    ["  pain", "pain", None, "pain. pain"],
    [],
]


def shown(annotations):
    """What annotations are beside the number of their sentence and chunk, in order."""
    return [
        (a.begin, a.end, a.result, a.metadata.get("entity"), a.metadata.get("word"))
        for a in annotations
    ]


@pytest.mark.parametrize("first", ["document", "sentence"], ids=["documents", "sentences"])
def test_each_text_of_an_array_is_annotated_as_if_alone(spark, make_stages, first):
    stages = make_stages()[:5]
    if first == "document":
        stages = [stages[0], *stages[2:]]
        stages[1].setInputCols("document")
        stages[2].setInputCols("document", "token")
        stages[3].setInputCols("document", "token", "ner")
    model = PipelineModel(stages)
    frame = spark.createDataFrame([*enumerate(ARRAYS)], "id int, text array<string>").coalesce(1)
    light = LightPipeline(model)

    for pipeline in (model, fuse(model)):
        for row in pipeline.transform(frame).collect():
            alone = light.fullAnnotate([text or "" for text in ARRAYS[row["id"]]])
            for column in ("token", "ner", "chunk"):
                wanted = [a for columns in alone for a in columns[column]]
                assert shown(row_annotations(row[column])) == shown(wanted)
    assert any(columns["chunk"] for columns in light.fullAnnotate(ARRAYS[1]))


def row_annotations(rows):
    from annotators import Annotation

    return [Annotation.fromRow(row) for row in rows]
