"""IOB2 lines: what is read, what is repaired, what is refused and at which line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.chunks import iob2


def lines(*rows: str) -> list[str]:
    return [row + "\n" for row in rows]


def test_sentences_keep_tokens_tags_and_first_line() -> None:
    found = iob2.parse(lines("", "Aspirin\tB-Chemical", "helps\tO", "", "", "Pain\tB-Disease"))
    assert found.sentences == (
        iob2.Sentence(("Aspirin", "helps"), ("B-Chemical", "O"), 2),
        iob2.Sentence(("Pain",), ("B-Disease",), 6),
    )
    assert found.repairs == ()


def test_windows_line_ends_byte_order_mark_and_document_lines() -> None:
    found = iob2.parse(["\ufeff-DOCSTART-\tO\r\n", "\r\n", "a\tO\r\n", "-DOCSTART-\tO\r\n", "b\tO"])
    assert [s.tokens for s in found.sentences] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("tags", "became"),
    [
        (["I-A", "I-A"], ["B-A", "I-A"]),
        (["O", "I-A"], ["O", "B-A"]),
        (["B-B", "I-A", "I-A"], ["B-B", "B-A", "I-A"]),
        (["I-B", "I-A"], ["B-B", "B-A"]),
    ],
)
def test_an_inside_tag_without_its_begin_is_repaired_and_counted(
    tags: list[str], became: list[str]
) -> None:
    found = iob2.parse([f"t\t{tag}" for tag in tags])
    assert list(found.sentences[0].tags) == became
    changed = [
        iob2.Repair(i, a, b) for i, (a, b) in enumerate(zip(tags, became, strict=True), 1) if a != b
    ]
    assert list(found.repairs) == changed


def test_an_entity_does_not_run_on_over_a_blank_line() -> None:
    found = iob2.parse(["a\tB-A", "", "b\tI-A"])
    assert found.sentences[1].tags == ("B-A",)
    assert found.repairs == (iob2.Repair(3, "I-A", "B-A"),)


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        (["a\tO", "b"], 2, "1 columns"),
        (["a\tO", "b\tO\tx"], 2, "3 columns"),
        (["a"], 1, "1 columns"),
        (["a O", "b X O"], 2, "3 columns parted by blanks, expected 2 as in the first line"),
        (["a X X O", "", "b X O"], 3, "3 columns parted by blanks, expected 4"),
        (["a O", "b B-Body part"], 2, "3 columns"),
        (["a X X X"], 1, "none of O"),
        (["a\tb-A"], 1, "none of O"),
        (["\tO"], 1, "token is empty"),
        (["a\tX"], 1, "none of O"),
        (["a\tB-"], 1, "none of O"),
        ([], 1, "no sentence"),
        (["", "  ", ""], 3, "no sentence"),
    ],
)
def test_what_is_no_iob2_is_refused_with_its_line(rows: list[str], line: int, words: str) -> None:
    with pytest.raises(iob2.Iob2Error) as caught:
        iob2.parse(lines(*rows))
    assert caught.value.problems[0][0] == line
    assert words in str(caught.value)
    assert f"line {line}:" in str(caught.value)


def test_an_error_names_lines_but_no_token_and_no_malformed_tag() -> None:
    with pytest.raises(iob2.Iob2Error) as caught:
        iob2.parse(["Jane Roe", "secret\tJane"] * 4)
    assert "Jane" not in str(caught.value)
    assert "and 3 more" in str(caught.value)
    assert [line for line, _ in caught.value.problems] == list(range(1, 9))


def test_conll_2003_is_read_as_it_is() -> None:
    found = iob2.parse(
        lines(
            "-DOCSTART- -X- -X- O", "", "EU NNP I-NP I-ORG", "rejects VBZ I-VP O", "",
            "-DOCSTART- -X- O O", "", "Peter  NNP I-NP I-PER", "Roe NNP I-NP I-PER ",
            "Jane NNP I-NP B-PER",
        )
    )  # fmt: skip
    assert found.sentences == (
        iob2.Sentence(("EU", "rejects"), ("B-ORG", "O"), 3),
        iob2.Sentence(("Peter", "Roe", "Jane"), ("B-PER", "I-PER", "B-PER"), 8),
    )
    assert [(r.line, r.found, r.became) for r in found.repairs] == [
        (3, "I-ORG", "B-ORG"),
        (8, "I-PER", "B-PER"),
    ]


@pytest.mark.parametrize("letters", ["BIES", "BILU", "BMES"])
def test_schemes_with_ends_become_iob2(letters: str) -> None:
    begin, inside, end, single = letters
    tags = [f"{single}-A", f"{single}-A", f"{begin}-A", f"{inside}-A", f"{end}-A", f"{begin}-B",
            f"{end}-B", "O", f"{single}-B"]  # fmt: skip
    found = iob2.parse([f"t\t{tag}" for tag in tags])
    assert list(found.sentences[0].tags) == [
        "B-A", "B-A", "B-A", "I-A", "I-A", "B-B", "I-B", "O", "B-B",
    ]  # fmt: skip
    assert found.repairs == ()


def test_an_end_without_its_begin_is_repaired_and_counted() -> None:
    found = iob2.parse(["a\tE-A", "b\tI-A", "c\tO", "d\tL-A", "e\tS-A", "f\tI-A"])
    assert list(found.sentences[0].tags) == ["B-A", "B-A", "O", "B-A", "B-A", "B-A"]
    assert [(r.line, r.found) for r in found.repairs] == [
        (1, "E-A"), (2, "I-A"), (4, "L-A"), (6, "I-A"),
    ]  # fmt: skip


def test_a_type_may_have_blanks_where_tabs_part_columns() -> None:
    found = iob2.parse(["left arm\tB-Body part", "x\tI-Body part", "y\tS-Lab test"])
    assert found.sentences[0].tokens == ("left arm", "x", "y")
    assert found.sentences[0].tags == ("B-Body part", "I-Body part", "B-Lab test")
    assert iob2.entity_types(found.sentences[0].tags) == ("Body part", "Lab test")


def test_only_blanks_and_tabs_part_columns() -> None:
    assert iob2.parse(["a\u00a0b O"]).sentences[0].tokens == ("a\u00a0b",)


WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=5)
TAGS = st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"])


@given(st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=6), min_size=1, max_size=5))
def test_every_token_comes_back_and_every_inside_tag_has_its_begin(
    sentences: list[list[tuple[str, str]]],
) -> None:
    rows = [row for s in sentences for row in [*(f"{a}\t{b}" for a, b in s), ""]]
    found = iob2.parse(rows)
    assert [s.tokens for s in found.sentences] == [tuple(a for a, _ in s) for s in sentences]
    for sentence in found.sentences:
        for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False):
            assert tag[0] != "I" or before[1:] == tag[1:]
    again = iob2.parse(
        [
            r
            for s in found.sentences
            for r in [*(f"{a}\t{b}" for a, b in zip(s.tokens, s.tags, strict=True)), ""]
        ]
    )
    assert [s.tags for s in again.sentences] == [s.tags for s in found.sentences]
    assert again.repairs == ()


def test_what_is_written_is_read_again_without_the_tokens_that_no_line_holds() -> None:
    pairs = [("a", "B-A"), ("\u00a0", "I-A"), ("b", "I-A"), ("\u3000", "B-B"), ("\x1c", "I-B"),
             ("c", "I-B"), ("-DOCSTART-", "O"), ("d", "O")]  # fmt: skip
    found = iob2.parse(iob2.block(pairs).splitlines(keepends=True))

    assert found.sentences == (iob2.Sentence(("a", "b", "c", "d"), ("B-A", "I-A", "B-B", "O"), 1),)
    assert found.repairs == ()
    assert iob2.block([("\u00a0", "O")]) == ""


ANY = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\x0b\f\r"), min_size=1
)


@given(st.lists(st.tuples(ANY, TAGS)))
def test_whatever_the_tokens_are_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    """The tokenizer cuts at ASCII white space alone."""
    written = iob2.block(pairs)
    if written:
        (sentence,) = iob2.parse(written.split("\n")).sentences
        assert len(sentence.tokens) == written.count("\n") - 1


def test_labels_have_o_first_and_both_prefixes_of_each_type() -> None:
    assert iob2.label_list(["I-Z", "O", "B-A"]) == ("O", "B-A", "I-A", "B-Z", "I-Z")
