"""Notes as the kernel takes them, and the rules that come with Notemill."""

import re
from pathlib import Path

import numpy as np

import annotators
from annotators.core.annotations import Annotations, row_offsets
from annotators.core.assertion.kernel import AssertChunks, AssertionRules
from annotators.core.assertion.rules import parse

DATA = Path(annotators.__file__).parent / "data"
LINES = (DATA / "assertion.tsv").read_text("utf-8").splitlines()
RULES = parse(LINES, "assertion.tsv")
HEADINGS = tuple((DATA / "sections.tsv").read_text("utf-8").splitlines())
CLINICAL = AssertChunks(AssertionRules(RULES, HEADINGS))


def annotations(rows, texts):
    """Spans (begin, end, sentence) a row."""
    flat = [(text[b:e], b, e, s) for row, text in zip(rows, texts, strict=True) for b, e, s in row]
    return Annotations(
        row_offsets([len(row) for row in rows]),
        np.array([b for _, b, _, _ in flat], np.int32),
        np.array([e for _, _, e, _ in flat], np.int32),
        [t for t, *_ in flat],
        {"sentence": np.array([s for *_, s in flat], np.int32)},
    )


def lines_of(text):
    spans = [m.span() for m in re.finditer(r"[^\n]+", text)]
    return [(b, e, i) for i, (b, e) in enumerate(spans)]


def tokens_of(text):
    return [(m.start(), m.end(), 0) for m in re.finditer(r"\w+|[^\w\s]", text)]


def chunked(text):
    return [(m.start(), m.end(), 0) for m in re.finditer("pain|fever|rash|history|no", text)]


def read(texts, kernel=CLINICAL):
    """The statuses of the words that `chunked` finds; every line is a sentence."""
    return kernel(
        annotations([lines_of(text) for text in texts], texts),
        annotations([tokens_of(text) for text in texts], texts),
        annotations([chunked(text) for text in texts], texts),
    )
