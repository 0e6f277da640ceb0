"""Numbers in Java's form: equal to Java 17's Float.toString, and the same float when read back."""

import json
import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.java.number_format import java_floats, number_read

FLOATS = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "spark_nlp" / "finisher.json").read_text("utf-8")
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("00.5", 0.5), ("+.5e+3f", 500.0)),
        *((" 0.2 ", 0.2), ("\x010.5\x00\t", 0.5), ("0.3f", 0.3), ("0.3D", 0.3), ("-3", -3.0)),
        *(("0x1p-2", 0.25), ("0X1.8P1", 3.0), ("-0x.8p0f", -0.5), ("0x1.p1", 2.0)),
        *(("1e400", float("inf")), ("-0x1p9999", float("-inf")), ("0x1p9999", float("inf"))),
        *(("1e-400", 0.0), ("Infinity", float("inf")), ("-inf", float("-inf"))),
    ],
)
def test_texts_are_read_as_java_reads_them(text, number):
    assert number_read(text) == number


@pytest.mark.parametrize("text", ["NaN", "nan", "-NaN"])
def test_not_a_number_is_read_as_it_is(text):
    assert np.isnan(number_read(text))


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "",
        ".",
        "1e",
        "1_0",
        "0x1",
        "0xp1",
        "1 2",
        "1,5",
        "0.5ff",
        "1e5L",
        "\u00a00.5",
        "\u0663",
    ],
)
def test_what_is_no_number_to_java_is_none(text):
    assert number_read(text) is None
