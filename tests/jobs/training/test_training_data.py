"""Training files: labels on first wordpieces, long rows in windows, bad input with its line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from jobs._training import data, windows
from jobs.recipes import spans

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "met", "##form", "##in", "helps", ".", "a"]
LABELS = ("O", "B-Chemical", "I-Chemical", "B-Disease", "I-Disease")


def tokenizer() -> Any:
    backend = Tokenizer(WordPiece({p: i for i, p in enumerate(PIECES)}, unk_token="[UNK]"))
    backend.normalizer = BertNormalizer(lowercase=True)
    backend.pre_tokenizer = BertPreTokenizer()
    return SimpleNamespace(backend_tokenizer=backend, cls_token_id=2, sep_token_id=3)


def example(tokens: list[str], tags: list[str], partial: bool = False) -> data.Example:
    return data.Example(tuple(tokens), tuple(tags), "x.tsv:1", partial)


def test_a_label_sits_on_the_first_wordpiece_only() -> None:
    rows = [example(["Metformin", "helps", "."], ["B-Chemical", "O", "O"])]
    (window,) = windows.encode_tokens(rows, tokenizer(), LABELS, 16)
    assert window.input_ids == (2, 5, 6, 7, 8, 9, 3)
    assert window.labels == (-100, 1, -100, -100, 0, 0, -100)
    assert window.tokens == (-1, 0, -1, -1, 1, 2, -1)


def test_o_of_a_partially_annotated_file_gets_an_id_of_its_own() -> None:
    rows = [example(["a", "metformin"], ["O", "B-Disease"], partial=True)]
    (window,) = windows.encode_tokens(rows, tokenizer(), LABELS, 16)
    assert window.labels == (-100, len(LABELS), 3, -100, -100, -100)


@given(
    st.lists(
        st.sampled_from(["metformin", "a", "helps", "\u200d", "zzz", "metforminin"]),
        min_size=1,
        max_size=40,
    ),
    st.integers(min_value=8, max_value=20),
)
def test_no_token_is_lost_however_short_the_window(words: list[str], length: int) -> None:
    rows = [example(words, ["O"] * len(words))]
    made = windows.encode_tokens(rows, tokenizer(), LABELS, length)
    whole = tokenizer().backend_tokenizer.encode(words, is_pretokenized=True)
    assert [p for w in made for p in w.input_ids[1:-1]] == whole.ids
    assert all(len(w.input_ids) <= length for w in made)
    seen = [t for w in made for t in w.tokens if t >= 0]
    assert seen == sorted(set(whole.word_ids))
    assert sum(label != data.IGNORED for w in made for label in w.labels) == len(seen)


def test_a_long_text_becomes_windows_that_carry_its_label() -> None:
    rows = [example(["a " * 25], ["yes"])]
    made = windows.encode_texts(rows, tokenizer(), ("no", "yes"), 12)
    assert [len(w.input_ids) for w in made] == [12, 12, 7]
    assert {w.labels for w in made} == {(1,)}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_types_are_renamed_and_dropped_by_the_map(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", "x\tB-person\ny\tI-person\nz\tB-product\n")
    found = data.read_iob2(path, {"person": "PER", "product": ""})
    assert found.examples[0].tags == ("B-PER", "I-PER", "O")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.jsonl", '{"text": "a", "label": "x"}\n{"text": "b"}\n', "line 2: fields"),
        ("a.jsonl", '{"text": "a", "label": "x"}\nnope\n', "line 2: this is not a JSON object"),
        ("a.jsonl", "[1]\n", "line 1: this is not a JSON object"),
        ("a.jsonl", '{"text": "  ", "label": "x"}\n', "line 1: the text is empty"),
        ("a.jsonl", "", "line 1: no labelled text"),
        ("a.csv", "text,label\na,x\nb\n", "line 3: the row does not have as many columns"),
        ("a.tsv", "text\tlabel\na\tx\tmore\n", "line 2: the row does not have as many columns"),
    ],
)
def test_bad_labelled_text_is_refused_with_its_line(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    with pytest.raises(data.DataError, match=words):
        data.read_texts(write(tmp_path, name, text), "text", "label", {})


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_labelled_text_of_three_formats(tmp_path: Path, name: str) -> None:
    texts = {
        "a.jsonl": '{"text": "a, b", "label": 1}\n\n{"text": "c", "label": 3}\n',
        "a.csv": 'text,label\n"a, b",1\nc,3\n',
        "a.tsv": "text\tlabel\na, b\t1\nc\t3\n",
    }
    path = write(tmp_path, name, texts[name])
    found = data.read_texts(path, "text", "label", {"1": "no", "3": "no/yes"}).examples
    assert [e.tokens for e in found] == [("a, b",), ("c",)]
    assert [e.tags for e in found] == [("no",), ("no", "yes")]
    dropped = data.read_texts(path, "text", "label", {"3": ""}).examples
    assert [e.tokens for e in dropped] == [("a, b",)]


def test_bad_iob2_is_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"a\.tsv: line 2: found 1 columns"):
        data.read_iob2(write(tmp_path, "a.tsv", "a\tO\nb\n"), {})
    with pytest.raises(data.DataError, match=r"e\.tsv: line 1: no sentence"):
        data.read_iob2(write(tmp_path, "e.tsv", ""), {})


def test_bytes_that_are_no_utf_8_are_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes("a\tO\nna\u00efve\tO\n".encode("latin-1"))
    for read in (data.read_iob2, lambda p, _: data.read_texts(p, "text", "label", {})):
        with pytest.raises(data.DataError, match=r"a\.tsv: line 2: bytes that are not UTF-8"):
            read(path, {})


def brat(folder: Path, name: str, text: str, annotations: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes(annotations.encode())


def test_a_brat_folder_is_read(tmp_path: Path) -> None:
    brat(
        tmp_path, "b/two", "No pain in the left arm.\r\nTakes aspirin.",
        "T1\tSymptom 3 7\tpain\nT2\tBody part 15 23\tleft arm\nR1\tAt Arg1:T1 Arg2:T2\n"
        "#1\tAnnotatorNotes T1\tsure\nA1\tNegated T1\nT3\tDrug 32 39\taspirin\n"
        "T4\tSymptom 3 10;15 23\tpain in left arm\n",
    )  # fmt: skip
    brat(tmp_path, "one", "Well.", "")
    found = data.read_tagged(tmp_path, {"Drug": "Chemical"})
    by_file = {e.where: list(zip(e.tokens, e.tags, strict=True)) for e in found.examples}
    assert by_file["one.ann:1"] == [("Well", "O"), (".", "O")]
    assert next(e for e in found.examples if e.where == "b/two.ann:1").tags == (
        "O", "B-Symptom", "I-Symptom", "I-Symptom", "I-Symptom", "I-Symptom", "O",
    )  # fmt: skip
    assert found.examples[1].tokens == ("Takes", "aspirin", ".")
    assert found.examples[1].tags == ("O", "B-Chemical", "O")
    assert found.examples[1].place(1) == ("b/two.ann", 6)
    assert found.overlapped == ("b/two.ann:1", "b/two.ann:2")
    assert found.told() == [
        "2 entities were left out under longer ones that they overlap: b/two.ann:1, b/two.ann:2"
    ]
    with pytest.raises(data.DataError, match=r"b/two\.ann: line 6: label 'B-Chemical'"):
        data.check_labels(("O", "B-Symptom", "I-Symptom"), found.examples, "test")


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        ("\nT1\tDrug 0 99\taspirin\n", r"a\.ann: line 2: begin and end do not lie in the text"),
        ("T1\tDrug 4 4\t\n", r"a\.ann: line 1: begin and end"),
        ("T1\tDrug 9 6\taspirin\n", r"a\.ann: line 1: begin and end"),
        (
            "T1\tDrug 5 12\taspirin\n",
            r"a\.ann: line 1: the text at its offsets is not the one that it names",
        ),
        ("T1 Drug 6 13 aspirin\n", r"a\.ann: line 1: not a BRAT annotation"),
        ("T1\tDrug six 13\taspirin\n", r"a\.ann: line 1: not a BRAT annotation"),
        ("aspirin\n", r"a\.ann: line 1: not a BRAT annotation"),
    ],
)
def test_a_broken_brat_file_is_told_by_line_without_its_text(
    tmp_path: Path, annotations: str, words: str
) -> None:
    brat(tmp_path, "a", "Takes aspirin.", annotations)
    with pytest.raises(data.DataError, match=words) as told:
        data.read_tagged(tmp_path, {})
    assert "aspirin" not in str(told.value)


def test_a_folder_that_is_none_of_brat_is_refused(tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"has no \.ann file"):
        data.read_tagged(tmp_path, {})
    brat(tmp_path, "a", "Takes aspirin.", "")
    (tmp_path / "b.txt").write_text("Well.", encoding="utf-8")
    with pytest.raises(data.DataError, match=r"b\.txt: there is no \.ann file beside it"):
        data.read_tagged(tmp_path, {})
    (tmp_path / "b.txt").rename(tmp_path / "c")
    (tmp_path / "d.ann").touch()
    with pytest.raises(data.DataError, match=r"d\.txt: there is no such file"):
        data.read_tagged(tmp_path, {})


def test_a_label_that_only_another_file_has_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "t.tsv", "a\tO\n\nb\tO\nc\tB-New\n")
    examples = data.read_iob2(path, {}).examples
    with pytest.raises(data.DataError, match=r"t\.tsv: line 4: label 'B-New' of the test file"):
        data.check_labels(LABELS, examples, "test")


def test_spans_become_tags_and_no_entity_is_cut() -> None:
    text = "The E. coli gene p50 binds (IL-2). Cells of type T. B grow.\nNext one"
    entities = [
        {"begin": 17, "end": 20, "label": "protein"},
        {"begin": 28, "end": 32, "label": "protein"},
        {"begin": 49, "end": 53, "label": "cell_type"},
    ]
    found = list(spans.rows(text, entities))
    assert [[t for t, _ in s] for s in found] == [
        ["The", "E", ".", "coli", "gene", "p50", "binds", "(", "IL-2", ")", "."],
        ["Cells", "of", "type", "T", ".", "B", "grow", "."],
        ["Next", "one"],
    ]
    tagged = [(t, g) for s in found for t, g in s if g != "O"]
    assert tagged == [
        ("p50", "B-protein"),
        ("IL-2", "B-protein"),
        ("T", "B-cell_type"),
        (".", "I-cell_type"),
        ("B", "I-cell_type"),
    ]


def test_of_two_entities_that_overlap_the_longer_stays() -> None:
    entities = [
        {"begin": 0, "end": 4, "label": "DNA"},
        {"begin": 0, "end": 9, "label": "protein"},
    ]
    assert spans.outermost(entities) == [(0, 9, "protein")]
