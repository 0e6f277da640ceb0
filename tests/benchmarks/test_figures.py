"""What the benchmark computes and makes by itself: the archive, the twin, the figures."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from annotators._runtime.model_folder import find_model
from benchmarks.dequantise import dequantise
from benchmarks.plan import ALONE
from benchmarks.prepare import MODEL
from benchmarks.processes import last_cause
from benchmarks.reporting.figures import each_alone, entity_f1, goals, line, ratio
from benchmarks.reporting.groups import several_part
from benchmarks.workload import COPIED, UNITS_A_NOTE, VISITS, copied_forward, dealt, scrambled

TEXTS = ["".join(f"Finding {note}-{line} is noted.\n" for line in range(50)) for note in range(24)]


def test_half_of_the_archive_is_copied_and_nothing_new_comes_twice():
    archive = copied_forward(TEXTS)
    lines = [line for note in archive for line in note.split("\n")]

    assert len(archive) > 2 * VISITS
    assert all(len(note.split("\n")) == UNITS_A_NOTE for note in archive)
    copied = 1 - len(set(lines)) / len(lines)
    assert copied == pytest.approx(COPIED * (VISITS - 1) / VISITS, abs=0.03)
    for number, (before, note) in enumerate(pairwise(archive), 1):
        shared = set(before.split("\n")) & set(note.split("\n"))
        assert len(shared) == (int(COPIED * UNITS_A_NOTE) if number % VISITS else 0)


def test_scrambled_texts_are_the_same_words_in_other_sentences():
    made = scrambled(TEXTS)

    assert [sorted(text.split()) for text in made] == [sorted(text.split()) for text in TEXTS]
    first, second = (set("\n".join(texts).split("\n")) for texts in (made, TEXTS))
    assert len(first & second) < 0.1 * len(second)


def test_dealt_texts_are_all_there_and_even():
    texts = ["x" * size for size in range(100)]
    stretches = dealt(texts, 4)

    assert [numbered for stretch in stretches for numbered in stretch] == list(enumerate(texts))
    shares = [sum(len(text) for _, text in stretch) for stretch in stretches]
    assert max(shares) - min(shares) <= 100


def test_a_straight_line_is_found_and_a_bent_one_shows():
    straight = line([(n, 2 + 0.5 * n) for n in (1, 2, 4, 8)])
    bent = line([(n, n * n) for n in (1, 2, 4, 8)])

    assert straight["seconds_a_note"] == pytest.approx(0.5)
    assert straight["seconds_at_none"] == pytest.approx(2)
    assert straight["residuals"] == [0, 0, 0, 0]
    assert bent["r_squared"] < 0.99


def test_rates_not_seconds_are_compared():
    timings = {
        "ceiling_int8": {"notes": 100, "seconds": 10},
        "notemill_int8_fused_new": {"notes": 50, "seconds": 10},
    }

    assert ratio(timings, "notemill_int8_fused_new", "ceiling_int8") == 0.5
    assert ratio(timings, "spark_nlp_tuned", "ceiling_int8") is None
    assert [(g["goal"], g["met"]) for g in goals(timings)] == [
        ("share of the ceiling, int8", False)
    ]


def alone(*seconds):
    peak = {"jvm": 1, "worker": 1}
    row = {"notes": 10, "group": "several", "title": "one", "peak_mb": peak, "cpu_seconds": 9}
    return {f"{ALONE}{i}": {**row, "seconds": s} for i, s in enumerate(seconds)}


def test_models_that_ran_alone_add_up_where_all_are_there():
    (summed,) = each_alone(alone(1, 2, 3)).values()
    ours = {"several_notemill_exit": {**alone(1)[f"{ALONE}0"], "notes": 30, "seconds": 3}}

    assert (summed["notes"], summed["seconds"]) == (10, 6)
    assert each_alone(alone(1, 2)) == {}
    assert [(g["measured"], g["met"]) for g in goals({**alone(1, 2, 3), **ours})] == [(6, True)]


def test_what_did_not_run_is_told_with_its_cause():
    said = "Traceback:\n  in load\npy4j.Py4JJavaError: calling\n: java.lang.IllegalStateException: stopped\n\tat x.Y\n1"
    failed = {"several_spark_nlp_together": {"title": "all", "said": last_cause(said)}}

    assert last_cause(said) == "java.lang.IllegalStateException: stopped"
    assert "Did not run: all (`java.lang.IllegalStateException: stopped`)." in several_part(
        alone(1), failed
    )


def test_entities_agree_by_note_span_and_label():
    wanted = [[0, 1, 4, "Disease"], [1, 1, 4, "Disease"]]
    found = [[0, 1, 4, "Disease"], [1, 1, 4, "Chemical"]]

    assert entity_f1(found, wanted) == 0.5
    assert entity_f1([], wanted) is None


def test_the_twin_has_the_int8_weights_and_nothing_of_int8(tmp_path):
    int8 = find_model(MODEL).weights
    dequantise(int8, tmp_path / "fp32.onnx")
    graph = onnx.load(tmp_path / "fp32.onnx").graph
    small = {t.name: numpy_helper.to_array(t) for t in onnx.load(int8).graph.initializer}
    large = {t.name: numpy_helper.to_array(t) for t in graph.initializer}

    assert "MatMulInteger" not in {node.op_type for node in graph.node}
    assert not [name for name, values in large.items() if values.dtype == np.int8]
    products = [name.removesuffix("_weight") for name in large if name.endswith("_output_0_weight")]
    assert len(products) == 36
    for name in products:
        scaled = small[f"{name}_int8"] * small[f"{name}_scale"]
        np.testing.assert_array_equal(large[f"{name}_weight"], scaled)
    with pytest.raises(ValueError, match="no row-wise int8 products"):
        dequantise(tmp_path / "fp32.onnx", tmp_path / "again.onnx")


def test_the_ratio_of_each_pass_is_told():
    timings = {
        "notemill_int8_fused_old": {"notes": 20, "seconds": 2.0, "passes": [2.0, 1.0, 4.0]},
        "spark_nlp_tuned": {"notes": 10, "seconds": 5.0, "passes": [5.0, 5.0, 10.0]},
    }
    (told,) = goals(timings)
    assert (told["measured"], told["passes"]) == (5.0, [5.0, 10.0, 5.0])
