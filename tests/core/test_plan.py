"""A row that fails fails alone, and says where; what is nobody's fault fails the job."""

from dataclasses import replace

import numpy as np
import pytest

from annotators.core.annotations import Annotations, row_offsets
from annotators.core.errors import ModelError, RowError
from annotators.core.plan import Step, run_plan


def words(texts):
    if any(text == "poison" for text in texts):
        raise KeyError("a note's text must not be told")
    found = [word for text in texts for word in text.split()]
    zeros = np.zeros(len(found), np.int32)
    return Annotations(row_offsets([len(text.split()) for text in texts]), zeros, zeros, found)


def same(annotations):
    return annotations


STEPS = [Step("Words", words, ("text",), "word"), Step("Same", same, ("word",), "again")]


def test_the_guilty_row_alone_is_empty_and_names_stage_and_class():
    outcome = run_plan(STEPS, {"text": ["a b", "poison", "c", "", "d"]})

    assert outcome.errors == [None, "Words: KeyError", None, None, None]
    assert outcome.columns["again"].result == ["a", "b", "c", "d"]
    assert np.diff(outcome.columns["again"].offsets).tolist() == [2, 0, 1, 0, 1]


def test_all_rows_may_fail():
    outcome = run_plan(STEPS, {"text": ["poison", "poison"]})

    assert outcome.errors == ["Words: KeyError"] * 2
    assert outcome.columns["again"].rows == 2


def test_no_rows_are_no_rows():
    assert run_plan(STEPS, {"text": []}).errors == []


def test_a_missing_model_is_not_the_rows_fault():
    def unfit(texts):
        raise ModelError("no model")

    with pytest.raises(ModelError):
        run_plan([Step("Bert", unfit, ("text",), "ner")], {"text": ["a"]})


@pytest.mark.parametrize("texts", [["a", "poison", "b"], ["poison"], ["a"] * 9 + ["poison"]])
def test_a_row_that_nothing_keeps_ends_the_run_without_its_text(texts):
    steps = [replace(STEPS[0], isolates=False), STEPS[1]]

    with pytest.raises(RowError, match=r"^Words: KeyError on a row\..*setErrorCol") as raised:
        run_plan(steps, {"text": texts})
    assert "text must not" not in str(raised.value)
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert run_plan(steps, {"text": ["a b"]}).errors == [None]


def test_a_step_that_keeps_rows_goes_before_one_that_does_not():
    """What failed in the first has no annotations for the second to fail on."""
    steps = [STEPS[0], replace(STEPS[1], isolates=False)]

    assert run_plan(steps, {"text": ["poison", "a"]}).errors == ["Words: KeyError", None]
