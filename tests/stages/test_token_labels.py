"""One label per token, whatever the note; two models and two cases do not mix."""

import pytest
from pyspark.ml import PipelineModel

from annotators import BertForTokenClassification, DocumentAssembler, LightPipeline, Tokenizer


def stage_over(folder, **params):
    stage = BertForTokenClassification.loadSavedModel(str(folder)).setOutputCol("out")
    return stage.setInputCols("document", "token").setParams(**params)


def annotate(text, *stages):
    """The annotations of the text, tokenised as one document, by these stages."""
    tokens = Tokenizer(inputCols=["document"], outputCol="token")
    model = PipelineModel([DocumentAssembler(inputCol="text"), tokens, *stages])
    return LightPipeline(model).fullAnnotate(text)[0]


TEXT = "the patient takes 81mg aspirin and denies pain"
LONG_NOTES = {
    "20,000 tokens and no full stop": ("pain " * 20_000, 20_000),
    "a word of 5,000 characters": ("the " + "x" * 5_000 + " pain", 3),
    "a megabyte": (f"pain{' ' * 96}" * 10_500, 10_500),
    "control characters": ("\x01 \x02\x03 pain \x7f \u200b \ufeff", 6),
}


@pytest.mark.parametrize("name", LONG_NOTES)
def test_each_token_has_exactly_one_label(token_model, name):
    text, count = LONG_NOTES[name]
    found = annotate(text, stage_over(token_model))

    assert [(a.begin, a.end) for a in found["out"]] == [(a.begin, a.end) for a in found["token"]]
    assert len(found["out"]) == count


def test_two_models_in_one_pipeline_do_not_mix(token_model, other_token_model):
    one = stage_over(token_model)
    other = stage_over(other_token_model).setOutputCol("other")
    both = annotate(TEXT, one, other)

    assert both["out"] == annotate(TEXT, one)["out"]
    assert both["other"] == annotate(TEXT, stage_over(other_token_model))["out"] != both["out"]


def test_words_keep_their_case_only_where_that_is_asked_for(token_model):
    def labels(text, case):
        found = annotate(text, stage_over(token_model, caseSensitive=case))["out"]
        return [a.metadata["O"] for a in found]

    assert labels("PAIN Pain", False) == labels("pain pain", True)
    assert labels("PAIN Pain", True) != labels("pain pain", True)
