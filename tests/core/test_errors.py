"""Errors say what was found, what was expected and what to do, and are caught by one base."""

import pytest

from annotators.core.errors import InputColumnError, ModelError, NotemillError, ParamError

ERRORS = [
    (
        InputColumnError.missing("Tokenizer", "sentence", ["text", "id"]),
        ["Tokenizer", "'sentence'", "id, text", "setInputCols"],
    ),
    (InputColumnError.missing("Tokenizer", "sentence", []), ["Columns that exist: none"]),
    (
        InputColumnError.wrong_types("NerConverter", ["document", "token"], [("a", "chunk")]),
        ["NerConverter", "document, token", "a (chunk)"],
    ),
    (ParamError.unset("DocumentAssembler", "inputCol"), ["'inputCol'", "setInputCol(...)"]),
    (ParamError.unsupported("Bert", "setX", "of this."), ["Bert.setX", "of this."]),
    (ModelError.unknown_name("ner", ["a", "b"]), ["'ner'", "a, b", "NOTEMILL_MODELS", "load"]),
    (ModelError.unknown_name("ner", []), ["Models that exist: none"]),
    (
        ModelError.changed("m/model.onnx", "e" * 64, "f" * 64),
        ["m/model.onnx", f"has SHA-256 {'f' * 12}…", f"{'e' * 12}… was expected"],
    ),
]


@pytest.mark.parametrize(("error", "told"), ERRORS, ids=lambda value: type(value).__name__)
def test_an_error_tells_what_is_needed(error, told):
    assert isinstance(error, NotemillError)
    assert [part for part in told if part not in str(error)] == []


@pytest.mark.parametrize("error", [InputColumnError, ParamError])
def test_wrong_use_is_a_value_error(error):
    assert issubclass(error, ValueError)


def test_a_failed_text_is_named_by_its_number_and_nothing_else():
    from annotators.core.errors import TextError

    message = str(TextError.failed(2, 5, "Tokenizer: ValueError"))

    assert message == "LightPipeline: text 2 of 5 failed (Tokenizer: ValueError)."
