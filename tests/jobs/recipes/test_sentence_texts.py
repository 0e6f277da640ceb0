"""Training texts of the sentence detector: their ends are where sentences end, and can be found."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from annotators.core.boundaries import detector as boundaries
from jobs.recipes.sentence_detector.exact_spans import SpannedText, exact_span_scores
from jobs.recipes.sentence_detector.splitters import by_pysbd, by_regex, scored
from jobs.recipes.sentence_texts import asides
from jobs.recipes.sentence_texts.clinical import cut_clinical
from jobs.recipes.sentence_texts.marks import END, strip_marks
from jobs.recipes.sentence_texts.pools import Pools
from jobs.recipes.sentence_texts.prose import paragraph, wrapped
from jobs.recipes.sentence_texts.texts import texts
from jobs.recipes.sentence_texts.tokenised import detokenise, grouped, mended

PROSE = [
    "The patient was admitted with fever and cough.",
    "A radiograph of the chest showed consolidation of the right lower lobe.",
    "Antibiotics were given for seven days and the fever resolved.",
    "He was discharged on the eighth day without any complaint.",
    "The wound was clean and dry when the dressing was changed.",
    "She has not had chest pain since the last visit.",
    "There was no family history of early heart disease.",
    "We will see her again after the scan has been done.",
]
POOLS = Pools([PROSE], PROSE * 3, ["chest pain", "aspirin 81 mg daily", "No swelling noted."])
REAL = [f"PLAN\n\n{PROSE[0]}{END} {PROSE[1]}{END}\n- Rest{END}"]


def test_the_same_seed_gives_the_same_texts() -> None:
    made = list(texts(POOLS, REAL, 60, 7))
    assert made == list(texts(POOLS, REAL, 60, 7))
    assert made != list(texts(POOLS, REAL, 60, 8))


def test_every_end_is_one_that_the_scorer_can_choose() -> None:
    ends = missed = 0
    for made in texts(POOLS, REAL, 400, 7):
        assert all(a < b for a, b in pairwise(made.ends))
        assert all(not made.text[end - 1].isspace() for end in made.ends)
        known = {*boundaries.candidates(made.text).tolist(), len(made.text.rstrip())}
        ends += len(made.ends)
        missed += len(set(made.ends) - known)
    assert ends > 3000
    assert missed / ends < 0.005


def test_marks_come_out_and_leave_ends_before_white_space() -> None:
    made = strip_marks(f"One.{END} Two{END}\n{END}\nThree \t{END}")
    assert made.text == "One. Two\n\nThree \t"
    assert [made.text[:end] for end in made.ends] == ["One.", "One. Two", "One. Two\n\nThree"]


def test_wrapping_breaks_at_blanks_and_counts_no_marks() -> None:
    text = paragraph(PROSE, Random(1))
    lines = wrapped(text, 40).split("\n")
    assert all(len(line.replace(END, "")) <= 40 for line in lines)
    assert " ".join(lines).split() == text.split()
    assert wrapped(f"aa bb{END} cc", 5) == f"aa bb{END}\ncc"


@pytest.mark.parametrize("kind", asides._BEFORE_SMALL)
def test_what_would_end_a_sentence_before_a_capital_stands_before_none(kind, monkeypatch) -> None:
    monkeypatch.setattr(asides, "ASIDES", (kind,))
    words = ["Given", "to", "Mary", "Smith", "yesterday"]
    for seed in range(40):
        told = asides.with_aside(words, Random(seed))
        assert told[-1] == "yesterday"
        assert told.index("Mary") - told.index("to") == 1
    assert asides.with_aside(["Mary", "Smith"], Random(1)) == ["Mary", "Smith"]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("A dose of 0 . 5 mg ( p < . 05 ) .", "A dose of 0.5 mg (p <.05)."),
        ("It was 3 . 5 % , i . e . high .", "It was 3.5%, i.e. high."),
        ("the `` so - called '' drug 's effect", 'the "so-called" drug\'s effect'),
    ],
)
def test_tokens_are_put_back_together(tokens: str, text: str) -> None:
    assert detokenise(tokens) == text


def test_wrong_cuts_of_corpora_are_undone() -> None:
    cut = ["A dose of 0 .", "5 mg was given .", "Smith et al .", "saw it .", "It helped ."]
    assert mended(cut) == [
        "A dose of 0 . 5 mg was given .",
        "Smith et al . saw it .",
        "It helped .",
    ]
    assert grouped(["It helped .", "no shape of one", "He left ."]) == [["It helped.", "He left."]]


def test_edited_notes_are_cut_by_a_plain_rule() -> None:
    line = "1. Saw Dr. Lee (Fig. 2). She is well.  Vitamin C.  Was it E. coli? No."
    assert cut_clinical(line) == [
        "1. Saw Dr. Lee (Fig. 2).",
        "She is well.",
        "Vitamin C.",
        "Was it E. coli?",
        "No.",
    ]


def test_exact_spans_count_both_ends() -> None:
    gold = [((0, 4), (5, 9)), ((0, 3),)]
    scores = exact_span_scores(gold, [frozenset({(0, 4), (5, 8)}), frozenset()])
    assert scores == {"precision": 0.5, "recall": 1 / 3, "f1": 0.4, "support": 3}
    assert exact_span_scores([()], [frozenset()])["f1"] == 0


def test_other_detectors_give_spans_of_the_text() -> None:
    text = "Seen by Dr. Lee.  He left (see above). \n- Rest"
    marked = SpannedText(text, ((0, 16), (18, 38), (40, 46)))
    assert [text[b:e] for b, e in by_regex(text)] == [
        "Seen by Dr.",
        "Lee.",
        "He left (see above).",
        "- Rest",
    ]
    pytest.importorskip("pysbd")
    assert scored([marked], by_pysbd())["f1"] == 1.0


def test_the_graph_computes_what_the_network_does() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra [train]")
    from jobs.recipes.sentence_detector.graph import onnx_difference, to_onnx
    from jobs.recipes.sentence_detector.network import Scorer

    torch.manual_seed(3)
    model = Scorer().eval()
    rows = np.concatenate(
        [
            boundaries.features(m.text, boundaries.candidates(m.text))
            for m in texts(POOLS, REAL, 8, 1)
        ]
    )
    assert len(rows) > 50
    assert onnx_difference(to_onnx(model), model, rows) < 1e-5


@pytest.mark.slow
def test_a_scorer_learns_from_a_few_texts() -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")
    from jobs.recipes.sentence_detector.network import examples, fit, scorer

    data = examples(texts(POOLS, REAL, 200, 1))
    model = fit(data, epochs=2, seed=1, batch=64)
    right = (scorer(model)(data.features) >= 0.5) == (data.labels == 1)
    always = max(data.labels.mean(), 1 - data.labels.mean())
    assert right.mean() > always + 0.1


def test_joined_prose_writes_what_evaluate_reads(tmp_path) -> None:
    from jobs._evaluation.gold import marked_texts
    from jobs.recipes.sentence_detector.joined_prose import joined_prose, main

    folder = tmp_path / "bc5cdr"
    folder.mkdir()
    rows = "".join(f"{t}\tO\n" for t in ["It", "helped", "."])
    (folder / "devel.tsv").write_text(f"{rows}\n{rows}", encoding="utf-8")
    main(tmp_path, tmp_path / "joined.jsonl")
    assert list(marked_texts(tmp_path / "joined.jsonl", "text")) == joined_prose(tmp_path)
    (row,) = map(json.loads, (tmp_path / "joined.jsonl").read_text("utf-8").splitlines())
    assert row == {"text": "It helped. It helped.", "sentences": [[0, 10], [11, 21]]}
