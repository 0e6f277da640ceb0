"""Annotation columns put together to notes, and the card of them: which spans, and all escaped."""

from annotators.core.views.annotated import Found, note_of
from annotators.core.views.card import card
from annotators.core.views.notes import Note

TEXT = "No fever. Asthma."
SENTENCES = [Found("document", 0, 8, "No fever.", {}), Found("document", 10, 16, "Asthma.", {})]
FEVER = Found("chunk", 3, 7, "fever", {"entity": "Disease", "confidence": "0.9", "sentence": "0"})
ASTHMA = Found("chunk", 10, 15, "Asthma", {"entity": "Disease", "confidence": "NaN"})
ABSENT = Found("assertion", 3, 7, "absent", {"section": "Plan", "negation": "absent"})


def test_chunks_have_their_assertions_and_are_shown_once():
    note = note_of(
        {"sentence": SENTENCES, "ner_chunk": [FEVER, ASTHMA], "assertion": [ABSENT], "no": [FEVER]}
    )

    assert note.text == TEXT
    fever, asthma = note.entities
    assert (fever.begin, fever.end, fever.label, fever.score, fever.sentence) == (
        3,
        8,
        "Disease",
        0.9,
        0,
    )
    assert fever.negated
    assert fever.fact("section") == "Plan"
    assert (asthma.score, asthma.sentence, asthma.facts) == (None, None, ())


def test_labels_of_tokens_are_shown_where_there_are_no_chunks():
    tokens = [
        Found("named_entity", 0, 1, "O", {"word": "No"}),
        Found("named_entity", 3, 7, "B-Disease", {"word": "fever", "B-Disease": "0.75"}),
    ]
    note = note_of({"ner": tokens}, text=TEXT)

    assert note.text == TEXT
    assert [(e.label, e.text, e.score) for e in note.entities] == [("B-Disease", "fever", 0.75)]


def test_labels_of_sentences_have_their_score():
    kind = Found("category", 0, 8, "0", {"0": "0.25", "sentence": "0"})
    (label,) = note_of({"sentence": SENTENCES, "class": [kind]}).sentences

    assert label == ("class", 0, 9, "0", 0.25)


def test_a_card_holds_its_style_and_no_unescaped_text():
    hostile = "<script>alert(1)</script>"
    note = note_of({}, note_id=hostile, text=hostile, error=hostile)
    html = card([note, Note("n2", TEXT)], more="<b>")

    assert html.startswith('<div class="nm-view"><style>')
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("&lt;script&gt;") == 3


def test_a_card_of_nothing_is_a_card():
    assert note_of({}) == Note("", "")
    assert card([]).endswith("</style></div>")
