"""Texts as their readers see them, as long as they are, in linear time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.annotations import Annotations, row_offsets
from annotators.core.documents import AssembleDocuments
from annotators.core.seen import letters, seen, seen_whole
from annotators.core.sentences.kernel import DetectSentences
from annotators.core.sentences.rules import SentenceRules
from annotators.core.tokens.kernel import Tokenize

Z = "\u200b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no\u00a0asthma\u2003or\u202fpain", "no asthma or pain"),
        ("a\x0cb\x0bc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("asthma&nbsp;and", "asthma      and"),
        ("asthma&nbsp", "asthma     "),
        ("asthma&amp;nbsp;x", "asthma          x"),
        ("<b>asthma</b>", "   asthma    "),
        ('x<br/>y<P class="a b">z', "x\n    y\n              z"),
        ("a<!-- no\npain -->b", "a                b"),
        ("BP &lt;120 &amp; up", f"BP <   120 &{' ' * 4} up"),
        ("Sj&ouml;gren&#39;s", f"Sjö{Z * 5}gren'    s"),
        ("asp\u00adirin\u200b. \ufeffx", "asp\u00adirin .  x"),
        ("R&D, AT&T; <5 and >3, Na<K, <b and>, &foo;", None),
        ("a < b > c <- d </ e", None),
        ("Kein Fieber. Größe 1.80\r\n\tx", None),
    ],
)
def test_what_is_seen(text, expected):
    assert seen(text) == (text if expected is None else expected)
    assert len(seen(text)) == len(text)


def test_words_are_whole():
    assert seen_whole("n\u200bo as\u00adth\u200bma.") == "no  asthma  ."
    assert seen_whole("Sj&ouml;gren") == "Sjögren     "
    assert letters("as\u00adth\u200bma") == "asthma"


@given(
    st.text(st.sampled_from([*"ab<>&;/#!-= nbsp", "\u00a0", "\u200b", "\x0c", '"']), max_size=60)
)
def test_nothing_gets_longer_or_shorter(text):
    for view in (seen, seen_whole):
        assert len(view(text)) == len(text)
    assert not set(seen(text)) & set("\u00a0\x0c")


@pytest.mark.parametrize(
    "part",
    ["<", "<b ", "<b a=", "<!--", "&", "&amp;", "\u200b", "a\u200b", '<b x="', "&#", "<b" + " " * 99, "x",
     "<a b='c' "],
)  # fmt: skip
def test_it_takes_linear_time(part):
    started = time.process_time()
    seen_whole("a\u200bb" + part * (200_000 // len(part)) + "a")
    assert time.process_time() - started < 2


def found(text, as_seen):
    documents = AssembleDocuments()([text])
    sentences = DetectSentences(SentenceRules(break_at_lines=True), as_seen)(documents)
    return sentences, Tokenize(as_seen=as_seen)(sentences)


def test_sentences_are_the_text_s_own_and_tokens_have_their_letters():
    text = "Hx:\u00a0asth\u200bma&nbsp;<b>severe</b>.<br>Sj&ouml;gren\u00a0no"
    sentences, tokens = found(text, as_seen=True)
    assert tokens.result == ["Hx", ":", "asthma", "severe", ".", "Sjögren", "no"]
    for made in (sentences, tokens):
        spans = zip(made.begin.tolist(), made.end.tolist(), made.result, strict=True)
        assert all(letters(text[b:e]) in (letters(r), "Sj&ouml;gren") for b, e, r in spans)
    assert [text[b:e] for b, e in zip(sentences.begin, sentences.end, strict=True)] == (
        sentences.result
    )
    plain = found(text, as_seen=False)[1]
    assert "<b>severe</b>" in plain.result


def test_a_trigger_is_seen_through_what_hides_it():
    from annotators import ContextualAssertion

    kernel = ContextualAssertion.pretrained()._kernel()
    for text in ("No asthma", "N\u200bo\u00a0asthma", "No <b>asthma</b>", "No&nbsp;asthma"):
        begin = text.index("asthma")
        sentences, tokens = found(text, as_seen=True)
        chunks = Annotations(
            row_offsets([1]), sentences.begin[:1] * 0 + begin, sentences.begin[:1] * 0 + begin + 6,
            ["asthma"], {"sentence": sentences.fields["sentence"][:1]},
        )  # fmt: skip
        assert kernel(sentences, tokens, chunks).result == ["absent"]
