"""Numbers in Java's form: equal to Java 17's Float.toString, and the same float when read back."""

import json
import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.number_format import java_floats

FLOATS = json.loads(
    (pathlib.Path(__file__).parents[1] / "data" / "spark_nlp" / "finisher.json").read_text("utf-8")
)["floats"]


def test_texts_are_those_of_java():
    values = np.frombuffer(bytes.fromhex("".join(bits for bits, _ in FLOATS)), "<f4")
    assert java_floats(values) == [text for _, text in FLOATS]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0009411165, "9.411165E-4"),
        (0.9999, "0.9999"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.01, "0.01"),
        (1e-4, "1.0E-4"),
        (100.0, "100.0"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-0.25, "-0.25"),
        (-0.0, "-0.0"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (1.17549435e-38, "1.1754944E-38"),
    ],
)
def test_forms(value, text):
    assert java_floats(np.array([value], np.float32)) == [text]


def test_any_shape_is_read_row_by_row():
    assert java_floats(np.array([[1, 2], [3, 4]], np.float32)) == ["1.0", "2.0", "3.0", "4.0"]
    assert java_floats(np.empty((0, 2), np.float32)) == []


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_reading_back_gives_the_same_float(values):
    floats = np.array(values, np.float32)
    with np.errstate(over="ignore"):
        again = np.array([float(text) for text in java_floats(floats)], np.float32)
    assert again.tobytes() == floats.tobytes()
