"""Finished annotations: equal to what Spark NLP 5.5.3's Finisher gave."""

import json
import pathlib

import pytest

from annotators.core.errors import ParamError
from annotators.core.finishing import (
    Finishable,
    FinishRules,
    finished_array,
    finished_columns,
    finished_metadata,
    finished_text,
    metadata_column,
)

GOLDEN = json.loads(
    (pathlib.Path(__file__).parents[1] / "data" / "spark_nlp" / "finisher.json").read_text("utf-8")
)
NAMES = {
    "outputAsArray": "output_as_array",
    "includeMetadata": "include_metadata",
    "cleanAnnotations": "clean_annotations",
    "valueSplitSymbol": "value_split_symbol",
    "annotationSplitSymbol": "annotation_split_symbol",
    "parseEmbeddingsVectors": "parse_embeddings_vectors",
}


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: json.dumps(case["params"]))
def test_values_are_those_of_spark_nlp(case):
    params = dict(case["params"])
    inputs, outputs = params.pop("inputCols"), params.pop("outputCols", ())
    rules = FinishRules(**{NAMES[key]: value for key, value in params.items()})
    for row, expected in zip(GOLDEN["rows"], case["rows"], strict=True):
        found = {}
        for column, output in zip(inputs, finished_columns(inputs, outputs), strict=True):
            annotations = [Finishable(*a) for a in row[GOLDEN["columns"].index(column)]]
            finish = finished_array if rules.output_as_array else finished_text
            found[output] = finish(annotations, rules)
            if rules.include_metadata and rules.output_as_array:
                pairs = finished_metadata(annotations)
                found[metadata_column(output)] = [list(pair) for pair in pairs]
        assert {name: expected[name] for name in found} == found


def test_output_columns():
    assert finished_columns(["token", "ner"]) == ["finished_token", "finished_ner"]
    assert finished_columns(["token"], ["t"]) == ["t"]
    with pytest.raises(ParamError, match="1 names for 2 columns"):
        finished_columns(["token", "ner"], ["t"])


def test_nulls_do_not_raise():
    assert finished_array(None) is None
    assert finished_text(None) is None
    assert finished_metadata(None) is None
    nothing = [Finishable("token", None, None, None)]
    assert finished_array(nothing) == [None]
    assert finished_metadata(nothing) == []
    rules = FinishRules(output_as_array=False, include_metadata=True)
    assert finished_text(nothing, rules) == "result->null"


def test_metadata_keys_outside_ascii_have_a_place():
    pairs = dict.fromkeys(("\U0001f600", "\u00e9", "a", "b", "c"), "1")
    found = finished_metadata([Finishable("token", "x", pairs)])
    assert sorted(found) == sorted(pairs.items())
