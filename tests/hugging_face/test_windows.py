"""Sentences over several windows: our windows beside the `stride` of transformers' pipeline."""

from dataclasses import dataclass
from itertools import accumulate

import pytest

from tests.hugging_face.parity import (
    annotate,
    assert_same_groups,
    bare,
    our_chunks,
    pieces,
    their_groups,
    their_pieces,
    words_in,
)


@dataclass(frozen=True)
class Sizes:
    """Wordpieces a window, of two windows together, and the number of windows."""

    longest: int
    overlap: int
    windows: int

    @property
    def step(self):
        return self.longest - 2 - self.overlap


SHORT, FULL = Sizes(64, 16, 24), Sizes(512, 32, 4)
"""Many seams; and windows as long as the model's own."""


def long_sentence(theirs, sentences, sizes):
    """Words whose wordpieces fill the windows to the last place, and each word's first piece.

    Their last window begins where its turn is and may be short, ours is moved left to be full: so
    all windows are the same.
    """
    wanted = sizes.longest - 2 + (sizes.windows - 1) * sizes.step
    every = [w for words in sentences for w in words if bare(theirs, w)]
    lengths = [len(pieces(theirs, word)) for word in every]
    for start in range(len(every)):
        firsts = list(accumulate(lengths[start:], initial=0))
        if wanted in firsts:
            count = firsts.index(wanted)
            return every[start : start + count], firsts[:count]
    raise AssertionError("no such words")


def at_seams(firsts, sizes):
    """The words with a piece that lies in two windows, and their neighbours."""
    starts = range(sizes.step, sizes.windows * sizes.step, sizes.step)
    doubled = {piece for start in starts for piece in range(start, start + sizes.overlap)}
    ends = [*firsts[1:], firsts[-1] + 1]
    inside = {i for i, first in enumerate(firsts) if doubled & set(range(first, ends[i]))}
    return {near for i in inside for near in (i - 1, i, i + 1)}


def beside_stride(pair, sentences, sizes):
    """Our chunks and their groups of one long sentence, and the words at its seams."""
    folder, theirs = pair
    before = theirs.tokenizer.model_max_length
    theirs.tokenizer.model_max_length = sizes.longest
    try:
        words, firsts = long_sentence(theirs, sentences, sizes)
        groups = their_groups(theirs, words, "first", stride=sizes.overlap)
    finally:
        theirs.tokenizer.model_max_length = before
    (row,) = annotate(folder, [words], longest=sizes.longest, overlap=sizes.overlap)
    assert words_in(row) == words
    return our_chunks(row), groups, at_seams(firsts, sizes)


@pytest.mark.parametrize("sizes", [SHORT, FULL], ids=lambda sizes: str(sizes.longest))
def test_windows_give_what_their_stride_gives(pair, sentences, sizes):
    """Every group that lies in one window only, and most of those that two windows share."""
    ours, groups, seams = beside_stride(pair, sentences, sizes)

    def apart(found):
        return [c for c in found if not seams & set(range(c[0], c[1] + 1))]

    equal = {c[:3] for c in ours} & {g[:3] for g in groups}
    print(
        f"{sizes.windows} windows: {len(apart(ours))} of {len(ours)} chunks lie in one window; "
        f"{len(equal)} equal of {len(ours)} ours, {len(groups)} theirs"
    )
    assert len(apart(ours)) > 10
    assert_same_groups(apart(ours), apart(groups))


def test_at_a_seam_a_word_has_the_label_of_its_most_central_window(random_pair, sentences):
    """Theirs lets both windows speak: of groups that overlap, the longer one or the surer stays."""
    ours, groups, seams = beside_stride(random_pair, sentences, SHORT)
    differing = {c[:3] for c in ours} ^ {g[:3] for g in groups}

    assert differing
    assert all(seams & set(range(first, last + 1)) for first, last, _ in differing)


def test_a_long_sentence_is_labelled_to_its_end(trained_pair, sentences):
    """Without `stride`, theirs cuts it at the model's length; both agree well before that."""
    folder, theirs = trained_pair
    words = [word for sentence in sentences for word in sentence if bare(theirs, word)][:1_000]
    (row,) = annotate(folder, [words])
    cut = their_pieces(theirs, words)

    assert len(row["ner"]) == 1_000
    assert len(cut) == 510
    assert cut[-1][0] < 700
    for word, label, _ in {w: (w, *rest) for w, *rest in reversed(cut) if w < 100}.values():
        assert row["ner"][word].result == label


def test_a_window_holds_128_wordpieces_unless_told_otherwise(random_pair, sentences):
    """Spark NLP's default; theirs is the model's own length, 512, which the tests above set."""
    from annotators import BertForTokenClassification

    folder, theirs = random_pair
    words = [word for sentence in sentences for word in sentence if bare(theirs, word)][:150]
    length = sum(len(pieces(theirs, word)) for word in words)
    default = BertForTokenClassification().getMaxSentenceLength()
    same, other = (annotate(folder, [words], longest)[0] for longest in (512, default))

    assert 126 < length <= 510
    assert_same_groups(our_chunks(same), their_groups(theirs, words, "first"))
    assert our_chunks(other) != our_chunks(same)
