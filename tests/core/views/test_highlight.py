"""Spans of a text as HTML: nested, crossing, adjacent; and nothing that is not escaped."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from annotators.core.views.highlight import Span, colours, highlighted


def bare(html):
    """The HTML with its marks as brackets, an end that is cut as |."""
    html = re.sub(r'<mark class="([^"]*)"[^>]*>', lambda m: "(" if "rest" in m[1] else "[", html)
    return html.replace("</mark>", "]")


def marked(text, *spans):
    return bare(highlighted(text, [Span(b, e, "X") for b, e in spans]))


def test_spans_stand_apart_beside_each_other_and_in_each_other():
    assert marked("abcdef", (1, 2), (4, 6)) == "a[b]cd[ef]"
    assert marked("abcdef", (0, 3), (3, 6)) == "[abc][def]"
    assert marked("abcdef", (0, 6), (1, 3), (1, 2)) == "[a[[b]c]def]"
    assert marked("abc", (0, 3), (0, 3)) == "[[abc]]"


def test_of_spans_that_cross_the_later_is_cut_where_the_earlier_ends():
    assert marked("abcdef", (0, 3), (2, 5)) == "[ab[c]](de]f"
    assert marked("abcdef", (0, 4), (2, 6), (3, 5)) == "[ab[c[d]]]((e]f]"


def test_spans_outside_the_text_are_left_out_or_end_with_it():
    assert marked("abc", (5, 9), (2, 2), (2, 9)) == "ab[c]"


def test_text_tags_and_details_are_escaped():
    span = Span(0, 8, '"><script>', 0, "a\n<b> & 'c'", data=(("k", '"'),))
    html = highlighted("<script>alert(1)</script>", [span])

    assert "<script" not in html
    assert html.count("<") == 2
    assert 'data-d="a&#10;&lt;b&gt; &amp; &#x27;c&#x27;"' in html
    assert 'data-k="&quot;"' in html


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(-3, 35), st.integers(-3, 35)), max_size=8)
)
def test_without_tags_it_is_the_text_and_marks_are_balanced(text, spans):
    html = highlighted(text, [Span(b, e, "L<") for b, e in spans])

    assert unescape(re.sub(r"<[^>]*>", "", html)) == unescape(text.replace("&", "&amp;"))
    assert html.count("<mark ") == html.count("</mark>")


def test_more_labels_than_colours_begin_again():
    hues = colours([f"label {n}" for n in range(10)])

    assert hues["label 0"] == hues["label 8"] == 0
    assert len(set(hues.values())) == 8
